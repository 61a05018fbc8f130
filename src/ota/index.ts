/** A/B updates with trial, confirm and rollback, over the flash formats of the stock ESP-IDF bootloader. */
export { BootEntries, SLOT_COUNT } from "./boot-entries.js";
export type { BootloaderRollback, BootReport } from "./boot-report.js";
export type { ChunkedImage } from "./chunk-check.js";
export {
  type BootAction,
  type BootMode,
  type ConfirmedClaim,
  DECISION_TABLE,
  type DecisionRow,
  decide,
  type OtherImage,
  type OwnEntry,
  rowsFor,
  type Situation,
  type SlotKnowledge,
  type TrialFate,
} from "./decision.js";
export { type GateVerdict, type Health, type HealthCheck, HealthGate, type HealthGateOptions } from "./health-gate.js";
export { History, QUARANTINE_COUNT_MAX, type SlotImage, type Trial } from "./history.js";
export { readImageId } from "./image-identity.js";
export { Journal, type NewRecord } from "./journal.js";
export {
  decodeRecord,
  encodeRecord,
  FaultCause,
  type FaultCauseName,
  imageIdOf,
  type JournalRecord,
  NO_IMAGE,
  PlannedCause,
  type PlannedCauseName,
  RECORD_SIZE_BYTES,
  RecordType,
  RejectCause,
  type RejectCauseName,
} from "./journal-record.js";
export { type Deployment, ENVELOPE_SIZE_MAX, parseDeployment, parseEnvelope, parseRelease, type Release } from "./manifest.js";
export { publicKeysOf } from "./public-keys.js";
export { classifyReset, type ResetClass, resetClassOf } from "./reset-class.js";
export { deduceRunningSlot, findRunningSlot, type SlotEvidence } from "./running-slot.js";
export { ATTEMPT_COUNT_MAX } from "./situation.js";
export { SlotImages, type SlotImagesOptions, type SlotPath } from "./slot-images.js";
export { SlotWriter, type SlotWriterOptions, type WriterPhase } from "./slot-writer.js";
export { type ArmOptions, Slots, type SlotsOptions } from "./slots.js";
export {
  type AuthenticUpdate,
  authenticateUpdate,
  type JudgedUpdate,
  type JudgeOptions,
  judgeUpdate,
  type UpdateIdentity,
  type UpdateMemory,
  type UpdatePresent,
} from "./update-judge.js";

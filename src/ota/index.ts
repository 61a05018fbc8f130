/** A/B updates with trial, confirm and rollback, over the flash formats of the stock ESP-IDF bootloader. */
export { Aftercare, type AftercareOptions, type AftercareTimes, SOAK_BOOT_COUNT } from "./aftercare.js";
export { BootEntries, SLOT_COUNT } from "./boot-entries.js";
export type { SlotImage } from "./boot-log.js";
export type { BootReport } from "./boot-report.js";
export type { BootStatus, LastVerdict, SlotStatus } from "./boot-status.js";
export type { BootloaderRollback } from "./bootloader-rollback.js";
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
export { type ConfirmedImage, History, type RejectedImage, type Trial, type VerdictKind } from "./history.js";
export { readImageId } from "./image-identity.js";
export { ImageScrub, type ImageScrubOptions, type ScrubResult, type ScrubStatus } from "./image-scrub.js";
export { Journal, type JournalHealth, type NewRecord } from "./journal.js";
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
export {
  type BootLevel,
  type CrashStreak,
  ESSENTIAL_CRASH_COUNT,
  FALLBACK_CRASH_COUNT,
  levelOf,
  type Rung,
  rungOf,
  SAFE_CRASH_COUNT,
} from "./ladder.js";
export { type Deployment, ENVELOPE_SIZE_MAX, parseDeployment, parseEnvelope, parseRelease, type Release } from "./manifest.js";
export { publicKeysOf } from "./public-keys.js";
export { QUARANTINE_COUNT_MAX, type QuarantinedImage } from "./quarantine.js";
export type { ReleaseFloors } from "./releases.js";
export { classifyReset, type ResetClass, type ResetEvidence, resetClassOf } from "./reset-class.js";
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

/**
 * What is found at a start, put into the six closed words of the decision table.
 *
 * Reads journal, otadata and images, and writes nothing: everything that depends on a figure or on a byte ends here, so that
 * the table has words only. See docs/design/ota.md.
 */
import type { BootEntries } from "./boot-entries.js";
import type { ConfirmedClaim, OtherImage, Situation, TrialFate } from "./decision.js";
import type { History } from "./history.js";
import { shortImageId } from "./journal-record.js";
import { rungOf } from "./ladder.js";
import type { ResetClass } from "./reset-class.js";
import type { SlotImages } from "./slot-images.js";

/** How often one image is armed before it is sent away without a verdict. */
export const ATTEMPT_COUNT_MAX = 5;
/** Attempts that follow one another at once; the next ones wait. */
export const PROMPT_ATTEMPT_COUNT = 2;
/** Ends of an attempt that prove nothing by themselves, of which that many do. */
export const UNPROVEN_COUNT_MAX = 2;

export interface Findings {
  /** The running slot; `undefined` where the host does not know it. */
  readonly slot: number | undefined;
  /** Whether the journal took the BOOT of this start. */
  readonly isRecorded: boolean;
  readonly resetClass: ResetClass;
  /** Of the running image. */
  readonly imageId: string;
  readonly history: History;
  /** `undefined` where the partition table has no otadata. */
  readonly entries: BootEntries | undefined;
  readonly images: SlotImages;
}

/** May verify the other image in full, which takes a second a megabyte on a device: only where a row asks for it. */
export function classify(findings: Findings): Situation {
  const { slot, imageId, history, entries, images } = findings;
  const { confirmed } = history;
  const own = slot === undefined || !entries ? "unsettled" : entries.classifyOwn(slot);
  const isUnjudged = own === "unstated" || own === "pending";
  let fate = fateOf(history, imageId, slot);
  // A bootloader without rollback starts it again; a tool that flashed it once more leaves no such entry.
  if (fate === "none" && isUnjudged && wasSentAway(history, imageId)) fate = "sentAway";
  const rung = rungOf(history.streak, findings.resetClass);
  const otherId = images.idIn("nextota");
  let claim: ConfirmedClaim = "neither";
  if (confirmed?.imageId === imageId) claim = "own";
  // Only the image that it replaced can be here by a cut; another one was flashed by a tool, and means to stay.
  else if (confirmed?.imageId === otherId && confirmed?.replaced === shortImageId(imageId)) claim = "other";
  const isOpen = fate === "cut" || fate === "ended" || fate === "tired";
  const isAsked = isOpen || fate === "sentAway" || (fate === "none" && (claim === "other" || rung === "fallback"));
  return {
    slot: slot !== undefined && findings.isRecorded && entries ? "known" : "unknown",
    own,
    fate,
    claim,
    other: fate === "sentAway" && !entries!.hasFallback(slot!) ? "broken" : classifyOther(otherId, findings, isAsked),
    rung,
  };
}

function classifyOther(id: string | undefined, { history, images }: Findings, isAsked: boolean): OtherImage {
  if (id === undefined) return "broken";
  if (history.isQuarantined(id)) return "quarantined";
  if (isAsked && !images.isWhole("nextota")) return "broken";
  if (history.trial?.imageId === id) return "armed";
  const securityVersion = history.releases.of(id)?.securityVersion ?? 0;
  return securityVersion < history.floors.security ? "outdated" : "whole";
}

function wasSentAway({ confirmed, lastVerdict, rejected, quarantine }: History, imageId: string): boolean {
  if (confirmed?.imageId === imageId) return false;
  if (lastVerdict === "rejected") return rejected!.imageId === imageId;
  return lastVerdict === "quarantined" && quarantine.images[quarantine.images.length - 1]!.imageId === imageId;
}

function fateOf({ trial, progress }: History, imageId: string, slot: number | undefined): TrialFate {
  // Downloaded, never armed, and it runs: otadata lost the entry of the slot that ran. It has proved nothing yet.
  if (progress?.imageId === imageId && progress.slot === slot) return "running";
  if (!trial) return "none";
  if (trial.imageId === imageId && trial.slot === slot) return "running";
  const isUnproven = trial.endedBy === "unproven";
  if (trial.endedBy === "fault" || (isUnproven && trial.unprovenCount + 1 >= UNPROVEN_COUNT_MAX)) return "faulted";
  if (trial.attemptCount >= ATTEMPT_COUNT_MAX) return "exhausted";
  if (trial.attemptCount >= PROMPT_ATTEMPT_COUNT) return "tired";
  return trial.endedBy === "planned" ? "ended" : "cut";
}

/**
 * What is found at a start, put into the five closed words of the decision table.
 *
 * Reads journal, otadata and images, and writes nothing: everything that depends on a figure or on a byte ends here, so that
 * the table has words only. See docs/design/ota.md.
 */
import type { BootEntries } from "./boot-entries.js";
import type { ConfirmedClaim, OtherImage, Situation, TrialFate } from "./decision.js";
import type { History, Trial } from "./history.js";
import { shortImageId } from "./journal-record.js";
import type { SlotImages } from "./slot-images.js";

/** How often one image is armed before it is sent away without a verdict. */
export const ATTEMPT_COUNT_MAX = 5;

export interface Findings {
  /** The running slot; `undefined` where the host does not know it. */
  readonly slot: number | undefined;
  /** Whether the journal took the BOOT of this start. */
  readonly isRecorded: boolean;
  /** Of the running image. */
  readonly imageId: string;
  readonly history: History;
  /** `undefined` where the partition table has no otadata. */
  readonly entries: BootEntries | undefined;
  readonly images: SlotImages;
}

/** May verify the other image in full, which takes a second a megabyte on a device: only where a row asks for it. */
export function readSituation(findings: Findings): Situation {
  const { slot, imageId, history, entries, images } = findings;
  const { trial, confirmed } = history;
  const fate = fateOf(trial, imageId, slot);
  const otherId = images.idIn("nextota");
  let claim: ConfirmedClaim = "neither";
  if (confirmed?.imageId === imageId) claim = "own";
  // Only the image that it replaced can be here by a cut; another one was flashed by a tool, and means to stay.
  else if (confirmed?.imageId === otherId && confirmed?.replaced === shortImageId(imageId)) claim = "other";
  const isAsked = fate === "cut" || fate === "ended" || (fate === "none" && claim === "other");
  return {
    slot: slot !== undefined && findings.isRecorded ? "known" : "unknown",
    own: slot === undefined || !entries ? "unsettled" : entries.classifyOwn(slot),
    fate,
    claim,
    other: classifyOther(otherId, findings, isAsked),
  };
}

function classifyOther(id: string | undefined, { history, images }: Findings, isAsked: boolean): OtherImage {
  if (id === undefined) return "broken";
  if (history.isQuarantined(id)) return "quarantined";
  if (isAsked && !images.isWhole("nextota")) return "broken";
  return history.trial?.imageId === id ? "armed" : "whole";
}

function fateOf(trial: Trial | undefined, imageId: string, slot: number | undefined): TrialFate {
  if (!trial) return "none";
  if (trial.imageId === imageId && trial.slot === slot) return "running";
  if (trial.endedBy === "fault") return "faulted";
  if (trial.attemptCount >= ATTEMPT_COUNT_MAX) return "exhausted";
  return trial.endedBy === "planned" ? "ended" : "cut";
}

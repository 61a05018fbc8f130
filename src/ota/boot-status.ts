/**
 * What a person needs to know of a device that does not update: levels, slots, attempts, verdicts, quarantine, journal.
 *
 * Plain values, so that they can be sent as they are. See docs/design/ota.md.
 */
import { otaStateName } from "../image/otadata.js";
import type { BootEntries } from "./boot-entries.js";
import type { BootReport } from "./boot-report.js";
import type { BootMode } from "./decision.js";
import type { History, Trial, VerdictKind } from "./history.js";
import type { JournalHealth } from "./journal.js";
import { RejectCause } from "./journal-record.js";
import type { BootLevel } from "./ladder.js";
import type { QuarantinedImage } from "./quarantine.js";
import type { SlotImages } from "./slot-images.js";

/** One of the two slots. */
export interface SlotStatus {
  /** 0 or 1. */
  readonly slot: number;
  readonly isRunning: boolean;
  /** 16 hexadecimal digits; `undefined` where there is no image. */
  readonly imageId: string | undefined;
  /** From the application descriptor; `undefined` where there is none to be read. */
  readonly version: string | undefined;
  /** In the slot's otadata entry: valid, new, pendingVerify, invalid, aborted …; `undefined` where no entry names the slot. */
  readonly state: string | undefined;
  /** What the image's release was numbered; `undefined` where no release named it. */
  readonly releaseNumber: number | undefined;
  readonly securityVersion: number | undefined;
}

/** The last verdict on an image. */
export interface LastVerdict {
  readonly verdict: VerdictKind;
  readonly imageId: string;
  /** Of a rejection: inconclusive, exhausted, missing; `undefined` where there is nothing to add. */
  readonly because: string | undefined;
}

export interface BootStatus {
  readonly level: BootLevel;
  readonly mode: BootMode;
  /** The row of the decision table that this start met. */
  readonly decision: string;
  /** Why no update is taken; `undefined` where they are. */
  readonly fault: string | undefined;
  readonly bootCount: number;
  /** Unhealthy starts in a row. */
  readonly crashCount: number;
  /** Empty where the host does not know the running slot. */
  readonly slots: readonly SlotStatus[];
  /** The image that is armed, or on trial, or waits for its next attempt. */
  readonly trial: Trial | undefined;
  readonly lastVerdict: LastVerdict | undefined;
  /** Oldest first. */
  readonly quarantine: readonly QuarantinedImage[];
  /** The least release and security version that are taken. */
  readonly releaseFloor: number;
  readonly securityFloor: number;
  /** `undefined` where the partition table has none. */
  readonly journal: JournalHealth | undefined;
}

/** Puts it together from what the boot authority has. Throws what reading the flash does. */
export function bootStatusOf(options: {
  readonly report: BootReport;
  readonly history: History;
  readonly entries: BootEntries | undefined;
  readonly images: SlotImages;
  readonly journal: JournalHealth | undefined;
  readonly isTrial: boolean;
}): BootStatus {
  const { report, history, entries, images, journal, isTrial } = options;
  const { runningSlot } = report;
  const slots: SlotStatus[] = [];
  if (runningSlot !== undefined) {
    for (const slot of [0, 1]) {
      const path = slot === runningSlot ? "running" : "nextota";
      const imageId = images.idIn(path);
      const release = history.releases.of(imageId);
      slots.push({
        slot,
        isRunning: slot === runningSlot,
        imageId,
        version: images.versionIn(path),
        state: stateOf(entries, slot),
        releaseNumber: release?.sequenceNumber,
        securityVersion: release?.securityVersion,
      });
    }
  }
  const { releaseFloor, securityFloor } = history.memory;
  return {
    level: report.level,
    mode: report.mode === "trial" && !isTrial ? "normal" : report.mode,
    decision: report.decision,
    fault: report.fault,
    bootCount: report.bootCount,
    crashCount: history.streak.count,
    slots,
    trial: history.trial,
    lastVerdict: lastVerdictOf(history),
    quarantine: history.quarantine.images.slice(),
    releaseFloor,
    securityFloor,
    journal,
  };
}

/** The last verdict on an image; `undefined` where there was none. */
export function lastVerdictOf({ lastVerdict, confirmed, rejected, quarantine }: History): LastVerdict | undefined {
  if (lastVerdict === "confirmed") return { verdict: lastVerdict, imageId: confirmed!.imageId, because: undefined };
  if (lastVerdict === "rejected") {
    const causes: readonly (keyof typeof RejectCause)[] = ["inconclusive", "unhealthy", "exhausted", "missing"];
    const because = causes.find((cause) => RejectCause[cause] === rejected!.cause);
    return { verdict: lastVerdict, imageId: rejected!.imageId, because };
  }
  if (lastVerdict === undefined) return undefined;
  const { images } = quarantine;
  return { verdict: lastVerdict, imageId: images[images.length - 1]!.imageId, because: undefined };
}

function stateOf(entries: BootEntries | undefined, slot: number): string | undefined {
  const entry = entries?.entryOf(slot);
  return entry && otaStateName(entry.state);
}

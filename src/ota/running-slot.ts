/**
 * Which slot runs, deduced from flash, for a host that cannot ask: Moddable without our native part.
 *
 * Looking at the slots cannot tell, but the bootloader is deterministic: it boots what otadata says, or the other slot where
 * that image is broken. So otadata as the bootloader left it decides, once it is known whether the other slot would have
 * booted. What stays in doubt is answered by the journal, or not at all: then nothing is written. See
 * docs/design/esp32-host.md.
 */
import { type OtaEntry, OtaState, selectOtaEntry, slotOfSequence } from "../image/otadata.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashStorage } from "../ports/flash.js";
import { BootEntries, SLOT_COUNT } from "./boot-entries.js";
import type { History } from "./history.js";
import { Journal } from "./journal.js";
import { SlotImages } from "./slot-images.js";

/** What is known without asking the chip. */
export interface SlotEvidence {
  /** otadata as the bootloader left it: read before this start writes any. */
  readonly entries: readonly OtaEntry[];
  /** Whether the image in the other slot would boot. */
  readonly isOtherWhole: boolean;
  /** Whether the other slot's first word is erased: nothing was ever completed there, or an update has begun. */
  readonly isOtherBlank: boolean;
  /** Of the running image. */
  readonly imageId: string | undefined;
  readonly history: History;
}

/** The slot that runs, of two without a factory image; `undefined` where it is in doubt. */
export function deduceRunningSlot(evidence: SlotEvidence): number | undefined {
  const { entries, imageId, history } = evidence;
  const followed = selectOtaEntry(entries);
  const first = followed === undefined ? 0 : slotOfSequence(entries[followed]!.sequence, SLOT_COUNT);
  if (evidence.isOtherWhole) return first; // Both would boot, so the one that is tried first did.
  const other = 1 - first;
  const isFirst = imageId !== undefined && knownIn(history, first) === imageId;
  const isOther = imageId !== undefined && knownIn(history, other) === imageId;
  if (isFirst !== isOther) return isFirst ? first : other;
  // An update erases only beside a followed VALID entry, and rot never makes a whole word FF: that slot was not tried.
  const isSettled = followed === undefined || entries[followed]!.state === OtaState.valid;
  return evidence.isOtherBlank && isSettled ? first : undefined;
}

/** The image that the journal last saw armed or confirmed in a slot. */
function knownIn({ trial, confirmed }: History, slot: number): string | undefined {
  if (trial?.slot === slot) return trial.imageId;
  return confirmed?.slot === slot ? confirmed.imageId : undefined;
}

/**
 * Gathers the evidence from flash and deduces. Hashes the other slot, a second a megabyte. `undefined` too where the partition
 * table is not one of two slots, journal and otadata.
 */
export function findRunningSlot(options: {
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
}): number | undefined {
  const { flash } = options;
  const labels = [...flash];
  const needed = ["otadata", "journal", "ota_0", "ota_1"];
  if (labels.indexOf("factory") >= 0 || labels.indexOf("ota_2") >= 0) return undefined;
  if (!needed.every((label) => labels.indexOf(label) >= 0)) return undefined;
  const entries = new BootEntries(flash);
  const journal = new Journal({ flash });
  try {
    const images = new SlotImages(options);
    return deduceRunningSlot({
      entries: entries.read(),
      isOtherWhole: images.isWhole("nextota"),
      isOtherBlank: images.isBlank("nextota"),
      imageId: images.idIn("running"),
      history: journal.history,
    });
  } finally {
    entries.close();
    journal.close();
  }
}

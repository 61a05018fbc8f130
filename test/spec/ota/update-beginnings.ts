/** Where the lives of an updating device begin: flashes at rest, made by the shipped code. */

import { FloorKind } from "../../../src/ota/floor-record.js";
import { Journal } from "../../../src/ota/journal.js";
import { RecordType } from "../../../src/ota/journal-record.js";
import { erasedImage, type FlashImage, SMALL_SECTOR_SIZE_BYTES, TearingFlash } from "../../harness/tearing-flash.js";
import { idOf, makeOffer, type Offer, UpdatingDevice } from "./updating-device.js";

/** A journal of 96 places a half, of which 48 are for copies. */
const SECTOR_COUNTS = Object.freeze({ journal: 6, otadata: 2, ota_0: 5, ota_1: 5 });

export interface Beginning {
  readonly flash: FlashImage;
  /** What the bootloader looks at. */
  readonly validation: "always" | "skipped";
  /** The image that runs. */
  readonly old: Offer;
  /** The one that it is offered. */
  readonly offer: Offer;
}

/** The first update of a device: slot 0 runs, slot 1 is erased, otadata has the bootloader's own entry. */
export function firstUpdate(): Beginning {
  const old = makeOffer(1);
  const factory = new TearingFlash({ image: erasedImage(SECTOR_COUNTS) });
  factory.program("ota_0", old.image.subarray(0, SMALL_SECTOR_SIZE_BYTES), 0);
  for (let offset = SMALL_SECTOR_SIZE_BYTES; offset < old.image.length; offset += SMALL_SECTOR_SIZE_BYTES) {
    factory.program("ota_0", old.image.subarray(offset, offset + SMALL_SECTOR_SIZE_BYTES), offset);
  }
  const journal = new Journal({ flash: factory });
  for (const [kind, first] of [
    [FloorKind.release, 1],
    [FloorKind.deployment, 10],
  ] as const) {
    journal.append({ type: RecordType.floor, detail: kind, first });
  }
  const flash = atRest({ flash: factory.image(), validation: "always", offer: undefined });
  return { flash, validation: "always", old, offer: makeOffer(2) };
}

/**
 * A later one: slot 1 runs, slot 0 holds the image before, the journal changes halves when the image is armed, and the
 * bootloader looks at the magic byte only.
 */
export function laterUpdate(): Beginning {
  const first = firstUpdate();
  const updated = new TearingFlash({ image: atRest({ flash: first.flash, validation: "skipped", offer: first.offer }) });
  fillJournal(updated, first.offer);
  return { flash: updated.image(), validation: "skipped", old: first.offer, offer: makeOffer(3) };
}

function atRest(options: ConstructorParameters<typeof UpdatingDevice>[0]): FlashImage {
  const device = new UpdatingDevice(options);
  device.run();
  return device.flash.image();
}

/** Records that still fit: BOOT, FLOOR, PROGRESS three times, PENDING. ARMED is the one that does not. */
const PLACES_LEFT = 6;

/** A download that was given up, of an image that is offered no more, then many starts, each a record. */
function fillJournal(flash: TearingFlash, running: Offer): void {
  const journal = new Journal({ flash });
  journal.append({ type: RecordType.progress, imageId: idOf(makeOffer(9).image), first: 2, second: 0 });
  while (journal.health.placeCount - journal.health.usedCount > PLACES_LEFT) {
    const first = journal.history.bootCount + 1;
    journal.append({ type: RecordType.boot, detail: 1, imageId: idOf(running.image), first, second: 1 });
  }
}

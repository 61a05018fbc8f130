/**
 * Whether a built image fits the product's slots, with room for the versions to come.
 *
 * A slot cannot grow in the field: the table is the one thing that an update does not change. So the build fails while there is
 * still headroom, not with the first update that no longer fits.
 */
import { readFileSync, statSync } from "node:fs";
import { Digest } from "../../hosts/node/digest.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { ChipId } from "../../src/image/chip.js";
import { verifyImage } from "../../src/image/image-verifier.js";
import { grouped } from "../terminal.js";
import type { TargetName } from "./target.js";

export const DEFAULT_HEADROOM_PERCENT = 10;

export interface FitOptions {
  readonly file: string;
  readonly target: TargetName;
  readonly slotSizeBytes: number;
  /** Part of the slot that an image has to leave free. */
  readonly headroomPercent: number;
}

/**
 * Says in one line how well the image fits. Throws `missing` without the file, `corrupt` for what the bootloader of `target`
 * would refuse, and `full` where it leaves too little of the slot.
 */
export function checkFit(options: FitOptions): string {
  const { file, slotSizeBytes, headroomPercent } = options;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new FirmwareError("missing", `${file}: no such file; expected an application image, xs_esp32.bin of a build`);
  }
  const image = readFileSync(file);
  try {
    verifyImage({ source: sourceOf(image), sizeBytesMax: image.length, Digest, chipId: ChipId[options.target] });
  } catch (error) {
    throw new FirmwareError("corrupt", `${file}: ${messageOf(error)}`);
  }
  const sizeBytesMax = Math.floor((slotSizeBytes * (100 - headroomPercent)) / 100);
  if (image.length > sizeBytesMax) {
    const slot = `a slot of ${grouped(slotSizeBytes)} with ${headroomPercent} % headroom`;
    throw new FirmwareError(
      "full",
      `${file}: ${grouped(image.length)} bytes do not fit ${slot}; expected at most ${grouped(sizeBytesMax)}`,
    );
  }
  const freePercent = Math.floor(((slotSizeBytes - image.length) * 100) / slotSizeBytes);
  return `${file}: ${grouped(image.length)} bytes fit a slot of ${grouped(slotSizeBytes)}, ${freePercent} % are free`;
}

function sourceOf(image: Uint8Array): { read(buffer: Uint8Array, offset: number): number } {
  return {
    read(buffer, offset) {
      const bytes = image.subarray(offset, offset + buffer.length);
      buffer.set(bytes);
      return bytes.length;
    },
  };
}

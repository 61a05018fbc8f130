/** A flash of no bytes, for the specs of a chip whose flash nobody looks at. */
import type { RawFlash } from "../../../hosts/simulated/chip.js";

export const noFlash: RawFlash = {
  sizeBytes: 0,
  sectorSizeBytes: 4096,
  read: () => new Uint8Array(0),
  program: () => {},
  eraseSector: () => {},
};

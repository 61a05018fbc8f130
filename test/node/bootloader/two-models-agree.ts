/**
 * The bootloader of the portable specs does what the whole model does, which is held against recorded boots.
 *
 * The small one was once compared in a program that nobody kept, so a later change of either would have parted them unseen.
 */
import { runBootloader as runWholeModel } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { readPartitions } from "../../../hosts/node/open-host.js";
import { createSeededChance } from "../../../hosts/node/random.js";
import { writeFactory } from "../../../hosts/node/simulator/factory.js";
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import { encodeOtaEntry } from "../../../src/image/otadata.js";
import { runBootloader as runSmallModel } from "../../harness/bootloader.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { smallImage } from "../../spec/image/small-image.js";

const SEED = 20_261_124;
const BOOT_COUNT = 1500;
const OTADATA_OFFSET = 0xd000;
const PARTITIONS_CSV = `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000
ota_0,   app,  ota_0, 0x10000, 0x2000
ota_1,   app,  ota_1, 0x20000, 0x2000
`;
const STATES: readonly number[] = [0, 1, 2, 3, 4, 0xffffffff, 77];

const below = createSeededChance(SEED);

/** Blank, an entry, or an entry with a bit that turned. */
function anyEntry(): Uint8Array {
  if (below(5) === 0) return new Uint8Array(32).fill(0xff);
  const bytes = encodeOtaEntry(below(6), STATES[below(STATES.length)]!);
  if (below(5) === 0) bytes[below(32)]! ^= 1 << below(8);
  return bytes;
}

/** Whole, broken behind its header, or not there. */
function anyImage(): Uint8Array {
  const image = smallImage().slice();
  const kind = below(3);
  if (kind === 1) image[300]! ^= 1;
  return kind === 2 ? new Uint8Array(image.length).fill(0xff) : image;
}

describe("the bootloader of the portable specs", () => {
  it(`boots what the whole model boots, and leaves the same otadata, in ${BOOT_COUNT} boots`, () => {
    const factory = new NorFlash({ sizeBytes: 0x40000 });
    writeFactory(factory, { image: smallImage(), partitionsCSV: PARTITIONS_CSV });
    const blank = factory.snapshot();
    const partitions = readPartitions(factory);
    const seen = new Set<number | undefined>();
    for (let count = 0; count < BOOT_COUNT; count++) {
      const bytes = blank.slice();
      bytes.set(anyEntry(), OTADATA_OFFSET);
      bytes.set(anyEntry(), OTADATA_OFFSET + 4096);
      for (const label of ["ota_0", "ota_1"]) bytes.set(anyImage(), partitions.find((one) => one.label === label)!.offset);
      const ways = { rollback: below(2) === 0, validation: below(2) === 0 ? "always" : "skipped", Digest } as const;
      const [whole, small] = [NorFlash.from(bytes), NorFlash.from(bytes)];
      const { slot, log } = runWholeModel({ ...ways, flash: whole });
      equal(runSmallModel({ ...ways, flash: openFlashStorage({ flash: small, partitions }) }), slot, `${count}: ${log}`);
      equal(small.read(OTADATA_OFFSET, 0x2000), whole.read(OTADATA_OFFSET, 0x2000), `${count}: ${log}`);
      seen.add(slot);
    }
    ok(seen.has(0) && seen.has(1) && seen.has(undefined), "either slot booted, and none");
  });
});

/**
 * Every recorded boot of the real bootloader, repeated on the model: the same partition boots, the same otadata is left.
 *
 * The recording knows of an image only whether it was valid; the damaged ones here are blank, cut or carry a flipped bit in
 * turn.
 */
import { readFileSync } from "node:fs";
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import {
  ChipId,
  encodePartitionTable,
  PARTITION_TABLE_OFFSET,
  type Partition,
  PartitionType,
} from "../../../src/image/index.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { patched, smallImage } from "../../spec/image/small-image.js";
import { MemoryFlash } from "./memory-flash.js";

interface Entry {
  readonly seq: number;
  readonly state: number;
  readonly crc: number;
}
interface Vector {
  readonly before: readonly [Entry, Entry];
  readonly imageOk: Readonly<Record<string, boolean>>;
  readonly boot: string | null;
  readonly after: readonly [Entry, Entry];
}
interface VectorSet {
  readonly bootloader: string;
  readonly rollbackEnabled: boolean;
  readonly partitions: readonly Omit<Partition, "encrypted" | "readonly">[];
  readonly vectors: readonly Vector[];
}

const FLASH_SIZE_BYTES = 4 * 1024 * 1024;
const ENTRY_SECTOR_SIZE_BYTES = 4096;
const recorded = JSON.parse(readFileSync(new URL("../../fixtures/bootloader-vectors.json", import.meta.url), "utf8")) as {
  sets: VectorSet[];
};
const good = smallImage();
const damaged = [new Uint8Array(good.length).fill(0xff), patched(good, 300, 0x40), good.slice(0, 200)];

function writeEntries(flash: MemoryFlash, offset: number, entries: readonly Entry[]): void {
  flash.bytes.fill(0xff, offset, offset + 2 * ENTRY_SECTOR_SIZE_BYTES);
  const view = new DataView(flash.bytes.buffer);
  for (const [index, entry] of entries.entries()) {
    const at = offset + index * ENTRY_SECTOR_SIZE_BYTES;
    view.setUint32(at, entry.seq, true);
    view.setUint32(at + 24, entry.state, true);
    view.setUint32(at + 28, entry.crc, true);
  }
}

function readEntries(flash: MemoryFlash, offset: number): Entry[] {
  const view = new DataView(flash.bytes.buffer);
  return [offset, offset + ENTRY_SECTOR_SIZE_BYTES].map((at) => ({
    seq: view.getUint32(at, true),
    state: view.getUint32(at + 24, true),
    crc: view.getUint32(at + 28, true),
  }));
}

describe("bootloader model: recorded boots", () => {
  it("has a recording to compare with", () => {
    const count = recorded.sets.reduce((sum, set) => sum + set.vectors.length, 0);
    ok(count >= 568, `only ${count} vectors`);
  });

  for (const set of recorded.sets) {
    const layout = set.partitions
      .filter((partition) => partition.type === PartitionType.app)
      .map((partition) => partition.label);
    const title = `${set.bootloader}, rollback ${set.rollbackEnabled ? "on" : "off"}, ${layout.join(" ")}`;
    it(`${title}: ${set.vectors.length} boots`, () => {
      const partitions = set.partitions.map((partition) => ({ ...partition, encrypted: false, readonly: false }));
      const otadata = partitions.find((partition) => partition.label === "otadata")!;
      const flash = new MemoryFlash(FLASH_SIZE_BYTES);
      flash.bytes.set(encodePartitionTable(partitions, { flashSizeBytes: FLASH_SIZE_BYTES }), PARTITION_TABLE_OFFSET);
      for (const [index, vector] of set.vectors.entries()) {
        for (const [number, partition] of partitions.entries()) {
          if (partition.type !== PartitionType.app) continue;
          const image = vector.imageOk[partition.label] ? good : damaged[(index + number) % damaged.length]!;
          flash.bytes.fill(0xff, partition.offset, partition.offset + good.length).set(image, partition.offset);
        }
        writeEntries(flash, otadata.offset, vector.before);
        const result = runBootloader({
          flash,
          rollback: set.rollbackEnabled,
          validation: "always",
          chipId: ChipId.esp32c3,
          Digest,
        });
        const why = `vector ${index}: ${JSON.stringify(vector)}, log: ${result.log.join("; ")}`;
        equal(result.partition?.label ?? null, vector.boot, why);
        equal(readEntries(flash, otadata.offset), vector.after, why);
        const slot = /^ota_(\d+)$/.exec(vector.boot ?? "")?.[1];
        equal(result.slot, slot === undefined ? undefined : Number(slot), why);
      }
    });
  }
});

/** What an update costs: the head of an image parsed, a sector written by the slot writer and read back by its verifier. */
import { SlotWriter } from "holdfast";
import { buildImage, ChipId, encodeAppDescriptor, mappedAddress, parseImageHead, segmentDataOffset } from "holdfast/image";
import type { XSHost } from "../../../hosts/xs/boot.js";
import type { Ruler } from "./ruler.js";

const PARSE_COUNT = 100;
const SECTOR_SIZE_BYTES = 4096;
/** The first sector is the head's, the last is not full; those between are measured. */
const SECTOR_COUNT = 10;
/** The least that a manifest may name: two chunks end among the sectors that are measured. */
const CHUNK_SIZE_BYTES = 4 * SECTOR_SIZE_BYTES;
const HASH_SIZE_BYTES = 32;
const CHIP_ID = ChipId.esp32c3;

/** An image of SECTOR_COUNT sectors, the last half full, with noise for data: the same at every run. */
function makeImage(host: XSHost): Uint8Array {
  const data = new Uint8Array((SECTOR_COUNT - 1) * SECTOR_SIZE_BYTES + SECTOR_SIZE_BYTES / 2);
  for (let index = 0; index < data.length; index++) data[index] = (index * 37 + (index >>> 8)) & 0xff;
  data.set(encodeAppDescriptor({ version: "1.0.0", projectName: "costs" }));
  const address = mappedAddress(CHIP_ID, "data", segmentDataOffset([], 0));
  return buildImage({ chipId: CHIP_ID, entryAddress: 0, segments: [{ address, data }], Digest: host.Digest });
}

/** What a release says of the image's chunks. */
function chunkDigestsOf(image: Uint8Array, host: XSHost): Uint8Array {
  const digests = new Uint8Array(HASH_SIZE_BYTES * Math.ceil(image.length / CHUNK_SIZE_BYTES));
  for (let offset = 0, index = 0; offset < image.length; offset += CHUNK_SIZE_BYTES) {
    const digest = new host.Digest();
    digest.write(image.subarray(offset, offset + CHUNK_SIZE_BYTES));
    digests.set(digest.digest(), HASH_SIZE_BYTES * index++);
  }
  return digests;
}

/** Measures all of them, in the slot that does not run. */
export function measureImage(ruler: Ruler, host: XSHost): void {
  const image = makeImage(host);
  const head = image.subarray(0, SECTOR_SIZE_BYTES);
  const chip = { chipId: CHIP_ID };
  ruler.perOperation("parse of an image's head", PARSE_COUNT, () => {
    parseImageHead(head, chip);
  });

  const writer = new SlotWriter({
    flash: host.flash,
    Digest: host.Digest,
    slots: { mayWriteOther: true },
    chipId: CHIP_ID,
    image: {
      imageSizeBytes: image.length,
      chunkSizeBytes: CHUNK_SIZE_BYTES,
      chunkDigests: chunkDigestsOf(image, host),
      imageIdentity: image.slice(image.length - HASH_SIZE_BYTES),
    },
  });
  const sectors: Uint8Array[] = [];
  for (let offset = 0; offset < image.length; offset += SECTOR_SIZE_BYTES) {
    sectors.push(image.subarray(offset, Math.min(offset + SECTOR_SIZE_BYTES, image.length)));
  }
  const wholeCount = sectors.length - 2;
  writer.write(sectors[0]!);
  ruler.perStep("4 KiB sector erased, written, kept", wholeCount, (index) => writer.write(sectors[index + 1]!));
  writer.write(sectors[sectors.length - 1]!);
  writer.verify();
  ruler.perStep("4 KiB sector read back and verified", wholeCount, () => {
    writer.verify();
  });
  while (!writer.verify());
  writer.close();
}

/**
 * Which images the stock bootloader refuses and which it accepts, each in turn.
 *
 * The accepted ones look like oversights and are not: the verifier must agree with the bootloader, or the core would think a
 * slot dead that boots. Being stricter is the business of the signed manifest.
 */
import { buildImage, ChipId, encodeAppDescriptor, parseImageHead } from "../../../src/image/index.js";
import { equal, notEqual, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "./sha256.js";
import { inSlot, patched, RAM_ADDRESS, rehashed, SHA256_SIZE_BYTES, smallImage, verify } from "./small-image.js";

const image = smallImage();
const CHECKSUM_AT = image.length - SHA256_SIZE_BYTES - 1;
const FIRST_LENGTH_AT = 28;

function ramImage(segmentCount: number, length = 4): Uint8Array {
  const segments = Array.from({ length: segmentCount }, () => ({ address: RAM_ADDRESS, data: new Uint8Array(length) }));
  return buildImage({ chipId: ChipId.esp32c3, entryAddress: RAM_ADDRESS, segments, Digest: SpecDigest });
}

describe("image: refused as by the bootloader", () => {
  it("a wrong magic byte", () => {
    throws(() => verify(rehashed(patched(image, 0, 0xe8))), "corrupt", /magic byte 0xe8, expected 0xe9/);
  });

  it("an erased slot", () => {
    throws(() => verify(new Uint8Array(4096).fill(0xff)), "corrupt", /magic byte 0xff/);
  });

  it("an empty source", () => {
    throws(() => verify(new Uint8Array(0)), "corrupt", /truncated after 0 bytes/);
  });

  it("a payload change without the checksum redone", () => {
    throws(() => verify(rehashed(patched(image, 300, 0x55))), "corrupt", /checksum 0x.., expected 0x../);
  });

  it("a wrong hash", () => {
    const last = image.length - 1;
    throws(() => verify(patched(image, last, image[last]! ^ 1)), "corrupt", /appended SHA-256/);
  });

  it("a stale hash: payload and checksum changed", () => {
    const stale = patched(patched(image, 300, image[300]! ^ 1), CHECKSUM_AT, image[CHECKSUM_AT]! ^ 1);
    throws(() => verify(stale), "corrupt", /appended SHA-256/);
  });

  it("another chip's id", () => {
    throws(
      () => verify(image, { chipId: ChipId.esp32s3 }),
      "corrupt",
      /chip id 0x0005 \(esp32c3\), expected 0x0009 \(esp32s3\)/,
    );
    throws(() => verify(patched(image, 12, 0x77)), "corrupt", /chip id 0x0077 \(unknown chip\), expected 0x0005 \(esp32c3\)/);
  });

  it("17 segments", () => {
    throws(() => verify(rehashed(patched(image, 1, 17))), "corrupt", /17 segments, expected 1 … 16/);
  });

  it("no segment (ours: it could only crash)", () => {
    throws(() => verify(rehashed(patched(image, 1, 0))), "corrupt", /0 segments, expected 1 … 16/);
  });

  it("one segment too many or too few", () => {
    throws(() => verify(patched(image, 1, 3)), "corrupt", /SHA-256/);
    throws(() => verify(patched(image, 1, 1)), "corrupt");
    // Four bytes of padding: what would be a third header is not all zeros. (Eight zeros would be a lawful empty segment.)
    const tight = smallImage({ payload: new Uint8Array(12) });
    throws(() => verify(inSlot(rehashed(patched(tight, 1, 3)))), "corrupt", /segment 2/);
    throws(() => verify(inSlot(rehashed(patched(tight, 1, 1)))), "corrupt", /checksum/);
  });

  it("a segment length that is no multiple of 4", () => {
    throws(() => verify(rehashed(patched(image, FIRST_LENGTH_AT, 0x11))), "corrupt", /segment 0 is 0x111 bytes long, expected/);
  });

  it("a segment of 16 MiB", () => {
    const long = rehashed(patched(image, FIRST_LENGTH_AT, 0, 0, 0, 1));
    throws(() => verify(long, { sizeBytesMax: 0x2000000 }), "corrupt", /segment 0 is 0x1000000 bytes long/);
  });

  it("a segment that ends beyond the slot", () => {
    const long = rehashed(patched(image, FIRST_LENGTH_AT, 0, 0x10));
    throws(() => verify(inSlot(long, 4096)), "corrupt", /segment 0 ends at 4128, expected at most 4096/);
  });

  it("a segment longer or shorter than it was", () => {
    throws(() => verify(inSlot(rehashed(patched(image, FIRST_LENGTH_AT, 0x14)))), "corrupt");
    throws(() => verify(inSlot(rehashed(patched(image, FIRST_LENGTH_AT, 0x0c)))), "corrupt");
  });

  it("a mapped load address that differs from the file offset modulo 64 KiB", () => {
    const message = /segment 0 has load address 0x3c000024, expected .* 0x20 modulo 64 KiB/;
    throws(() => verify(rehashed(patched(image, 24, 0x24))), "corrupt", message);
    throws(() => verify(rehashed(patched(image, 24, 0x24, 0, 0, 0x42))), "corrupt", /load address 0x42000024/);
    const another = rehashed(patched(image, 24, 0x20, 0, 5, 0x3c));
    equal(verify(another).sizeBytes, image.length, "any page will do");
  });

  it("min_chip_rev above the chip's, max_chip_rev below", () => {
    const bounded = rehashed(patched(image, 15, 4, 0, 99, 0));
    throws(() => verify(bounded, { chipRevision: 3 }), "corrupt", /chip has 3, expected at least 4/);
    throws(() => verify(bounded, { chipRevision: 100 }), "corrupt", /chip has 100, expected at most 99/);
    for (const chipRevision of [4, 99]) ok(verify(bounded, { chipRevision }));
    ok(verify(bounded), "not judged where the chip's revision is not given");
  });

  it("min_efuse_blk_rev above the chip's", () => {
    const data = encodeAppDescriptor({ version: "1", projectName: "p", minEfuseBlockRevision: 2, maxEfuseBlockRevision: 5 });
    const options = { entryAddress: 0, segments: [{ address: RAM_ADDRESS, data }], Digest: SpecDigest };
    const bounded = buildImage({ ...options, chipId: ChipId.esp32c3 });
    throws(
      () => verify(bounded, { efuseBlockRevision: 1 }),
      "corrupt",
      /eFuse block revision: the chip has 1, expected at least 2/,
    );
    throws(() => verify(bounded, { efuseBlockRevision: 6 }), "corrupt", /expected at most 5/);
    ok(verify(bounded, { efuseBlockRevision: 2 }));
    const esp32 = buildImage({ ...options, chipId: ChipId.esp32 });
    ok(verify(esp32, { chipId: ChipId.esp32, efuseBlockRevision: 1 }), "the ESP32 has no such revision");
  });
});

describe("image: accepted as by the bootloader", () => {
  it("whole, with its hash and head", () => {
    const verified = verify(image);
    equal(verified.sizeBytes, image.length);
    equal(verified.hash, image.slice(-SHA256_SIZE_BYTES));
    equal(verified.head.descriptor?.version, "1.2.3");
    equal(verified.head.descriptor?.secureVersion, 7);
  });

  it("a flipped payload bit with checksum and hash redone: there is no signature", () => {
    const forged = rehashed(patched(patched(image, 300, image[300]! ^ 1), CHECKSUM_AT, image[CHECKSUM_AT]! ^ 1));
    notEqual(verify(forged).hash, verify(image).hash);
  });

  it("no hash but a right checksum; the hash given is that of the image", () => {
    const plain = smallImage({ hash: "none" });
    const verified = verify(plain);
    equal(verified.sizeBytes, image.length - SHA256_SIZE_BYTES);
    equal(rehashed(new Uint8Array([...plain, ...new Uint8Array(32)])).slice(-32), verified.hash);
  });

  it("hash_appended cleared: 32 bytes of hash become trailing junk", () => {
    const verified = verify(patched(image, 23, 0));
    equal(verified.sizeBytes, image.length - SHA256_SIZE_BYTES);
    notEqual(verified.hash, verify(image).hash, "so whoever knows the right hash notices");
  });

  it("hash_appended other than 0 and 1 means appended", () => {
    equal(verify(rehashed(patched(image, 23, 0x80))).sizeBytes, image.length);
    throws(() => verify(patched(image, 23, 0x80)), "corrupt", /SHA-256/);
  });

  it("a wrong descriptor magic", () => {
    // The same bit of two words is flipped, so that the checksum stays right.
    const odd = rehashed(patched(patched(image, 32, image[32]! ^ 1), 36, image[36]! ^ 1));
    equal(verify(odd).head.descriptor, undefined);
    throws(() => parseImageHead(odd), "corrupt", /descriptor magic 0xabcd5433 at offset 32, expected 0xabcd5432/);
  });

  it("a first segment too short for a descriptor", () => {
    equal(verify(ramImage(1)).head.descriptor, undefined);
    throws(() => parseImageHead(inSlot(ramImage(1))), "corrupt", /first segment of 4 bytes/);
  });

  it("entry address 0", () => {
    equal(verify(rehashed(patched(image, 4, 0, 0, 0, 0))).head.header.entryAddress, 0);
  });

  it("trailing junk and the erased rest of the slot", () => {
    equal(verify(inSlot(image)).sizeBytes, image.length);
    equal(verify(new Uint8Array([...image, 1, 2, 3])).sizeBytes, image.length);
  });

  it("other SPI mode, speed and size bytes with the hash redone", () => {
    ok(verify(rehashed(patched(image, 2, 0, 0xff))));
  });

  it("any secure version", () => {
    equal(
      verify(rehashed(patched(patched(image, 36, 0), CHECKSUM_AT, image[CHECKSUM_AT]! ^ 7))).head.descriptor?.secureVersion,
      0,
    );
  });

  it("16 segments, and empty ones", () => {
    equal(verify(ramImage(16)).head.header.segmentCount, 16);
    equal(verify(ramImage(2, 0)).head.header.segmentCount, 2);
  });

  it("max_chip_rev 0 and 0xFFFF as any", () => {
    ok(verify(rehashed(patched(image, 17, 0, 0)), { chipRevision: 500 }));
    ok(verify(rehashed(patched(image, 17, 0xff, 0xff)), { chipRevision: 500 }));
  });

  it("an image for any chip where none is asked for, without mapping rules for an unknown one", () => {
    const unknown = rehashed(patched(patched(image, 12, 0x77), 24, 0x24));
    equal(verify(unknown, { chipId: undefined }).head.header.chipId, 0x77);
  });
});

/** An image computed by hand: every byte of header, segments, padding and checksum, and the hash over them. */
import {
  buildImage,
  ChipId,
  checksummedSizeBytes,
  encodeAppDescriptor,
  mappedAddress,
  readAppDescriptor,
  segmentDataOffset,
} from "../../../src/image/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest, sha256 } from "./sha256.js";
import { verify } from "./small-image.js";

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Segments of 3 and 4 bytes: 24 + 8 + 4 + 8 + 4 = 48 bytes, so that the checksum takes a line of its own. The checksum is
 * EF ^ 01 ^ 02 ^ 04 (= E8) ^ 10 ^ 20 ^ 40 ^ 80 (= F0) = 18.
 */
const BY_HAND = [
  "e9020220",
  "78563412",
  "ee000000",
  "0500" + "00" + "0300" + "6300" + "00000000" + "01",
  "0000c83f",
  "04000000",
  "01020400",
  "0400c83f",
  "04000000",
  "10204080",
  "000000000000000000000000000000" + "18",
].join("");

describe("image builder: known bytes", () => {
  const image = buildImage({
    chipId: ChipId.esp32c3,
    entryAddress: 0x12345678,
    segments: [
      { address: 0x3fc80000, data: Uint8Array.of(1, 2, 4) },
      { address: 0x3fc80004, data: Uint8Array.of(0x10, 0x20, 0x40, 0x80) },
    ],
    Digest: SpecDigest,
    minChipRevision: 3,
    maxChipRevision: 99,
  });

  it("are those computed by hand", () => {
    equal(hex(image.subarray(0, 64)), BY_HAND);
    equal(image.length, 64 + 32);
  });

  it("end in the SHA-256 of what precedes it", () => {
    equal(image.slice(64), sha256(image.subarray(0, 64)));
  });

  it("verify", () => {
    const verified = verify(image);
    equal(verified.sizeBytes, 96);
    equal(verified.hash, image.slice(64));
    equal(verified.head, {
      header: {
        segmentCount: 2,
        entryAddress: 0x12345678,
        chipId: 5,
        minChipRevision: 3,
        maxChipRevision: 99,
        hashAppended: true,
      },
      descriptor: undefined,
    });
  });

  it("put the checksum in the last byte of a line of 16, always after the segments", () => {
    equal(
      [32, 44, 47, 48, 63, 64].map((end) => checksummedSizeBytes(end)),
      [48, 48, 48, 64, 64, 80],
    );
  });

  it("are refused where the bootloader would refuse them", () => {
    const options = { chipId: ChipId.esp32c3, entryAddress: 0, Digest: SpecDigest };
    const data = new Uint8Array(4);
    throws(() => buildImage({ ...options, segments: [{ address: 0x42000000, data }] }), /modulo 64 KiB/);
    throws(() => buildImage({ ...options, segments: [] }), /1 … 16 segments/);
    throws(() => buildImage({ ...options, segments: Array(17).fill({ address: 0x3fc80000, data }) }), /1 … 16 segments/);
  });
});

describe("image builder: the tools beside it", () => {
  it("SHA-256 of the specs gives FIPS 180-4's answers", () => {
    const abc = Uint8Array.of(0x61, 0x62, 0x63);
    equal(hex(sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    equal(hex(sha256(new Uint8Array(0))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("segment offsets count padding and headers", () => {
    equal(segmentDataOffset([], 0), 32);
    equal(segmentDataOffset([256], 1), 32 + 256 + 8);
    equal(segmentDataOffset([257, 4], 2), 32 + 260 + 8 + 4 + 8);
  });

  it("mapped addresses are those of the chips, congruent to the offset", () => {
    equal(mappedAddress(ChipId.esp32c3, "data", 0x20), 0x3c000020);
    equal(mappedAddress(ChipId.esp32c3, "instructions", 0x12348), 0x42012348);
    equal(mappedAddress(ChipId.esp32, "data", 0x20), 0x3f400020);
    equal(mappedAddress(ChipId.esp32, "instructions", 0x20020), 0x400f0020);
    equal(mappedAddress(ChipId.esp32s3, "data", 0x20), 0x3c000020);
    throws(() => mappedAddress(0x1234, "data", 0), /one of ChipId/);
    throws(() => mappedAddress(ChipId.esp32c3, "data", 0x800000), /fits the range/);
  });
});

describe("app descriptor", () => {
  it("has every field where ESP-IDF has it", () => {
    const elfSha256 = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
    const bytes = encodeAppDescriptor({
      version: "1.2.3",
      projectName: "lamp",
      secureVersion: 0x01020304,
      time: "12:34:56",
      date: "Nov 23 2026",
      idfVersion: "v5.1.7",
      elfSha256,
      minEfuseBlockRevision: 3,
      maxEfuseBlockRevision: 199,
    });
    const expected = new Uint8Array(256);
    const put = (offset: number, text: string): void =>
      expected.set(
        [...text].map((character) => character.charCodeAt(0)),
        offset,
      );
    expected.set([0x32, 0x54, 0xcd, 0xab, 4, 3, 2, 1]);
    put(16, "1.2.3");
    put(48, "lamp");
    put(80, "12:34:56");
    put(96, "Nov 23 2026");
    put(112, "v5.1.7");
    expected.set(elfSha256, 144);
    expected.set([3, 0, 199, 0, 16], 176);
    equal(bytes, expected);
    equal(readAppDescriptor(bytes)?.version, "1.2.3");
  });

  it("takes texts of 31 and 15 characters of ASCII", () => {
    const longest = encodeAppDescriptor({ version: "v".repeat(31), projectName: "p", time: "t".repeat(15) });
    equal(readAppDescriptor(longest)?.version, "v".repeat(31));
    throws(() => encodeAppDescriptor({ version: "v".repeat(32), projectName: "p" }), "invalid", /version has 32 .* at most 31/);
    throws(() => encodeAppDescriptor({ version: "1", projectName: "p", date: "d".repeat(16) }), "invalid", /date has 16/);
    throws(() => encodeAppDescriptor({ version: "1", projectName: "æ" }), "invalid", /project name has character code 230/);
  });

  it("reads texts without NUL and with bytes that are no text", () => {
    const bytes = encodeAppDescriptor({ version: "1", projectName: "p" });
    bytes.fill(0x41, 16, 48);
    bytes.set([0x1b, 0xff], 48);
    equal(readAppDescriptor(bytes)?.version, "A".repeat(32));
    equal(readAppDescriptor(bytes)?.projectName, "??");
  });

  it("is undefined where the magic word is another", () => {
    equal(readAppDescriptor(new Uint8Array(256)), undefined);
  });
});

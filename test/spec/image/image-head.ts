/** The head of an image, from the first chunk of a download: accepted, or refused with what was found and what expected. */
import { ChipId, parseImageHead } from "../../../src/image/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { patched, RAM_ADDRESS, smallImage } from "./small-image.js";

const image = smallImage();

describe("image head", () => {
  it("is known from the first 288 bytes", () => {
    const head = parseImageHead(image.subarray(0, 288), { chipId: ChipId.esp32c3 });
    equal(head.header, {
      segmentCount: 2,
      entryAddress: RAM_ADDRESS,
      chipId: 5,
      minChipRevision: 0,
      maxChipRevision: 0xffff,
      hashAppended: true,
    });
    equal(head.descriptor.projectName, "lamp");
    equal(head.descriptor.version, "1.2.3");
  });

  it("reads from the middle of a buffer", () => {
    const buffer = new Uint8Array(4096);
    buffer.set(image, 100);
    equal(parseImageHead(buffer.subarray(100)).descriptor.projectName, "lamp");
  });

  it("is refused from fewer bytes, at each length", () => {
    for (let length = 0; length < 288; length++) {
      throws(() => parseImageHead(image.subarray(0, length)), "corrupt", /truncated after \d+ bytes, expected a head/);
    }
  });

  it("is refused by magic, chip and segment count", () => {
    throws(() => parseImageHead(patched(image, 0, 0x7f)), "corrupt", /magic byte 0x7f, expected 0xe9/);
    throws(() => parseImageHead(image, { chipId: ChipId.esp32 }), "corrupt", /0x0005 \(esp32c3\), expected 0x0000 \(esp32\)/);
    throws(() => parseImageHead(patched(image, 1, 0)), "corrupt", /0 segments, expected 1 … 16/);
    throws(() => parseImageHead(patched(image, 1, 17)), "corrupt", /17 segments/);
  });
});

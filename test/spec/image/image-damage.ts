/** No damage to a small image goes unnoticed, wherever it is cut and whichever bit flips; none makes the walk loop or crash. */
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "./sha256.js";
import { inSlot, patched, SHA256_SIZE_BYTES, smallImage, verify } from "./small-image.js";

const image = smallImage({ payload: Uint8Array.of(1, 2, 3, 4) });
const plain = smallImage({ payload: Uint8Array.of(1, 2, 3, 4), hash: "none" });
const HASH_APPENDED_AT = 23;

describe("image: damage", () => {
  it("a file cut at each byte is refused", () => {
    for (let length = 0; length < image.length; length++) {
      throws(() => verify(image.subarray(0, length)), "corrupt", /truncated|ends at/);
      throws(() => verify(image.subarray(0, length), { sizeBytesMax: 4096 }), "corrupt", /truncated/);
    }
  });

  it("an image cut at each byte in an erased slot is refused", () => {
    for (let length = 0; length < image.length; length++) {
      if (image.subarray(length).every((byte) => byte === 0xff)) continue; // Nothing is missing.
      throws(() => verify(inSlot(image.subarray(0, length))), "corrupt");
    }
  });

  it("an image without hash cut at each byte is refused", () => {
    for (let length = 0; length < plain.length; length++) throws(() => verify(plain.subarray(0, length)), "corrupt");
  });

  it("each flipped bit is refused, but the one that says that there is a hash", () => {
    const accepted: string[] = [];
    for (let offset = 0; offset < image.length; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = inSlot(patched(image, offset, image[offset]! ^ (1 << bit)), 4096);
        if (offset === HASH_APPENDED_AT && bit === 0) {
          // The bootloader boots this one too (esp32.md: hash_appended = 0 with a correct XOR); its hash gives it away.
          equal(verify(damaged).sizeBytes, image.length - SHA256_SIZE_BYTES);
          accepted.push(`${offset}.${bit}`);
        } else throws(() => verify(damaged), "corrupt");
      }
    }
    equal(accepted, ["23.0"]);
  });

  it("leaves no digest open", () => {
    equal(SpecDigest.open.size, 0);
  });
});

/** Images that were signed, arrived as they were signed, and would not boot: seen when they are read back, and never armed. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { describeBytes } from "../signing/sign-at-once.js";
import { idOf, makeImage, type Rig, rehashed, startedRig } from "./rig.js";
import { endureDecline } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
const WRONG_CHECKSUM = rehashed(IMAGE.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)));
const WRONG_HASH = IMAGE.map((byte, index) => (index === IMAGE.length - 1 ? byte ^ 1 : byte));
const OTHER = makeImage("2.0.0", { marker: "another build" });

/** The release says of `bytes` what it would say of an image, and `bytes` are served. */
function signAndServe(bytes: Uint8Array, identity?: Uint8Array): (rig: Rig) => void {
  return ({ fleet }) => {
    const changeRelease = (fields: Map<number, unknown>): void => describeBytes(fields, bytes, identity);
    const update = fleet.sign(IMAGE, { version: "2.0.0", changeRelease });
    fleet.serve(update, { bytes, version: "2.0.0" });
  };
}

type Broken = readonly [name: string, bytes: Uint8Array, because: RegExp, identity?: Uint8Array];

const IMAGES: readonly Broken[] = [
  ["with a wrong checksum", WRONG_CHECKSUM, /^image: checksum 0x.., expected 0x..$/],
  ["with a wrong hash", WRONG_HASH, /^image: the appended SHA-256 is not that of the 8288 bytes before it$/],
  ["that ends too early", IMAGE.subarray(0, 6000), /^image: segment 1 ends at \d+, expected at most 6000$/],
  [
    "with bytes behind its end",
    new Uint8Array([...IMAGE, ...new Uint8Array(4096).fill(0xa5)]),
    /^image of 8320 bytes by its headers; expected the 12416 that were signed$/,
    IMAGE.slice(-32),
  ],
  [
    "for another chip",
    makeImage("2.0.0", { chip: "esp32s3" }),
    /^image: chip id 0x0009 \(esp32s3\), expected 0x0005 \(esp32c3\)$/,
  ],
  ["that is none", new Uint8Array(5000).fill(0x50), /^image: magic byte 0x50, expected 0xe9$/],
  [
    "of another identity than was signed",
    OTHER,
    new RegExp(`^image hash begins with ${idOf(OTHER)}; expected ${"ab".repeat(8)} as signed$`),
    new Uint8Array(32).fill(0xab),
  ],
];

describe("a signed image", () => {
  for (const [name, bytes, pattern, identity] of IMAGES) {
    it(`${name} is declined`, () => {
      const setUp = signAndServe(bytes, identity);
      const because = reasonFor(setUp);
      ok(pattern.test(because), `${because} is not like ${pattern}`);
      const rig = endureDecline({ because, setUp });
      equal(rig.linesWith("verified 2.0.0"), []);
    });
  }
});

/** What a device says of it. */
function reasonFor(setUp: (rig: Rig) => void): string {
  const rig = startedRig();
  setUp(rig);
  ok(rig.runUntilLine("declined"), rig.device.lines.join("\n"));
  return rig.linesWith("declined")[0]!.slice("1.0.0 update declined 2.0.0: ".length);
}

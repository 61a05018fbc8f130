/** What the host's libraries write, the device's reader reads: every field, the signatures, and the bounds. */
import { createHash } from "node:crypto";
import { encode } from "cborg";
import cose from "cose-js";
import {
  chunkSizeFor,
  encodeDeployment,
  encodeRelease,
  joinUpdate,
  type ReleaseOptions,
} from "../../../hosts/node/signing/sign-update.js";
import { verifier } from "../../../hosts/node/verifier.js";
import { isSignedBy, parseSign1, signedBytes } from "../../../src/ota/cose-sign1.js";
import { ENVELOPE_SIZE_MAX, parseDeployment, parseEnvelope, parseRelease, ReleaseKey } from "../../../src/ota/manifest.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { changed } from "./sign-at-once.js";
import { DEPLOYMENT, deployPublic, image, NOW_S, RELEASE, releasePublic, signedUpdate } from "./workbench.js";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

describe("a signed update", () => {
  it("is read back field by field", async () => {
    const { release, update } = await signedUpdate();
    const parts = parseEnvelope(update);
    const read = parseRelease(parseSign1(parts.release).payload);
    equal(
      { ...read, chunkDigests: undefined },
      {
        sequenceNumber: 7,
        vendor: "example.com",
        deviceClass: "sensor-node",
        hardwareRevisionMin: 2,
        hardwareRevisionMax: 5,
        version: "2.0.0",
        securityVersion: 3,
        imageSizeBytes: image.length,
        imageDigest: sha256(image),
        imageIdentity: image.slice(-32),
        chunkSizeBytes: 16_384,
        chunkDigests: undefined,
        expiresS: NOW_S + 1_000_000,
        precursor: undefined,
        nextKeyDigest: undefined,
        issuedS: NOW_S - 86_400,
      },
    );
    const chunks = [0, 16_384, 32_768].map((offset) => sha256(image.subarray(offset, offset + 16_384)));
    equal(read.chunkDigests, new Uint8Array(Buffer.concat(chunks)));
    equal(parseDeployment(parseSign1(parts.deployment).payload), {
      ...DEPLOYMENT,
      releaseDigest: sha256(release),
      device: undefined,
      releaseSequenceFloor: undefined,
    });
  });

  it("is signed by each role's key, and by no other", async () => {
    const { release, deployment } = await signedUpdate();
    for (const [bytes, own, other] of [
      [release, releasePublic, deployPublic],
      [deployment, deployPublic, releasePublic],
    ] as const) {
      const message = parseSign1(bytes);
      equal(message.keyId, own.id);
      equal([isSignedBy(message, own.point, verifier), isSignedBy(message, other.point, verifier)], [true, false]);
    }
  });

  // Neither the writer (@auth0/cose) nor the reader is ours to trust alone: a third one, with arithmetic of its own, agrees.
  it("is verified by a library that had no part in it", async () => {
    const { release } = await signedUpdate();
    const { point } = releasePublic;
    const key = { x: Buffer.from(point.subarray(0, 32)), y: Buffer.from(point.subarray(32)) };
    const payload = await cose.sign.verify(Buffer.from(release), { key });
    equal(new Uint8Array(payload), parseSign1(release).payload);
  });

  it("covers header and payload with its signature, as RFC 9052 puts them together", () => {
    const header = new Uint8Array([0xa1, 1, 0x26]);
    for (const size of [0, 23, 24, 255, 256, 4000]) {
      const payload = new Uint8Array(size).fill(7);
      equal(signedBytes({ header, payload }), new Uint8Array(encode(["Signature1", header, new Uint8Array(0), payload])));
    }
  });

  it("has chunks of a power of two, at most 96, and fits 4 KiB with an image of any size", () => {
    const sizes = [1, 16_384, 96 * 16_384, 96 * 16_384 + 1, 4 * 1024 * 1024, 16 * 1024 * 1024];
    equal(sizes.map(chunkSizeFor), [16_384, 16_384, 16_384, 32_768, 65_536, 262_144]);
    const most = 96 * 32;
    ok(most + 800 < ENVELOPE_SIZE_MAX, "the digests leave room for the rest");
    const large = new Uint8Array(ENVELOPE_SIZE_MAX);
    throws(() => joinUpdate(large, new Uint8Array(8)), "invalid", /expected at most 4096; use larger chunks/);
    throws(() => parseEnvelope(new Uint8Array(ENVELOPE_SIZE_MAX + 1)), "corrupt", /4097 bytes, expected at most 4096/);
  });
});

type Wrong = readonly [what: string, change: Partial<ReleaseOptions> | ((map: Map<number, unknown>) => void), expected: RegExp];

const WRONG: readonly Wrong[] = [
  ["sequence number 0", { sequenceNumber: 0 }, /sequence number is 0, expected 1 … 4294967295/],
  ["an empty vendor", { vendor: "" }, /vendor is not usable, expected 1 … 48 printable/],
  ["a line break in the version", { version: "1\r\nx: y" }, /version is not usable/],
  [
    "revisions the wrong way round",
    { hardwareRevisionMin: 5, hardwareRevisionMax: 2 },
    /greatest hardware revision is 2, expected 5 …/,
  ],
  ["a chunk size that is no power of two", { chunkSizeBytes: 20_000 }, /chunk size is 20000, expected a power of two/],
  ["chunks that are too small", { chunkSizeBytes: 4096 }, /chunk size is 4096, expected 16384 …/],
  ["a short precursor", { precursor: new Uint8Array(31) }, /precursor has 31 bytes, expected 32/],
  ["another version of the format", (map) => map.set(ReleaseKey.manifestVersion, 2), /manifest version is 2, expected 1 … 1/],
  ["a missing class", (map) => map.delete(ReleaseKey.class), /class is missing, expected the field 4/],
  [
    "digests of fewer chunks",
    (map) => map.set(ReleaseKey.chunkDigests, new Uint8Array(32)),
    /chunk digests has 32 bytes, expected 96/,
  ],
  ["a critical field that is not known", (map) => map.set(200, 1), /the field 200 is not known/],
  ["one in between", (map) => map.set(0, 1), /the field 0 is not known/],
  ["a text for a number", (map) => map.set(ReleaseKey.imageSize, "1"), /a text at byte \d+, expected an unsigned integer/],
];

describe("a release's payload", () => {
  for (const [what, change, expected] of WRONG) {
    it(`is refused with ${what}`, () => {
      const payload = encodeRelease({ ...RELEASE, ...(typeof change === "function" ? {} : change) });
      throws(() => parseRelease(typeof change === "function" ? changed(payload, change) : payload), "corrupt", expected);
    });
  }

  it("may carry fields above 255 that an older device passes over", () => {
    const payload = changed(encodeRelease(RELEASE), (map) => map.set(256, { note: ["for later", true] }));
    equal(parseRelease(payload).version, "2.0.0");
  });

  it("is refused with bytes behind it", () => {
    const payload = encodeDeployment({ ...DEPLOYMENT, release: new Uint8Array(1) });
    throws(() => parseDeployment(new Uint8Array([...payload, 0])), "corrupt", /1 more bytes/);
  });
});

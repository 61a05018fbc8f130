/** A signed update with each bit flipped, and cut at each byte, by way of the whole device: declined, and nothing restarts. */
import { joinUpdate } from "../../../hosts/node/signing/sign-update.js";
import { ENVELOPE_SIZE_MAX, parseEnvelope } from "../../../src/ota/manifest.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { makeImage, type Rig, startedRig } from "./rig.js";
import { demandWorking } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
/** Of this device only: a thousand updates are polled for. */
const SETTINGS = Object.freeze({ pollPeriodMs: 200, pollPeriodMaxMs: 80_000 });

/** Has the device look at each of `updates`, and demands that it declines each, once. */
function demandAllDeclined(rig: Rig, updates: Iterable<readonly [what: string, update: Uint8Array]>): number {
  let count = 0;
  for (const [what, update] of updates) {
    rig.fleet.serve(update, { bytes: IMAGE, version: "2.0.0" });
    count++;
    ok(
      rig.device.runUntil(() => rig.fleet.actionId === undefined, 5000),
      `${what}: it said nothing`,
    );
    const report = rig.fleet.reports().at(-1)!;
    ok(
      rig.fleet.feedback.length === count && /^closed failure: (cbor|signature|update|release|deployment): /.test(report),
      report,
    );
  }
  equal(rig.lives(), ["1.0.0 in 0 by powerOn"]);
  equal([rig.linesWith("fault"), rig.linesWith("failed"), rig.linesWith("offered")], [[], [], []]);
  demandWorking(rig);
  return count;
}

function* cuts(update: Uint8Array): Iterable<readonly [string, Uint8Array]> {
  for (let length = 0; length < update.length; length++) yield [`${length} bytes`, update.subarray(0, length)];
}

function* flips(update: Uint8Array): Iterable<readonly [string, Uint8Array]> {
  for (let bit = 0; bit < update.length * 8; bit++) {
    const copy = update.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    yield [`bit ${bit}`, copy];
  }
}

describe("a signed update on its way to a device", () => {
  it("cut at each byte is declined", () => {
    const rig = startedRig({ settings: SETTINGS });
    const update = rig.fleet.sign(IMAGE, { version: "2.0.0" });
    equal(demandAllDeclined(rig, cuts(update)), update.length);
    rig.fleet.serve(update, { bytes: IMAGE, version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"), "whole it is taken");
  });

  it("with any one bit flipped is declined", () => {
    const rig = startedRig({ settings: SETTINGS });
    const update = rig.fleet.sign(IMAGE, {
      version: "2.0.0",
      release: { expiresS: 0xffff_fff0 },
      deployment: { device: "A1" },
    });
    equal(demandAllDeclined(rig, flips(update)), update.length * 8);
    rig.fleet.serve(update, { bytes: IMAGE, version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"), "as it was it is taken");
  });

  it("with bytes behind it, up to the most that is fetched, is declined", () => {
    const rig = startedRig({ settings: SETTINGS });
    const update = rig.fleet.sign(IMAGE, { version: "2.0.0" });
    const longer = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      bytes.set(update);
      return bytes;
    };
    const lengths = [update.length + 1, ENVELOPE_SIZE_MAX - 1, ENVELOPE_SIZE_MAX];
    demandAllDeclined(
      rig,
      lengths.map((length) => [`${length} bytes`, longer(length)] as const),
    );
  });

  it("with bytes behind one of its parts is declined", () => {
    const rig = startedRig({ settings: SETTINGS });
    const { release, deployment } = parseEnvelope(rig.fleet.sign(IMAGE, { version: "2.0.0" }));
    const longer = (part: Uint8Array): Uint8Array => new Uint8Array([...part, 0]);
    demandAllDeclined(rig, [
      ["the release", joinUpdate(longer(release), deployment)],
      ["the deployment", joinUpdate(release, longer(deployment))],
    ]);
  });

  it("larger than that is not fetched, and its action ends", () => {
    const rig = startedRig({ settings: SETTINGS });
    rig.fleet.serve(new Uint8Array(ENVELOPE_SIZE_MAX + 1), { bytes: IMAGE, version: "2.0.0" });
    ok(rig.runUntilLine("declined"));
    rig.device.advance(1000);
    equal(rig.fleet.reports(), ["closed failure: its signed update has 4097 bytes, expected at most 4096"]);
    equal([rig.traffic.requests.filter(({ path }) => path.endsWith(".cose")), rig.lives()], [[], ["1.0.0 in 0 by powerOn"]]);
    rig.fleet.serve(rig.fleet.sign(IMAGE, { version: "2.0.0" }), { bytes: IMAGE, version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
  });
});

/**
 * A server that is good or bad by chance, answer by answer: the device never restarts but into the update that is wanted, never
 * loses 1.0.0, works on, and ends with the update once the server is good.
 *
 * A failure names its seed; `HOLDFAST_SEED` repeats it alone.
 */
import { createSeededRandom } from "../../../hosts/node/random.js";
import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import type { Subject } from "./fleet.js";
import { factorySnapshot, makeImage, Rig } from "./rig.js";
import { demandWorking } from "./unimpressed.js";

const RUN_COUNT = 300;
const SEED = process.env["HOLDFAST_SEED"];
const SNAPSHOT = factorySnapshot();
const IMAGE = makeImage("2.0.0", { sectorCount: 7 });
/** A trial waits for a proof of the server as long as the server is bad. */
const SETTINGS = Object.freeze({ trialUptimeMs: 300, trialDeadlineMs: 10_000_000 });
const BAD_MS = 240_000;

type Chance = (limit: number) => number;

function chanceOf(seed: number): Chance {
  const random = createSeededRandom(seed);
  const bytes = new Uint8Array(4);
  return (limit) => {
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
}

function bodyOf({ body = "" }: ScriptedAnswer): Uint8Array {
  return typeof body === "string" ? new Uint8Array(Buffer.from(body)) : body.slice();
}

/** One thing that is wrong with an answer. */
type Badness = (good: ScriptedAnswer, chance: Chance) => ScriptedAnswer;

const STATUSES = [200, 204, 206, 301, 302, 304, 401, 404, 410, 416, 429, 500, 502, 503];

const BADNESSES: readonly Badness[] = [
  (good, chance) => ({ ...good, status: STATUSES[chance(STATUSES.length)]! }),
  (_, chance) => ({ status: 503, headers: { "retry-after": String(chance(200)) } }),
  () => ({ end: "refuse" }),
  (good, chance) => ({ ...good, sentBytes: chance(bodyOf(good).length + 1), end: "reset" }),
  (good, chance) => ({ ...good, sentBytes: chance(bodyOf(good).length + 1), end: "stall" }),
  (good, chance) => ({ ...good, body: bodyOf(good).subarray(0, chance(bodyOf(good).length + 1)), contentLength: "none" }),
  (good, chance) => ({ ...good, contentLength: chance(50_000) }),
  (good, chance) => ({ ...good, body: new Uint8Array(20_000).fill(chance(256)), contentLength: "none" }),
  (good, chance) => ({ ...good, chunkSizeBytes: 1 + chance(200), chunkPeriodMs: 1 + chance(6000) }),
  flipBits,
  flipBits,
  (good, chance) => ({ ...good, body: "[".repeat(chance(9000)) }),
  (good, chance) => ({ ...good, headers: { ...good.headers, etag: chance(2) === 0 ? 'W/"1"' : '"1"' } }),
  (good, chance) => ({ ...good, headers: { ...good.headers, "content-range": `bytes ${chance(9)}-${chance(20_000)}/28832` } }),
];

function flipBits(good: ScriptedAnswer, chance: Chance): ScriptedAnswer {
  const body = bodyOf(good);
  for (let count = 1 + chance(3); count > 0 && body.length > 0; count--) body[chance(body.length)]! ^= 1 << chance(8);
  return { ...good, body };
}

/** Runs one device against one such server, for some minutes, and then against a good one. */
function run(seed: number): string[] {
  const chance = chanceOf(seed);
  const rig = new Rig({ snapshot: SNAPSHOT, settings: SETTINGS, seed });
  const before = rig.slotBytes(0);
  // From a server that is mostly good to one that is hardly ever.
  const goodOf100 = 20 + 5 * chance(16);
  rig.fleet.meddle = (_: Subject, good) => {
    if (chance(100) < goodOf100) return good();
    return BADNESSES[chance(BADNESSES.length)]!(chance(4) === 0 ? {} : good(), chance);
  };
  rig.offer(IMAGE, { version: "2.0.0" });
  rig.device.powerOn();
  rig.device.advance(BAD_MS);
  demandSound(rig);
  rig.fleet.meddle = undefined;
  // A forged chunk closes its action. Whoever looks after the fleet offers the update again.
  if (rig.fleet.actionId === undefined && !rig.isKept("2.0.0")) rig.offer(IMAGE, { version: "2.0.0" });
  ok(rig.runUntilKept("2.0.0", 900_000), rig.device.lines.join("\n"));
  demandSound(rig);
  equal(rig.lives(), ["1.0.0 in 0 by powerOn", "2.0.0 in 1 by software"]);
  equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
  equal(rig.slotBytes(0), before, "1.0.0 is as it was");
  ok(rig.runs(IMAGE), "2.0.0 is what was signed");
  return rig.device.lines;
}

function demandSound(rig: Rig): void {
  ok(rig.lives().length <= 2, rig.lives().join(", "));
  equal([rig.device.life.endedBy, rig.linesWith("fault"), rig.linesWith("abort")], [undefined, [], []]);
  demandWorking(rig);
}

describe("a server that is bad by chance", () => {
  const seeds = SEED === undefined ? Array.from({ length: RUN_COUNT }, (_, index) => index + 1) : [Number(SEED)];
  it(`does no harm, ${seeds.length} times`, () => {
    const kinds = new Set<string>();
    for (const seed of seeds) {
      try {
        for (const line of run(seed)) kinds.add(/ update (\w+)/.exec(line)?.[1] ?? "");
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`);
      }
    }
    const seen = ["failed", "retrying", "declined", "armed", "succeeded"].filter((kind) => kinds.has(kind));
    equal(seen.length, SEED === undefined ? 5 : seen.length, "all that can happen happened");
  });
});

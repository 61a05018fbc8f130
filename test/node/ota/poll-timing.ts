/** When a device asks: spread by chance, by its own period or the server's, and the same again from the same seed. */
import { equal, notEqual, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SETTINGS } from "./firmware.js";
import { BASE_PATH } from "./fleet.js";
import { makeImage, type Rig, startedRig } from "./rig.js";

const { pollPeriodMs, pollPeriodMaxMs } = SETTINGS;

function pollTimesOf(rig: Rig): number[] {
  return rig.traffic.to(BASE_PATH).map(({ atMs }) => atMs);
}

/** The waits between polls that came with nothing to do; an exchange takes less than 50 ms. */
function demandPeriod(rig: Rig, periodMs: number, durationMs = 30 * periodMs): void {
  rig.device.advance(durationMs);
  const atMs = pollTimesOf(rig);
  ok(atMs.length > 10, `${atMs.length} polls`);
  // The first wait after a change of the server's wish is still by the old one.
  const waitsMs = atMs.slice(2).map((at, index) => at - atMs[index + 1]!);
  for (const waitMs of waitsMs) {
    ok(waitMs >= 0.9 * periodMs && waitMs <= 1.1 * periodMs + 50, `${waitMs} ms, expected ${periodMs} and a tenth`);
  }
  ok(Math.max(...waitsMs) - Math.min(...waitsMs) > 0.05 * periodMs, "they are spread");
}

describe("a poll", () => {
  it("comes first within a tenth of the period, and then by the period and a tenth", () => {
    const first: number[] = [];
    for (let seed = 1; seed <= 30; seed++) {
      const rig = startedRig({ seed });
      rig.device.advance(pollPeriodMs / 10 + 1);
      equal(pollTimesOf(rig).length, 1);
      first.push(pollTimesOf(rig)[0]!);
    }
    ok(new Set(first).size > 20 && Math.max(...first) - Math.min(...first) > pollPeriodMs / 20, first.join(" "));
    demandPeriod(startedRig(), pollPeriodMs);
  });

  it("comes after failures at some moment of the second half of a wait that doubles up to the longest", () => {
    const waitsMs = [0, 0, 0, 0, 0, 0].map(() => [] as number[]);
    for (let seed = 1; seed <= 20; seed++) {
      const rig = startedRig({ seed });
      rig.fleet.meddle = () => ({ end: "refuse" });
      ok(rig.device.runUntil(() => rig.linesWith("update failed").length === waitsMs.length, 1_000_000));
      const texts = rig.linesWith("update failed").map((line) => /again in (\d+) ms/.exec(line)![1]);
      for (const [index, text] of texts.entries()) waitsMs[index]!.push(Number(text));
    }
    for (const [index, waits] of waitsMs.entries()) {
      const doubledMs = Math.min(pollPeriodMs * 2 ** index, pollPeriodMaxMs);
      const [least, most] = [Math.min(...waits), Math.max(...waits)];
      ok(least >= doubledMs / 2 && most <= doubledMs, `${least} … ${most} ms`);
      ok(most - least > 0.3 * doubledMs && new Set(waits).size > 15, `they are spread: ${waits.join(" ")}`);
    }
  });

  it("comes at once on trial", () => {
    const rig = startedRig();
    rig.offer(makeImage("2.0.0"), { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots"));
    const before = pollTimesOf(rig).length;
    rig.device.advance(1);
    equal(pollTimesOf(rig).slice(before), [0]);
  });

  it("is by chance: another seed is another device, and the same one the same", () => {
    const traceOf = (seed: number): unknown => {
      const rig = startedRig({ seed });
      rig.fleet.meddle = (_, good) => (rig.traffic.requests.length % 5 === 0 ? { status: 500 } : good());
      rig.offer(makeImage("2.0.0", { sectorCount: 10 }), { version: "2.0.0" });
      ok(rig.runUntilKept("2.0.0"), rig.device.lines.join("\n"));
      rig.device.advance(60_000);
      return [rig.traffic.requests, rig.device.lines, rig.fleet.feedback];
    };
    equal(traceOf(7), traceOf(7));
    notEqual(traceOf(7), traceOf(8));
  });
});

describe("a server's wish for a period", () => {
  const wishes: readonly (readonly [sleep: string, periodMs: number])[] = [
    ["00:00:30", 30_000],
    ["00:01:00", 60_000],
    ["0:0:5", 5000],
    ["00:00:01", 1000],
  ];
  for (const [sleep, periodMs] of wishes) {
    it(`of ${sleep} is followed`, () => {
      const rig = startedRig();
      rig.fleet.sleep = sleep;
      demandPeriod(rig, periodMs);
    });
  }

  it("longer than the longest wait is followed up to that, and a tenth", () => {
    for (const sleep of ["00:02:00", "12:00:00", "999999999:00:00"]) {
      const rig = startedRig();
      rig.fleet.sleep = sleep;
      demandPeriod(rig, pollPeriodMaxMs);
    }
  });

  it("that is none is passed over", () => {
    for (const sleep of [
      "00:00:00",
      "00:00:00.001",
      "-1:00:00",
      "soon",
      "1:2",
      "1:2:3:4",
      "::",
      "0x1:0:0",
      " 1:00:00",
      "1e-3:0:0",
    ]) {
      const rig = startedRig();
      rig.fleet.sleep = sleep;
      demandPeriod(rig, pollPeriodMs, 200_000);
    }
  });

  it("holds as long as the server says so", () => {
    const rig = startedRig();
    rig.fleet.sleep = "00:01:00";
    rig.device.advance(200_000);
    rig.fleet.sleep = undefined;
    rig.device.advance(70_000);
    const before = pollTimesOf(rig).length;
    rig.device.advance(100_000);
    ok(pollTimesOf(rig).length - before >= 9, "the device's own period again");
  });
});

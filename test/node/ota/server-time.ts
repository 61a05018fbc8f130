/**
 * The time that a server tells: taken where TLS proves whose it is, kept in the journal once a day at the most, and all that a
 * device without a clock has after its next start.
 */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { NOW_S } from "./fleet.js";
import { makeImage, PowerCut, Rig, type RigOptions, startedRig } from "./rig.js";
import { demandDeclined } from "./unimpressed.js";

const SECOND_MS = 1000;
const DAY_S = 86_400;
const SECURE = Object.freeze({ isSecure: true });
/** The journal's partition, in rig.ts. */
const JOURNAL_OFFSET = 0x30000;

/** A device whose server says that it is `nowS()` in each answer; `undefined`: says nothing. */
function rigWith(nowS: () => number | undefined, options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rig.fleet.meddle = (_, good) => {
    const answer = good();
    const date = nowS();
    if (date === undefined) return answer;
    return { ...answer, headers: { ...answer.headers, date: new Date(date * SECOND_MS).toUTCString() } };
  };
  rig.device.powerOn();
  return rig;
}

function floorOf(rig: Rig): number {
  return rig.inspect().history.memory.timeFloorS;
}

describe("a server's date", () => {
  it("sets the clock where TLS proves whose it is, and goes on from there", () => {
    const rig = rigWith(() => (rig.traffic.requests.length === 1 ? NOW_S : undefined), { settings: SECURE });
    rig.device.advance(2000);
    const { wallClock, clock } = rig.device.host;
    equal(wallClock.quality, "network");
    const ageMs = clock.now() - rig.traffic.requests[0]!.atMs;
    ok(Math.abs(wallClock.now() - (NOW_S * SECOND_MS + ageMs)) < 50, `${wallClock.now()}`);
    rig.device.advance(5000);
    ok(Math.abs(wallClock.now() - (NOW_S * SECOND_MS + ageMs + 5000)) < 50, `${wallClock.now()}`);
    equal(
      rig.traffic.targets.map(({ host, port, socket }) => [host, port, "secure" in socket]),
      rig.traffic.targets.map(() => ["updates.example.com", 443, true]),
    );
  });

  it("is worth nothing over a link that proves nothing", () => {
    const rig = rigWith(() => NOW_S + 10 * DAY_S);
    rig.offer(makeImage("2.0.0"), { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"), "and what expires before it is taken");
    const { wallClock } = rig.device.host;
    equal([wallClock.quality, wallClock.now(), floorOf(rig)], ["none", 0, 0]);
  });

  it("that is none is passed over", () => {
    for (const date of ["", "now", "1795000000", "2026-11-18T00:00:00Z", "Wed, 18 Nov 2026 25:00:00 GMT", "x".repeat(29)]) {
      const rig = startedRig({ settings: SECURE });
      rig.fleet.meddle = (_, good) => ({ ...good(), headers: { date } });
      rig.device.advance(30_000);
      equal([rig.device.host.wallClock.quality, rig.linesWith("fault"), floorOf(rig)], ["none", [], 0], date);
    }
  });

  it("refuses what has expired by it", () => {
    const rig = rigWith(() => NOW_S + 2 * DAY_S, { settings: SECURE });
    rig.offer(makeImage("2.0.0"), { version: "2.0.0" });
    demandDeclined(rig, /^update: it expired 864\d\d s ago, expected one that is still good$/);
  });

  it("does not touch a clock of a battery's", () => {
    const onStart = (started: Rig): void => started.device.host.wallClock.set({ nowMs: 5_000_000, quality: "rtc" });
    const rig = rigWith(() => NOW_S, { settings: SECURE, onStart });
    rig.device.advance(20_000);
    equal([rig.device.host.wallClock.quality, rig.device.host.wallClock.now()], ["rtc", 5_020_000]);
  });
});

describe("the bound of the time", () => {
  it("is written once a day at the most", () => {
    let nowS = NOW_S;
    let stepCount = 0;
    const onStep = ({ offset }: { readonly offset: number }): void => {
      if (offset >= JOURNAL_OFFSET) stepCount++;
    };
    const rig = rigWith(() => nowS, { settings: SECURE, onStep });
    rig.device.advance(20_000);
    ok(floorOf(rig) - NOW_S < 30, "the first time that it is told");
    const first = floorOf(rig);
    stepCount = 0;
    for (nowS = NOW_S; nowS < first + DAY_S - 100; nowS += 1000) rig.device.advance(20_000);
    equal([floorOf(rig), stepCount], [first, 0], "all day long");
    nowS = first + DAY_S + 1;
    rig.device.advance(20_000);
    ok(floorOf(rig) > first, "a day later");
    equal(stepCount, 16, "one record in each half");
  });

  it("never sinks", () => {
    let nowS = NOW_S;
    const rig = rigWith(() => nowS, { settings: SECURE });
    rig.device.advance(20_000);
    const first = floorOf(rig);
    nowS = NOW_S - 100 * DAY_S;
    rig.device.advance(20_000);
    equal(floorOf(rig), first);
  });

  it("stands after a power cut at any step of its record, or is the one before", () => {
    for (let stepIndex = 0; stepIndex < 8; stepIndex++) {
      let isArmed = false;
      let journalStep = 0;
      const onStep = ({ offset }: { readonly offset: number }, stepped: Rig): void => {
        if (!isArmed || offset < JOURNAL_OFFSET || journalStep++ !== stepIndex) return;
        stepped.device.cutPower();
        throw new PowerCut("the power is cut");
      };
      let nowS: number | undefined;
      const rig = rigWith(() => nowS, { settings: SECURE, onStep });
      rig.device.advance(100);
      [isArmed, nowS] = [true, NOW_S];
      ok(rig.device.runUntil(() => rig.device.life.endedBy !== undefined, 60_000));
      [isArmed, nowS] = [false, undefined];
      rig.device.advance(20_000);
      const isWhole = stepIndex === 7;
      equal(
        [floorOf(rig) > 0, rig.device.host.wallClock.quality],
        [isWhole, isWhole ? "persisted" : "none"],
        `step ${stepIndex}`,
      );
    }
  });

  it("is what a device without a clock starts with, and what it holds an expiry against", () => {
    let nowS: number | undefined = NOW_S + 2 * DAY_S;
    const rig = rigWith(() => nowS, { settings: SECURE });
    rig.device.advance(20_000);
    const floorS = floorOf(rig);
    nowS = undefined;
    for (const reason of ["powerOn", "brownOut", "software"] as const) {
      rig.device.reset(reason);
      rig.device.advance(5000);
      const { wallClock } = rig.device.host;
      equal([wallClock.quality, wallClock.now()], ["persisted", floorS * SECOND_MS + 5000], reason);
      rig.offer(makeImage("2.0.0"), { version: "2.0.0" });
      demandDeclined(rig, new RegExp(`^update: it expired ${floorS - NOW_S - DAY_S} s ago`));
    }
    rig.offer(makeImage("2.0.0"), { version: "2.0.0", deployment: { issuedS: floorS, expiresS: floorS } });
    rig.device.advance(60_000);
    ok(rig.runUntilKept("2.0.0"), "a bound is no clock: it does not go on by itself");
  });

  it("does not stand in the way of a clock that is told later", () => {
    let nowS: number | undefined = NOW_S;
    const rig = rigWith(() => nowS, { settings: SECURE });
    rig.device.advance(20_000);
    nowS = undefined;
    rig.device.reset("powerOn");
    rig.device.advance(5000);
    nowS = NOW_S + 5 * DAY_S;
    rig.device.advance(20_000);
    equal(rig.device.host.wallClock.quality, "network");
    ok(rig.device.host.wallClock.now() >= nowS * SECOND_MS);
  });
});

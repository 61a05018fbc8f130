/**
 * Whoever holds updates that were signed, for another time or another device: the floors that stand against them survive
 * restarts, power cuts and the journal's change of halves.
 */

import { joinUpdate } from "../../../hosts/node/signing/sign-update.js";
import { Journal } from "../../../src/ota/journal.js";
import { parseEnvelope } from "../../../src/ota/manifest.js";
import type { WallClockQuality } from "../../../src/ports/wall-clock.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { NOW_S } from "./fleet.js";
import { makeImage, type Rig, type RigOptions, startedRig } from "./rig.js";
import { demandDeclined } from "./unimpressed.js";

const OLD = makeImage("1.5.0");
const IMAGE = makeImage("2.0.0");
const NEW = makeImage("3.0.0");
const DAY_S = 86_400;

/** 2.0.0 is confirmed: release 6, security version 3. The update of 1.5.0 is release 5. */
function confirmedRig(options: RigOptions = {}): Rig {
  const rig = startedRig(options);
  rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 6, securityVersion: 3 } });
  ok(rig.runUntilKept("2.0.0"), rig.device.lines.join("\n"));
  rig.device.advance(20_000);
  return rig;
}

/** The release of 1.5.0, good in its time, under a new deployment. */
function offerOld(rig: Rig): void {
  rig.offer(OLD, { version: "1.5.0", release: { sequenceNumber: 5, securityVersion: 3 } });
}

const IS_OLD = /^update: its release 5 is an old one, or revoked, expected 6 or later$/;

/** Starts until the journal has changed halves and copied what counts. */
function compactJournal(rig: Rig): void {
  const generation = (): number => new Journal({ flash: rig.device.host.flash }).health.generation;
  const before = generation();
  for (let count = 0; count < 255; count++) {
    rig.device.reset("powerOn");
    rig.device.advance(1);
  }
  equal(generation(), before + 1, "a half has 255 places");
}

describe("a rollback", () => {
  it("to a release older than the one that was confirmed is declined, whatever ended the lives before", () => {
    const rig = confirmedRig();
    offerOld(rig);
    demandDeclined(rig, IS_OLD);
    for (const reason of ["powerOn", "brownOut", "watchdog", "panic", "software", "deepSleep", "unknown"] as const) {
      rig.device.reset(reason);
      rig.device.advance(100);
      offerOld(rig);
      demandDeclined(rig, IS_OLD);
    }
    equal(rig.device.life.version, "2.0.0");
  });

  it("is declined after the journal has changed halves, twice", () => {
    const rig = confirmedRig();
    for (let change = 0; change < 2; change++) {
      compactJournal(rig);
      offerOld(rig);
      demandDeclined(rig, IS_OLD);
    }
    rig.offer(NEW, { version: "3.0.0", release: { sequenceNumber: 7, securityVersion: 3 } });
    ok(rig.runUntilKept("3.0.0"));
  });

  it("to an older security version is declined, however new the release", () => {
    const rig = confirmedRig();
    rig.offer(NEW, { version: "3.0.0", release: { sequenceNumber: 9, securityVersion: 2 } });
    demandDeclined(rig, /^update: its security version is 2, expected 3 or later$/);
  });

  it("to the release that the image on trial was to replace is no rollback: a trial moves no floor", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "unhealthy" } });
    rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 6, securityVersion: 3 } });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    const { releaseFloor, securityFloor } = rig.node!.core.slots.updateMemory;
    equal([releaseFloor, securityFloor], [0, 0]);
    rig.device.advance(20_000);
    offerOld(rig);
    ok(rig.runUntilKept("1.5.0"), rig.device.lines.join("\n"));
  });
});

describe("a deployment that was good in its time", () => {
  it("is declined after a newer one, also by the next start", () => {
    const rig = confirmedRig();
    const replay = (): void => {
      const release = { sequenceNumber: 8, securityVersion: 3 };
      rig.offer(NEW, { version: "3.0.0", release, deployment: { sequenceNumber: 1 } });
    };
    rig.offer(NEW, { version: "3.0.0", release: { sequenceNumber: 8, securityVersion: 2 }, deployment: { sequenceNumber: 9 } });
    demandDeclined(rig, /security version/);
    replay();
    ok(rig.runUntilKept("3.0.0"), "one that was never taken moves no floor; the last that was taken is 1");
    const next = { sequenceNumber: 9, securityVersion: 3 };
    const fourth = makeImage("4.0.0");
    rig.offer(fourth, { version: "4.0.0", release: next, deployment: { sequenceNumber: 12 } });
    ok(rig.runUntilKept("4.0.0"));
    rig.device.advance(20_000);
    for (const reason of ["software", "powerOn"] as const) {
      rig.offer(NEW, { version: "3.0.0", release: { ...next, sequenceNumber: 10 }, deployment: { sequenceNumber: 11 } });
      demandDeclined(rig, /^update: its deployment 11 is an old one, expected 12 or later$/);
      rig.device.reset(reason);
      rig.device.advance(100);
    }
  });

  it("is taken again by its own number: a download has to survive a cut", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0", answer: { chunkPeriodMs: 500 } });
    ok(rig.device.runUntil(() => (rig.node?.updater()?.progress.receivedBytes ?? 0) > 4000, 60_000));
    equal(rig.node!.core.slots.updateMemory.deploymentFloor, 1);
    rig.device.cutPower();
    ok(rig.runUntilKept("2.0.0"));
    equal(rig.traffic.downloads(path).length, 2);
  });
});

/** A rig whose clock is set at each start, and whose server offers 2.0.0 until a day after NOW_S. */
function rigAt(nowS: number, quality: WallClockQuality): Rig {
  const onStart = (started: Rig): void => started.device.host.wallClock.set({ nowMs: nowS * 1000, quality });
  const rig = startedRig({ onStart });
  rig.offer(IMAGE, { version: "2.0.0" });
  return rig;
}

describe("a freeze", () => {
  it("by a deployment that has expired is declined where a clock is trusted", () => {
    for (const quality of ["network", "rtc"] as const) {
      demandDeclined(rigAt(NOW_S + DAY_S + 100, quality), /^update: it expired \d+ s ago, expected one that is still good$/);
      ok(rigAt(NOW_S + DAY_S - 100, quality).runUntilKept("2.0.0"), "it was good a little earlier");
    }
  });

  it("by a release that has expired is declined, however new its deployment", () => {
    const rig = startedRig();
    rig.device.host.wallClock.set({ nowMs: (NOW_S + 100) * 1000, quality: "rtc" });
    rig.offer(IMAGE, { version: "2.0.0", release: { expiresS: NOW_S } });
    demandDeclined(rig, /^update: it expired \d+ s ago/);
  });

  it("is not seen by a device without a clock and without a bound", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", deployment: { issuedS: 1000, expiresS: 2000 } });
    ok(rig.runUntilKept("2.0.0"));
  });

  it("is seen by one without a clock by what a later release said, also after a power cut", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", release: { issuedS: NOW_S } });
    ok(rig.runUntilKept("2.0.0"));
    rig.device.advance(20_000);
    for (let start = 0; start < 2; start++) {
      rig.offer(NEW, { version: "3.0.0", deployment: { issuedS: NOW_S - 2 * DAY_S, expiresS: NOW_S - 10 } });
      demandDeclined(rig, /^update: it expired 10 s ago/);
      rig.device.cutPower();
      rig.device.advance(100);
    }
    rig.offer(NEW, { version: "3.0.0", deployment: { issuedS: NOW_S - 2 * DAY_S, expiresS: NOW_S } });
    ok(rig.runUntilKept("3.0.0"), "to the second it is still good");
  });
});

describe("an update for another device", () => {
  const others = [
    ["of another vendor", { release: { vendor: "example.org" } }, /^update: it is of the vendor example\.org, expected/],
    ["of another class", { release: { deviceClass: "toaster" } }, /^update: it is for the class toaster, expected node$/],
    ["for newer hardware", { release: { hardwareRevisionMin: 4 } }, /hardware revisions 4 … 4294967295, expected 3$/],
    ["for older hardware", { release: { hardwareRevisionMax: 2 } }, /hardware revisions 0 … 2, expected 3$/],
    ["by name", { deployment: { device: "B2" } }, /^update: it is for the device B2, expected A1$/],
  ] as const;
  for (const [name, change, because] of others) {
    it(`${name} is declined`, () => {
      const rig = startedRig();
      rig.offer(IMAGE, { version: "2.0.0", ...change });
      demandDeclined(rig, because);
    });
  }

  it("put together with a deployment to this one is declined", () => {
    const rig = startedRig();
    const forThis = rig.fleet.sign(OLD, { version: "1.5.0", deployment: { device: "A1" } });
    const tamper = (update: Uint8Array): Uint8Array =>
      joinUpdate(parseEnvelope(update).release, parseEnvelope(forThis).deployment);
    rig.offer(IMAGE, { version: "2.0.0", deployment: { device: "B2" }, tamper });
    demandDeclined(rig, /^update: the deployment names another release/);
  });

  it("is taken by the one that it is for", () => {
    const rig = startedRig();
    const release = { hardwareRevisionMin: 3, hardwareRevisionMax: 3 };
    rig.offer(IMAGE, { version: "2.0.0", release, deployment: { device: "A1" } });
    ok(rig.runUntilKept("2.0.0"));
  });
});

describe("an update for another image than the running one (wrong precursor)", () => {
  it("is declined, and taken by the image that it is for", () => {
    const rig = startedRig();
    const release = { precursor: IMAGE.slice(-32) };
    rig.offer(NEW, { version: "3.0.0", release });
    demandDeclined(rig, /^update: it replaces another image than the running one, expected its precursor to run$/);
    rig.offer(IMAGE, { version: "2.0.0", release: { precursor: makeImage("1.0.0").slice(-32) } });
    ok(rig.runUntilKept("2.0.0"));
    rig.offer(NEW, { version: "3.0.0", release });
    ok(rig.runUntilKept("3.0.0"));
  });
});

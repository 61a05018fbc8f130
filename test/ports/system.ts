/**
 * The law of the System port: what src/ports/system.ts demands, one obligation for each MUST. Its subject needs a chip whose
 * resets can be watched from outside, so it runs on simulated chips only. See docs/design/ports.md.
 */
import type { ResetReason, System } from "../../src/ports/system.js";
import type { TimerConstructor } from "../../src/ports/timer.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

/** How a life ended: the reset reason of the next one, and for "deepSleep" how long it sleeps. */
export interface Ending {
  readonly reason: ResetReason;
  readonly sleepMs: number | undefined;
}

export interface SystemSubject {
  readonly system: System;
  /** What the boot told the chip, and the System has to repeat. */
  readonly boot: { readonly resetReason: ResetReason; readonly runningSlot: number | undefined };
  /** What happened to the chip since it started. */
  readonly endings: readonly Ending[];
  readonly canSleep: boolean;
  /** Of the same device. */
  readonly Timer: TimerConstructor;
  readonly advance: (durationMs: number) => void | Promise<void>;
}

const REASONS: readonly ResetReason[] = ["powerOn", "brownOut", "software", "panic", "watchdog", "deepSleep", "unknown"];

async function callsAfter(subject: SystemSubject, end: () => void): Promise<number> {
  let count = 0;
  const early = new subject.Timer({ onExpire: () => void count++ });
  const late = new subject.Timer({ onExpire: () => void count++ });
  early.arm(10);
  end();
  late.arm(10);
  await subject.advance(1000);
  return count;
}

export const systemObligations: readonly Obligation<SystemSubject>[] = [
  {
    must: "tell why the chip started, from boot to restart",
    check({ system, boot }) {
      ok(REASONS.includes(system.resetReason), `${system.resetReason} is no reset reason`);
      equal(system.resetReason, boot.resetReason);
      system.restart();
      equal(system.resetReason, boot.resetReason, "once the next reset is under way");
    },
  },
  {
    must: "tell the slot that the boot chose, or undefined",
    check({ system, boot }) {
      equal(system.runningSlot, boot.runningSlot);
      system.restart();
      equal(system.runningSlot, boot.runningSlot, "once the next reset is under way");
    },
  },
  {
    must: "restart the chip with the reason software",
    async check({ system, endings, advance }) {
      equal(endings.length, 0, "resets before it");
      system.restart();
      await advance(1);
      equal(endings, [{ reason: "software", sleepMs: undefined }]);
    },
  },
  {
    must: "restart once, whatever is asked after it",
    async check({ system, endings, advance, canSleep }) {
      system.restart();
      system.restart();
      if (canSleep) system.sleep(10);
      await advance(1000);
      equal(endings.length, 1, "resets");
    },
  },
  {
    must: "call nothing back after restart",
    async check(subject) {
      equal(await callsAfter(subject, () => subject.system.restart()), 0, "calls");
    },
  },
  {
    must: "sleep for the time it is told, then start with the reason deepSleep; or throw unsupported and go on",
    async check({ system, endings, advance, canSleep }) {
      if (canSleep) {
        system.sleep(60_000);
        await advance(1);
        equal(endings, [{ reason: "deepSleep", sleepMs: 60_000 }]);
        return;
      }
      throws(() => system.sleep(60_000), "unsupported");
      equal(endings.length, 0, "resets by a sleep that was refused");
      system.restart();
      await advance(1);
      equal(endings.length, 1, "resets by the restart after it");
    },
  },
  {
    must: "call nothing back after sleep",
    async check(subject) {
      if (subject.canSleep) equal(await callsAfter(subject, () => subject.system.sleep(5)), 0, "calls");
    },
  },
  {
    must: "refuse to sleep for a time that is negative or no number, and go on",
    async check({ system, endings, advance }) {
      for (const durationMs of [-1, Number.NaN]) throws(() => system.sleep(durationMs));
      await advance(1);
      equal(endings.length, 0, "resets");
      system.restart();
      await advance(1);
      equal(endings.length, 1, "resets by the restart after it");
    },
  },
];

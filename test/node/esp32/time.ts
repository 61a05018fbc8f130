/** What Moddable's timer, ticks and date do otherwise than the ports of time say, and that the adapters mend it. */
import { createClock } from "../../../hosts/esp32/clock.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import { createWallClock } from "../../../hosts/esp32/wall-clock.js";
import type { Timer, TimerConstructor } from "../../../src/ports/timer.js";
import type { WallClock } from "../../../src/ports/wall-clock.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { FakeLoop } from "./moddable/time.js";

const DAY_MS = 24 * 3_600_000;
const WRAP_MS = 2 ** 32;
const NOON_MS = Date.UTC(2026, 5, 1, 12);

function openLoop(startMs = 0) {
  const loop = new FakeLoop(startMs);
  return { loop, Timer: createTimer({ timer: loop.timer }) };
}

describe("ESP32: timer", () => {
  it("is armed again and again over one timer of Moddable's, whose one-shots are gone behind their callback", () => {
    const { loop, Timer } = openLoop();
    const oneShot = loop.timer.set(() => {}, 1, 0);
    loop.advance(1);
    throws(() => loop.timer.schedule(oneShot, 1, 0), /invalid timer/);
    const before = loop.madeCount;
    let count = 0;
    const timer = new Timer({
      onExpire() {
        count++;
        if (count < 100) this.arm(10);
      },
    });
    timer.arm(10);
    loop.advance(10_000);
    timer.arm(1);
    loop.advance(1);
    equal([count, loop.madeCount - before], [101, 1]);
  });

  it("can be moved by the callback of another that is due in the same turn; Moddable's own then fires at once", () => {
    const { loop, Timer } = openLoop();
    const told: string[] = [];
    const mover = loop.timer.set(() => loop.timer.schedule(moved, 1000, 0), 5, 0);
    const moved = loop.timer.set(() => void told.push("Moddable's"), 5, 0);
    ok(mover !== moved);
    loop.advance(5);
    equal(told, ["Moddable's"]);

    const [first, second] = openPair(Timer, told, (other) => other.arm(1000));
    for (const timer of [first, second]) timer.arm(5);
    loop.advance(1004);
    equal(told, ["Moddable's", "first"]);
    loop.advance(1);
    equal(told, ["Moddable's", "first", "second"]);
  });

  it("can be disarmed and closed by the callback of another that is due in the same turn", () => {
    const { loop, Timer } = openLoop();
    const told: string[] = [];
    const ends: readonly ((other: Timer) => void)[] = [(other) => other.disarm(), (other) => other.close()];
    for (const end of ends) for (const timer of openPair(Timer, told, end)) timer.arm(5);
    loop.advance(60 * DAY_MS);
    equal(told, ["first", "first"]);
  });

  it("can be closed by its own callback", () => {
    const { loop, Timer } = openLoop();
    let count = 0;
    const timer = new Timer({
      onExpire() {
        count++;
        this.close();
      },
    });
    timer.arm(1);
    loop.advance(100 * DAY_MS);
    equal(count, 1);
    throws(() => timer.arm(1), "closed");
  });

  it("lets the firing pass that keeps Moddable's timer alive", () => {
    const { loop, Timer } = openLoop();
    let count = 0;
    const timer = new Timer({ onExpire: () => void count++ });
    timer.arm(1);
    loop.advance(1);
    loop.advance(60 * DAY_MS);
    equal(count, 1);
    timer.arm(1);
    loop.advance(1);
    equal(count, 2);
  });
});

/** Two timers that are called in this order where both are due; the first does something to the second. */
function openPair(Timer: TimerConstructor, told: string[], act: (second: Timer) => void): readonly [Timer, Timer] {
  const first = new Timer({
    onExpire() {
      told.push("first");
      act(second);
    },
  });
  const second = new Timer({ onExpire: () => void told.push("second") });
  return [first, second];
}

describe("ESP32: clock", () => {
  it("misses no wrap of the ticks, even if nobody ever asks it", () => {
    for (const startMs of [0, WRAP_MS - 1, 2 ** 31, 2 ** 31 - 1]) {
      const { loop, Timer } = openLoop(startMs);
      const clock = createClock({ time: loop.time, Timer });
      loop.advance(5 * WRAP_MS + 7);
      equal(clock.now(), 5 * WRAP_MS + 7, `from ${startMs}`);
    }
  });

  it("would miss them without the timer that asks it", () => {
    const { loop } = openLoop();
    class Dead {
      arm(): void {}
      disarm(): void {}
      close(): void {}
    }
    const clock = createClock({ time: loop.time, Timer: Dead });
    loop.advance(5 * WRAP_MS + 7);
    equal(clock.now(), 7);
  });

  it("keeps that timer armed for less than half a wrap, and has one", () => {
    const { loop, Timer } = openLoop();
    createClock({ time: loop.time, Timer });
    loop.advance(365 * DAY_MS);
    equal(loop.madeCount, 1);
  });
});

/** The wall clock of a chip: fresh, or restarted with the date as it was. */
function openWallClock(dateMs: number): { readonly loop: FakeLoop; readonly wallClock: WallClock } {
  const loop = new FakeLoop(0, dateMs);
  return { loop, wallClock: createWallClock({ time: loop.time, date: loop.date }) };
}

describe("ESP32: wall clock", () => {
  it("takes a date that survived a restart for a lower bound, and one from before this firmware for none", () => {
    const { loop, wallClock } = openWallClock(0);
    loop.advance(90_000);
    equal([wallClock.quality, wallClock.now()], ["none", 0], "after power-on");
    wallClock.set({ nowMs: NOON_MS, quality: "network" });
    loop.advance(1500);
    equal(wallClock.now(), NOON_MS + 1500);
    const restarted = openWallClock(loop.date()).wallClock;
    equal(restarted.quality, "persisted");
    ok(restarted.now() <= wallClock.now() && restarted.now() > wallClock.now() - 1000, "a bound, less than a second below");
    restarted.set({ nowMs: NOON_MS - DAY_MS, quality: "persisted" });
    equal(restarted.now(), NOON_MS - DAY_MS, "a bound of the same quality replaces it");
    equal(openWallClock(Date.UTC(2025, 11, 31)).wallClock.quality, "none");
  });

  it("keeps the milliseconds that Moddable's whole seconds lack", () => {
    const { loop, wallClock } = openWallClock(0);
    wallClock.set({ nowMs: NOON_MS + 789, quality: "network" });
    equal([wallClock.now(), loop.date()], [NOON_MS + 789, NOON_MS]);
    loop.advance(211);
    equal(wallClock.now(), NOON_MS + 1000);
  });

  it("does not keep a date over a restart that nobody trusted", () => {
    const { loop, wallClock } = openWallClock(0);
    wallClock.set({ nowMs: NOON_MS, quality: "none" });
    equal(openWallClock(loop.date()).wallClock.quality, "none");
  });

  it("holds a date beyond the 32 bits of Moddable's seconds until the restart", () => {
    const { wallClock } = openWallClock(0);
    const nowMs = Date.UTC(2106, 5, 1);
    wallClock.set({ nowMs, quality: "network" });
    equal(wallClock.now(), nowMs);
  });
});

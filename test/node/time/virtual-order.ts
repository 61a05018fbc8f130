/** In which order virtual time fires, and where it leaves the clock. */
import fc from "fast-check";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { AssertionError } from "../../../src/assert.js";
import type { Timer } from "../../../src/ports/timer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** A timer that writes its name and the time into `log`. */
function named(time: VirtualTime, log: string[], name: string): Timer {
  return new time.Timer({ onExpire: () => void log.push(`${name}@${time.nowMs}`) });
}

describe("virtual time", () => {
  it("fires in order of due time, then of arming, with the clock at the due time", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const [a, b, c] = ["a", "b", "c"].map((name) => named(time, log, name));
    a!.arm(20);
    b!.arm(10);
    c!.arm(10);
    a!.arm(10); // Armed anew: behind c.
    time.advance(9);
    equal(log, []);
    time.advance(100);
    equal(log, ["b@10", "c@10", "a@10"]);
    equal(time.nowMs, 109);
  });

  it("fires within one advance what callbacks arm, a delay of 0 at the same instant", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const later = named(time, log, "later");
    let count = 0;
    const chain = new time.Timer({
      onExpire() {
        log.push(`chain@${time.nowMs}`);
        if (++count < 4) this.arm(count === 2 ? 0 : 5);
      },
    });
    later.arm(6);
    chain.arm(5);
    time.advance(15);
    equal(log, ["chain@5", "later@6", "chain@10", "chain@10", "chain@15"]);
  });

  it("orders any set of delays as a sort by due time and arming does", () => {
    const delays = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 });
    fc.assert(
      fc.property(delays, fc.array(fc.nat(7), { maxLength: 10 }), (delaysMs, stepsMs) => {
        const time = new VirtualTime();
        const log: string[] = [];
        delaysMs.forEach((delayMs, index) => {
          named(time, log, `${index}`).arm(delayMs);
        });
        for (const stepMs of stepsMs) time.advance(stepMs);
        time.advance(20);
        const expected = delaysMs
          .map((delayMs, index) => ({ delayMs, index }))
          .sort((left, right) => left.delayMs - right.delayMs || left.index - right.index)
          .map(({ delayMs, index }) => `${index}@${delayMs}`);
        equal(log, expected);
      }),
    );
  });

  it("fires late, and loses nothing, where a callback spends time", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const slow = new time.Timer({
      onExpire() {
        log.push(`slow@${time.nowMs}`);
        time.spend(30);
      },
    });
    const late = named(time, log, "late");
    const beyond = named(time, log, "beyond");
    slow.arm(10);
    late.arm(20);
    beyond.arm(35);
    time.advance(25);
    equal(log, ["slow@10", "late@40"]);
    equal(time.nowMs, 40, "the spent time stays spent");
    time.advance(0);
    equal(log, ["slow@10", "late@40", "beyond@40"], "and what it made due is next");
  });

  it("ends an advance under overload, where each callback spends more than it waits", () => {
    const time = new VirtualTime();
    let count = 0;
    const overloaded = new time.Timer({
      onExpire() {
        count++;
        time.spend(10);
        this.arm(0);
      },
    });
    overloaded.arm(0);
    time.advance(95);
    equal([count, time.nowMs], [10, 100]);
  });

  it("fires nothing while time is spent", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    named(time, log, "a").arm(10);
    time.spend(50);
    equal([log.length, time.nowMs], [0, 50]);
    time.advance(0);
    equal(log, ["a@50"]);
  });

  it("names a loop that re-arms for now, instead of hanging in it", () => {
    const time = new VirtualTime();
    new time.Timer({
      onExpire() {
        this.arm(0);
      },
    }).arm(0);
    ok(throws(() => time.advance(1), /re-arm for now/) instanceof AssertionError);
  });

  it("refuses to be advanced from a callback, and a delay above 2^31 − 1", () => {
    const time = new VirtualTime();
    const timer = new time.Timer({ onExpire: () => time.advance(1) });
    timer.arm(1);
    ok(throws(() => time.advance(1), /spend\(\)/) instanceof AssertionError);
    throws(() => timer.arm(2 ** 31), "invalid", /expected 0 … 2147483647/);
  });

  it("goes on after a callback that throws", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    new time.Timer({
      onExpire() {
        throw new Error("fault");
      },
    }).arm(5);
    named(time, log, "next").arm(5);
    throws(() => time.advance(10), /fault/);
    equal([log.length, time.nowMs], [0, 5]);
    time.advance(5);
    equal(log, ["next@5"]);
  });
});

describe("virtual time, run until", () => {
  it("stops at the callback that makes it true", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    for (const delayMs of [10, 20, 30]) named(time, log, "t").arm(delayMs);
    ok(time.runUntil(() => log.length === 2, 1000));
    equal([log.length, time.nowMs], [2, 20]);
    ok(
      time.runUntil(() => true, 1000),
      "true at once",
    );
    equal(time.nowMs, 20);
  });

  it("gives up at the limit", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    named(time, log, "a").arm(100);
    named(time, log, "b").arm(101);
    equal(
      time.runUntil(() => false, 100),
      false,
    );
    equal([log, time.nowMs], [["a@100"], 100]);
    ok(
      time.runUntil(() => time.nowMs >= 150, 50),
      "asked once more at the limit",
    );
  });
});

describe("virtual time, restart", () => {
  it("forgets what is armed, and the timers of the earlier life never fire again", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const early = named(time, log, "early");
    early.arm(10);
    time.advance(5);
    time.dropAll();
    early.arm(10);
    early.disarm();
    early.arm(10);
    named(time, log, "new").arm(10);
    time.advance(100);
    equal(log, ["new@15"]);
    early.close();
    throws(() => early.arm(1), "closed");
  });

  it("takes a restart from inside a callback", () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const last = new time.Timer({
      onExpire() {
        time.dropAll();
        this.arm(0);
        named(time, log, "new").arm(1);
      },
    });
    last.arm(10);
    named(time, log, "pending").arm(10);
    time.advance(20);
    equal(log, ["new@11"]);
  });
});

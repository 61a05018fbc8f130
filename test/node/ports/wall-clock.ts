/** The WallClock suite over virtual time, and over broken wall clocks. */
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { createWallClock } from "../../../hosts/simulated/wall-clock.js";
import { equal, throws } from "../../harness/expect.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { brokenWallClocks } from "../../ports/broken/wall-clock.js";
import { type WallClockSubject, wallClockObligations } from "../../ports/wall-clock.js";

function open(): WallClockSubject {
  const time = new VirtualTime();
  time.spend(0.3);
  return { wallClock: createWallClock({ clock: time.clock }), advance: (durationMs) => time.advance(durationMs) };
}

describePort("WallClock of hosts/node", wallClockObligations, open);
describeBroken("WallClock", wallClockObligations, brokenWallClocks(open));

describe("WallClock of hosts/node, beyond the port", () => {
  it("answers whole milliseconds, the set one exactly, whatever fraction the monotonic clock stands at", () => {
    const time = new VirtualTime();
    const wallClock = createWallClock({ clock: time.clock });
    for (let count = 0; count < 1000; count++) {
      time.spend(0.1);
      wallClock.set({ nowMs: 1_767_225_600_001 + count, quality: "network" });
      equal(wallClock.now(), 1_767_225_600_001 + count);
      time.spend(1.25);
      equal(wallClock.now(), 1_767_225_600_002 + count);
    }
  });

  it("refuses a quality that it does not know", () => {
    const { wallClock } = open();
    throws(() => wallClock.set({ nowMs: 1, quality: "gps" as "rtc" }), "invalid", /gps.*expected one of none, persisted/);
    equal(wallClock.quality, "none");
  });
});

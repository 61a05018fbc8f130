/**
 * The ESP32 host without its native part, the basic level: the port suites where they can be passed, and what is promised where
 * there is no hardware to keep it.
 */
import { createRetainedMemory } from "../../../hosts/esp32/retained-memory.js";
import { createSystem } from "../../../hosts/esp32/system.js";
import { createWatchdogTimer } from "../../../hosts/esp32/watchdog-timer.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { equal, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { retainedMemoryObligations } from "../../ports/retained-memory.js";
import { type Ending, type SystemSubject, systemObligations } from "../../ports/system.js";

/** What native/none.ts gives. */
const chip = undefined;

function openSystem(runningSlot: number | undefined): SystemSubject {
  const time = new VirtualTime();
  const endings: Ending[] = [];
  const restart = (): void => {
    endings.push({ reason: "software", sleepMs: undefined });
    time.dropAll();
  };
  return {
    system: createSystem({ chip, restart, runningSlot }),
    boot: { resetReason: "unknown", runningSlot },
    endings,
    canSleep: false,
    Timer: time.Timer,
    advance: (durationMs) => time.advance(durationMs),
  };
}

describePort("System of hosts/esp32, basic, slot deduced", systemObligations, () => openSystem(1));
describePort("System of hosts/esp32, basic, slot unknown", systemObligations, () => openSystem(undefined));

describePort("RetainedMemory of hosts/esp32, basic", retainedMemoryObligations, () => {
  const memory = createRetainedMemory({ chip });
  return { memory, restarted: () => createRetainedMemory({ chip }) };
});

describe("ESP32: basic level", () => {
  it("tells 0 bytes of retained memory", () => {
    equal(createRetainedMemory({ chip }).sizeBytes, 0);
  });

  it("refuses to sleep, and an impossible time before that", () => {
    const system = createSystem({ chip, restart: () => {} });
    throws(() => system.sleep(1000), "unsupported", /^System: sleep on the ESP32, expected restart\(\)$/);
    throws(() => system.sleep(-1), "invalid", /^System: sleep of -1 ms/);
  });

  it("has a watchdog that keeps the rules of the port, though it never bites", () => {
    const WatchdogTimer = createWatchdogTimer({ chip });
    for (const timeoutMs of [99, 120_001, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new WatchdogTimer({ timeoutMs }), "invalid", /^WatchdogTimer: timeout of .* ms, expected 100 … 120000$/);
    }
    const first = new WatchdogTimer(Object.freeze({ timeoutMs: 100 }));
    throws(() => new WatchdogTimer({ timeoutMs: 100 }), "busy");
    first.feed();
    first.close();
    const second = new WatchdogTimer({ timeoutMs: 120_000 });
    first.close();
    second.feed();
    throws(() => first.feed(), "closed");
    second.close();
    throws(() => second.feed(), "closed");
  });

  it("has one watchdog for each class that was made: two hosts in one process do not share it", () => {
    const One = createWatchdogTimer({ chip });
    const Other = createWatchdogTimer({ chip });
    const one = new One({ timeoutMs: 1000 });
    new Other({ timeoutMs: 1000 }).close();
    one.feed();
  });
});

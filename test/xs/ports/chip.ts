/**
 * System, watchdog and retained memory of the XS host. What ends a life runs over the scripted wire; that the real chip resets
 * the real processor is what `holdfast story --host xs` shows.
 */
import { createRetainedMemory } from "../../../hosts/simulated/retained-memory.js";
import { createSystem } from "../../../hosts/simulated/system.js";
import { createWatchdogTimer } from "../../../hosts/simulated/watchdog-timer.js";
import { WireChip } from "../../../hosts/simulated/wire-chip.js";
import { XSTime } from "../../../hosts/xs/xs-time.js";
import { FirmwareError } from "../../../src/errors.js";
import { equal, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { retainedMemoryObligations } from "../../ports/retained-memory.js";
import { systemObligations } from "../../ports/system.js";
import { watchdogTimerObligations } from "../../ports/watchdog-timer.js";
import { hostUnderTest } from "../host.js";
import { ScriptedWire } from "./rig/scripted-wire.js";

function chipOver(wire: ScriptedWire): WireChip {
  return new WireChip(wire, wire.hello);
}

describePort("System of hosts/xs, driven", systemObligations, () => {
  const boot = { resetReason: "brownOut", runningSlot: 1 } as const;
  const wire = new ScriptedWire(boot);
  const time = new XSTime(wire);
  wire.listen(() => time.wake());
  return {
    system: createSystem(chipOver(wire)),
    boot,
    endings: wire.endings,
    canSleep: true,
    Timer: time.Timer,
    advance: (durationMs) => wire.advance(durationMs),
  };
});

describePort("WatchdogTimer of hosts/xs, driven", watchdogTimerObligations, () => {
  const wire = new ScriptedWire();
  return {
    WatchdogTimer: createWatchdogTimer(chipOver(wire)),
    canStop: true,
    biteCount: () => wire.endings.filter(({ reason }) => reason === "watchdog").length,
    advance: (durationMs) => wire.advance(durationMs),
  };
});

describePort("RetainedMemory of hosts/xs, driven", retainedMemoryObligations, () => {
  const wire = new ScriptedWire();
  return {
    memory: createRetainedMemory(chipOver(wire)),
    restarted() {
      chipOver(wire).restart();
      return createRetainedMemory(chipOver(new ScriptedWire({ resetReason: "software", retained: wire.retained })));
    },
  };
});

describePort("RetainedMemory of hosts/xs, real", retainedMemoryObligations, () => ({
  memory: hostUnderTest().retainedMemory,
  restarted() {
    throw new FirmwareError("unsupported", "the specs run within one boot");
  },
}));

describe("The chip of hosts/xs, real", () => {
  it("tells that the first boot of a flash file is a power-on, from slot 0", () => {
    const { system } = hostUnderTest();
    equal([system.resetReason, system.runningSlot], ["powerOn", 0]);
  });

  it("has one watchdog, and the runner of the specs holds it", () => {
    const { WatchdogTimer } = hostUnderTest();
    throws(() => new WatchdogTimer({ timeoutMs: 1000 }), "busy");
  });
});

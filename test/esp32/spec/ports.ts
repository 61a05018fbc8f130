/** The port suites over the ESP32's adapters, the C file and a mocked chip, at every level that the C file is compiled for. */
import { createNativeDigest } from "../../../hosts/esp32/native-digest.js";
import { createNativeVerifier } from "../../../hosts/esp32/native-verifier.js";
import { createRetainedMemory } from "../../../hosts/esp32/retained-memory.js";
import { createSystem } from "../../../hosts/esp32/system.js";
import { createWatchdogTimer } from "../../../hosts/esp32/watchdog-timer.js";
import { WireChip } from "../../../hosts/simulated/wire-chip.js";
import { XSTime } from "../../../hosts/xs/xs-time.js";
import { describePort } from "../../harness/port-suite.js";
import { digestObligations } from "../../ports/digest.js";
import { retainedMemoryObligations } from "../../ports/retained-memory.js";
import { type SystemSubject, systemObligations } from "../../ports/system.js";
import { type VerifierSubject, verifierObligations } from "../../ports/verifier.js";
import { type WatchdogTimerSubject, watchdogTimerObligations } from "../../ports/watchdog-timer.js";
import { ScriptedWire } from "../../xs/ports/rig/scripted-wire.js";
import { LEVELS, type Level, MockedChip } from "../mocked-chip.js";

const BROWN_OUT = 9;
const OTA_1 = 0x11;

/** Restart and timer are Moddable's, not the native part's: a wire's stand in for them. */
function openSystem(level: Level): SystemSubject {
  const mocked = new MockedChip(level);
  mocked.set("resetReason", BROWN_OUT);
  mocked.set("partitionSubtype", OTA_1);
  const wire = new ScriptedWire();
  const time = new XSTime(wire);
  wire.listen(() => time.wake());
  const other = new WireChip(wire, wire.hello);
  return {
    system: createSystem({ chip: mocked.chip, restart: () => other.restart() }),
    boot: { resetReason: "brownOut", runningSlot: 1 },
    endings: wire.endings,
    canSleep: false,
    Timer: time.Timer,
    advance: (durationMs) => wire.advance(durationMs),
  };
}

function openWatchdog(level: Level): WatchdogTimerSubject {
  const mocked = new MockedChip(level);
  return {
    WatchdogTimer: createWatchdogTimer({ chip: mocked.chip }),
    canStop: true,
    biteCount: () => mocked.report().bites.length,
    advance: (durationMs) => mocked.advance(durationMs),
  };
}

interface MockedVerifier extends VerifierSubject {
  readonly mocked: MockedChip;
}

/** The mocked library knows the key of the suite and its two signatures. */
function openVerifier(level: Level): MockedVerifier {
  const mocked = new MockedChip(level);
  return { verifier: createNativeVerifier({ chip: mocked.chip, trace: () => {} }), mocked };
}

for (const level of LEVELS) {
  describePort(`System of hosts/esp32, ${level}`, systemObligations, () => openSystem(level));
  describePort(`WatchdogTimer of hosts/esp32, ${level}`, watchdogTimerObligations, () => openWatchdog(level));
  describePort(`RetainedMemory of hosts/esp32, ${level}`, retainedMemoryObligations, () => {
    const { chip } = new MockedChip(level);
    const memory = createRetainedMemory({ chip });
    memory.write(0, new Uint8Array(memory.sizeBytes));
    return { memory, restarted: () => createRetainedMemory({ chip: new MockedChip(level).chip }) };
  });
  describePort(`Digest of hosts/esp32, ${level}`, digestObligations, () => ({
    Digest: createNativeDigest({ chip: new MockedChip(level).chip }),
  }));
  // What the mocked library was asked that hardware would not forgive is found at the end of each.
  const atEnd = ({ mocked }: MockedVerifier): void => void mocked.report();
  describePort(`Verifier of hosts/esp32, ${level}`, verifierObligations, () => openVerifier(level), atEnd);
}

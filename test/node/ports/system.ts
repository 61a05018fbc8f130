/** The System suite over a virtual chip, with and without a known slot and sleep, and over broken systems. */

import { VirtualChip } from "../../../hosts/node/virtual-chip.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { createSystem } from "../../../hosts/simulated/system.js";
import { FirmwareError } from "../../../src/errors.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenSystems } from "../../ports/broken/system.js";
import { type Ending, type SystemSubject, systemObligations } from "../../ports/system.js";
import { noFlash } from "../time/no-flash.js";

/** A chip without a wake-up source. */
class SleeplessChip extends VirtualChip {
  override sleep(): void {
    throw new FirmwareError("unsupported", "VirtualChip: no wake-up source, expected restart()");
  }
}

function open(resetReason: ResetReason, runningSlot: number | undefined, Chip: typeof VirtualChip): SystemSubject {
  const time = new VirtualTime();
  const endings: Ending[] = [];
  const chip = new Chip({
    time,
    flash: noFlash,
    resetReason,
    ...(runningSlot === undefined ? {} : { runningSlot }),
    onReset(reason, sleepMs) {
      endings.push({ reason, sleepMs });
      time.dropAll();
    },
  });
  return {
    system: createSystem(chip),
    boot: { resetReason, runningSlot },
    endings,
    canSleep: Chip === VirtualChip,
    Timer: time.Timer,
    advance: (durationMs) => time.advance(durationMs),
  };
}

describePort("System of hosts/node", systemObligations, () => open("brownOut", 1, VirtualChip));
describePort("System of hosts/node, slot unknown", systemObligations, () => open("unknown", undefined, VirtualChip));
describePort("System of hosts/node, chip without sleep", systemObligations, () => open("powerOn", 0, SleeplessChip));
describeBroken(
  "System",
  systemObligations,
  brokenSystems(() => open("panic", undefined, VirtualChip)),
);

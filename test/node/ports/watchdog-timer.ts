/** The WatchdogTimer suite over a virtual chip, over one that cannot be stopped, and over broken watchdogs. */
import { VirtualChip } from "../../../hosts/node/virtual-chip.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { createWatchdogTimer } from "../../../hosts/simulated/watchdog-timer.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenWatchdogTimers } from "../../ports/broken/watchdog-timer.js";
import { type WatchdogTimerSubject, watchdogTimerObligations } from "../../ports/watchdog-timer.js";
import { noFlash } from "../time/no-flash.js";

/** A chip whose watchdog, once started, runs until the reset. */
class RelentlessChip extends VirtualChip {
  override disarmWatchdog(): void {}
}

function open(Chip: typeof VirtualChip): WatchdogTimerSubject {
  const time = new VirtualTime();
  let biteCount = 0;
  const chip = new Chip({
    time,
    flash: noFlash,
    onReset(reason) {
      if (reason === "watchdog") biteCount++;
    },
  });
  return {
    WatchdogTimer: createWatchdogTimer(chip),
    canStop: Chip === VirtualChip,
    biteCount: () => biteCount,
    advance: (durationMs) => time.advance(durationMs),
  };
}

describePort("WatchdogTimer of hosts/node", watchdogTimerObligations, () => open(VirtualChip));
describePort("WatchdogTimer of hosts/node, not to be stopped", watchdogTimerObligations, () => open(RelentlessChip));
describeBroken(
  "WatchdogTimer",
  watchdogTimerObligations,
  brokenWatchdogTimers(() => open(VirtualChip)),
);

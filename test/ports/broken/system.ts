/** Systems with one fault each: what the suite of the System port must notice. Each wraps a right one that can sleep. */
import { FirmwareError } from "../../../src/errors.js";
import type { System } from "../../../src/ports/system.js";
import type { Broken } from "../../harness/port-suite.js";
import type { SystemSubject } from "../system.js";

type Open = () => SystemSubject;

/** A right system with the members of `derive` in place of its own. */
function withFault(open: Open, derive: (right: System, subject: SystemSubject) => Partial<System>): Open {
  return () => {
    const subject = open();
    const right = subject.system;
    const base: System = {
      resetReason: right.resetReason,
      runningSlot: right.runningSlot,
      restart: () => right.restart(),
      sleep: (durationMs) => right.sleep(durationMs),
    };
    const system = Object.defineProperties(base, Object.getOwnPropertyDescriptors(derive(right, subject)));
    return { ...subject, system };
  };
}

/** Restarts only when the loop turns, and calls go on until then. */
function withLateEnd(open: Open): Open {
  return withFault(open, (right, { Timer }) => {
    const later = (end: () => void) => new Timer({ onExpire: end }).arm(50);
    return { restart: () => later(() => right.restart()), sleep: (durationMs) => later(() => right.sleep(durationMs)) };
  });
}

/** Each call reaches the chip of its own, so that a second one counts. */
function withEveryCall(open: Open): Open {
  return () => {
    const first = open();
    const endings = [...first.endings];
    const system: System = {
      resetReason: first.system.resetReason,
      runningSlot: first.system.runningSlot,
      restart: () => void endings.push({ reason: "software", sleepMs: undefined }),
      sleep: (sleepMs) => void endings.push({ reason: "deepSleep", sleepMs }),
    };
    return { ...first, system, endings };
  };
}

/** `open` gives a right system on a chip that can sleep. */
export function brokenSystems(open: Open): readonly Broken<SystemSubject>[] {
  return [
    {
      must: "tell why the chip started, from boot to restart",
      fault: "tells the reason of the reset that it asked for",
      open: withFault(open, (right, { endings }) => ({
        get resetReason() {
          return endings[0]?.reason ?? right.resetReason;
        },
      })),
    },
    {
      must: "tell the slot that the boot chose, or undefined",
      fault: "tells slot 0 where it does not know better",
      open: withFault(open, () => ({ runningSlot: 0 })),
    },
    {
      must: "restart the chip with the reason software",
      fault: "sleeps for no time instead",
      open: withFault(open, (right) => ({ restart: () => right.sleep(0) })),
    },
    {
      must: "restart once, whatever is asked after it",
      fault: "restarts at each call",
      open: withEveryCall(open),
    },
    {
      must: "call nothing back after restart",
      fault: "ends the life some time later",
      open: withLateEnd(open),
    },
    {
      must: "sleep for the time it is told, then start with the reason deepSleep; or throw unsupported and go on",
      fault: "takes milliseconds for seconds",
      open: withFault(open, (right) => ({ sleep: (durationMs) => right.sleep(durationMs * 1000) })),
    },
    {
      must: "sleep for the time it is told, then start with the reason deepSleep; or throw unsupported and go on",
      fault: "cannot restart once a sleep was refused",
      open: () => {
        const refuse = withFault(open, (right) => {
          let asked = false;
          return {
            restart: () => (asked ? undefined : right.restart()),
            sleep() {
              asked = true;
              throw new FirmwareError("unsupported", "System: this chip cannot sleep");
            },
          };
        });
        return { ...refuse(), canSleep: false };
      },
    },
    {
      must: "call nothing back after sleep",
      fault: "ends the life some time later",
      open: withLateEnd(open),
    },
    {
      must: "refuse to sleep for a time that is negative or no number, and go on",
      fault: "sleeps for no time",
      open: withFault(open, (right) => ({ sleep: (durationMs) => right.sleep(Math.max(durationMs || 0, 0)) })),
    },
  ];
}

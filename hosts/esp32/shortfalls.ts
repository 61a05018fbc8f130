/**
 * What this host cannot promise: the sentences behind `status()` on an ESP32.
 *
 * Said at the start, by the level and by what was found, so that a fleet can be asked which devices would survive what.
 */
import { deepFreeze } from "../../src/freeze.js";
import type { Shortfall } from "../../src/ports/host.js";

/** At both levels. */
const ALWAYS: readonly Shortfall[] = deepFreeze([
  { promise: "sleep", because: "Moddable has no deep sleep on the ESP32" },
  { promise: "random", because: "the chip's generator is fed by noise only while Wi-Fi or Bluetooth is on" },
]);

const BASIC: readonly Shortfall[] = deepFreeze([
  {
    promise: "resetReason",
    because: "there is no native part to ask the chip: a crash and a loss of power look the same, and neither judges an image",
  },
  { promise: "watchdog", because: "there is no native part to feed one: what hangs goes on hanging until the power is cut" },
  { promise: "retainedMemory", because: "there is no native part: who was late is forgotten at a restart" },
]);

const UNKNOWN_SLOT: Shortfall = Object.freeze({
  promise: "runningSlot",
  because: "there is no native part to ask, and flash leaves it in doubt: no update is taken, no entry is rewritten",
});
const DEDUCED_SLOT: Shortfall = Object.freeze({
  promise: "runningSlot",
  because: "it was deduced from flash: a bootloader that starts a factory image by a pin would not be noticed",
});
const FACTORY: Shortfall = Object.freeze({
  promise: "update",
  because: "no numbered slot is running: a factory or test image takes no updates",
});

/** For a host with or without its native part, and the slot that it knows or has deduced. */
export function shortfallsOf(options: {
  readonly isFull: boolean;
  readonly runningSlot: number | undefined;
}): readonly Shortfall[] {
  const { isFull, runningSlot } = options;
  if (isFull) return Object.freeze(runningSlot === undefined ? [...ALWAYS, FACTORY] : [...ALWAYS]);
  return Object.freeze([...ALWAYS, ...BASIC, runningSlot === undefined ? UNKNOWN_SLOT : DEDUCED_SLOT]);
}

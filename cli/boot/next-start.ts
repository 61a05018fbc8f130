/**
 * What the next start of a device would do, found by letting it happen: on a copy of its flash, by the bootloader's model and
 * the device's own boot authority.
 *
 * Why the next start comes is not on flash, and much depends on it, so it is asked for each kind of reason. Where the decision
 * is to restart, the starts behind it follow, until one stays.
 */
import { runBootloader } from "../../hosts/node/bootloader.js";
import { Digest } from "../../hosts/node/digest.js";
import { NorFlash } from "../../hosts/node/nor-flash.js";
import { readPartitions } from "../../hosts/node/open-host.js";
import { openFlashStorage } from "../../hosts/simulated/flash.js";
import { messageOf } from "../../src/errors.js";
import { decide } from "../../src/ota/decision.js";
import { Slots } from "../../src/ota/slots.js";
import type { ResetReason } from "../../src/ports/system.js";

/** Starts in a row that ask for another one: more than the decision table knows. */
const START_COUNT_MAX = 6;
/** Reset reasons that stand for a kind of start; a deep sleep's end is wanted, whatever the journal says. */
const REASONS = Object.freeze([
  { cause: "power", reason: "powerOn" },
  { cause: "wanted", reason: "deepSleep" },
  { cause: "crash", reason: "panic" },
] as const);

/** power: switched on, or a brown-out · wanted: a restart in order · crash: the firmware failed. */
export type StartCause = (typeof REASONS)[number]["cause"];

/** One start. */
export interface ForeseenStart {
  /** `undefined` where nothing boots, or a factory image that is no slot. */
  readonly slot: number | undefined;
  /** The bootloader's reasons, a line for each decision. */
  readonly bootloader: readonly string[];
  /** The row of the decision table, and why it does what it does. `undefined` where no slot boots. */
  readonly decision: string | undefined;
  readonly why: string | undefined;
  readonly mode: string | undefined;
  readonly level: string | undefined;
  /** Where the start stands on the ladder, and the unhealthy ones in a row, it included. */
  readonly rung: string | undefined;
  readonly crashCount: number | undefined;
  /** It arms the other slot, or goes back to it, and restarts. */
  readonly isRestarting: boolean;
  /** Why the image only observes; `undefined` where it does not. */
  readonly fault: string | undefined;
}

export interface Foresight {
  readonly cause: StartCause;
  /** The next start, and those behind it where it restarts. */
  readonly starts: readonly ForeseenStart[];
}

/** For each kind of reason. `rollback`: the bootloader was built with it. `bytes` are not changed. */
export function foreseeStarts(bytes: Uint8Array, options: { readonly rollback: boolean }): readonly Foresight[] {
  return REASONS.map(({ cause, reason }) => {
    const flash = NorFlash.from(bytes);
    const starts = [start(flash, reason, options.rollback)];
    while (starts[starts.length - 1]!.isRestarting && starts.length < START_COUNT_MAX) {
      starts.push(start(flash, "software", options.rollback));
    }
    return { cause, starts };
  });
}

function start(flash: NorFlash, resetReason: ResetReason, rollback: boolean): ForeseenStart {
  const { slot, log } = runBootloader({ flash, rollback, validation: "always", Digest });
  const nothing = { decision: undefined, why: undefined, mode: undefined, level: undefined, rung: undefined };
  const none = { slot, bootloader: log, ...nothing, crashCount: undefined, isRestarting: false, fault: undefined };
  if (slot === undefined) return none;
  try {
    const storage = openFlashStorage({ flash, partitions: readPartitions(flash), runningSlot: slot });
    const slots = new Slots({ flash: storage, Digest, system: { resetReason, runningSlot: slot, restart() {}, sleep() {} } });
    const { decision, mode, level, situation, crashCount, isRestarting, fault } = slots.boot();
    const { why } = decide(situation);
    return { ...none, decision, why, mode, level, rung: situation.rung, crashCount, isRestarting, fault };
  } catch (error) {
    return { ...none, fault: messageOf(error) };
  }
}

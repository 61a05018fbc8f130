/**
 * The first step of every start: the boot authority runs on a host, before any part of the firmware.
 *
 * A step of its own, because on a board it comes before `main`: Moddable evaluates the application only when its setup modules
 * are done, so a firmware that fails while it is evaluated has its BOOT in the journal already. Where nothing ran it before,
 * `Core` does. See docs/design/ota.md.
 */
import { Slots } from "./ota/slots.js";
import { WakefulSystem } from "./ota/wakeful-system.js";
import type { Host } from "./ports/host.js";
import { takeWatchdogRecord, type WatchdogRecord } from "./watchdog/watchdog-record.js";

/** A host whose boot authority has run: BOOT is written, the decision carried out. Its chip does not sleep during a trial. */
export interface BootedHost extends Host {
  /** Where `slots.report.isRestarting` is true, nothing else may be started. */
  readonly slots: Slots;
  /** Who was late when the watchdog last bit; `undefined` where it did not. */
  readonly watchdogRecord: WatchdogRecord | undefined;
}

/** Runs the boot authority, once a start: a host that comes from here is given back as it is. */
export function bootHost(host: Host | BootedHost): BootedHost {
  if ("slots" in host) return host;
  // The watchdog's record first: whether it left one is part of the verdict on the image.
  const watchdogRecord = takeWatchdogRecord(host.retainedMemory);
  const isWatchdogExplained = watchdogRecord !== undefined;
  const slots = new Slots({ flash: host.flash, system: host.system, Digest: host.Digest, isWatchdogExplained });
  slots.boot();
  return Object.freeze({ ...host, system: new WakefulSystem(host.system, slots), slots, watchdogRecord });
}

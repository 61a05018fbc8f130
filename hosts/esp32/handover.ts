/**
 * How the booted host gets from the setup module to the application's entry: by a property of the global object.
 *
 * Moddable calls both, and hands nothing from one to the other. A variable of a module would do, were not every module
 * preloaded into flash, where variables are read-only.
 */
import type { BootedHost } from "../../src/boot.js";

const KEY = "holdfastHost";

/** For the entry that starts next. */
export function leaveHost(host: BootedHost): void {
  (globalThis as Record<string, unknown>)[KEY] = host;
}

/** What was left, once; `undefined` where no setup module ran. */
export function takeHost(): BootedHost | undefined {
  const places = globalThis as Record<string, unknown>;
  const host = places[KEY] as BootedHost | undefined;
  delete places[KEY];
  return host;
}

/**
 * The host that the specs of this folder judge: `main` puts it here before the first one runs, and suites ask for it in `open`.
 *
 * Specs register themselves while the application is evaluated, before there is a host; so they may not ask earlier.
 */
import { assert } from "../../src/assert.js";
import type { Host } from "../../src/ports/host.js";

/** Where the factory writes what the specs must know of the computer: the domain, and the port of the scripted network. */
export const SETTINGS_PATH = "settings";
export const NETWORK_PORT_KEY = "networkPort";

const holder: { host: Host | undefined } = { host: undefined };

/** Called once by `main`. */
export function setHostUnderTest(host: Host): void {
  assert(holder.host === undefined, "setHostUnderTest: called once");
  holder.host = host;
}

export function hostUnderTest(): Host {
  assert(holder.host !== undefined, "hostUnderTest: asked for in open, not while the specs register");
  return holder.host!;
}

/** Really waits, on the host's own timer: for suites whose subject is real time. Not for waiting on something to happen. */
export function waitOn(host: Host, durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = new host.Timer({
      onExpire() {
        timer.close();
        resolve();
      },
    });
    timer.arm(durationMs);
  });
}

/**
 * The specs as a firmware: its `main` runs them all and traces a line for each start and end.
 *
 * The bundler puts the imports of all portable specs in front of this module (test/xs/run.ts). The watchdog is fed before each
 * spec, so one that never ends restarts the device, and the last line tells which it was.
 */
import type { Host } from "../../src/ports/host.js";
import { setHostUnderTest } from "./host.js";
import { runSpecs } from "./runner.js";
import { SKIPS } from "./skips.js";

const WATCHDOG_TIMEOUT_MS = 30_000;

export default function main(host: Host): void {
  setHostUnderTest(host);
  const watchdog = new host.WatchdogTimer({ timeoutMs: WATCHDOG_TIMEOUT_MS });
  const reporter = {
    onStart: (title: string) => {
      watchdog.feed();
      host.trace(`start ${title}`);
    },
    onPass: (title: string) => host.trace(`pass ${title}`),
    onFail: (title: string, message: string) => host.trace(`fail ${title}\n${message}`),
    onSkip: (title: string) => host.trace(`skip ${title}`),
  };
  const skipped = new Set(SKIPS.filter(({ host: name }) => name === "xs").map(({ spec }) => spec));
  void runSpecs(reporter, skipped).then(() => host.trace("end"));
}

/**
 * Moddable's setup module `setup/holdfast`: the boot authority, before the application is evaluated.
 *
 * Moddable calls each module under `setup/` before `main`, and evaluates `main` when all of them have called `done`. So BOOT
 * stands in the journal before a line of the application runs, and a start that the boot authority ends by a restart never
 * reaches the application. See docs/design/esp32-host.md.
 */
import { bootHost } from "../../src/boot.js";
import { leaveHost } from "./handover.js";
import { openHost } from "./open-host.js";

export default function setup(done: () => void): void {
  const host = bootHost(openHost());
  if (host.slots.report.isRestarting) return;
  leaveHost(host);
  done();
}

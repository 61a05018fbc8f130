/**
 * The findings that we live with, each with its reason.
 *
 * An exception names one finding of one rule in one file, not the file, so that it cannot hide the next fault. One that no
 * longer matches anything is reported: the list only shrinks by itself.
 */
import { deepFreeze } from "../../src/freeze.js";

export interface Exception {
  readonly rule: string;
  readonly path: string;
  /** Words that the finding contains. */
  readonly what: string;
  /** Why it stays, as a sentence. */
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = deepFreeze([
  {
    rule: "device-construct",
    path: "hosts/esp32/main.ts",
    what: "export default",
    reason: "Moddable calls the default export of the entry.",
  },
  {
    rule: "device-construct",
    path: "hosts/esp32/setup.ts",
    what: "export default",
    reason: "Moddable calls the default export of a setup module.",
  },
]);

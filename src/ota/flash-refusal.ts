/**
 * What a start makes of a flash that refuses: a partition that is not there, a sector that keeps nothing.
 *
 * Neither is a reason not to run. A device that starts and says what is wrong with it can be looked after; one that does not
 * start cannot.
 */
import { errorCodeOf, messageOf } from "../errors.js";

/** The partition that `open` opens; `undefined` where the table has none. */
export function unlessMissing<Opened>(open: () => Opened): Opened | undefined {
  try {
    return open();
  } catch (error) {
    if (errorCodeOf(error) !== "missing") throw error;
    return undefined;
  }
}

/** What the flash refused in `body`, as a text. Anything but `io` is no matter of flash and goes on. */
export function faultOf(body: () => void): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (errorCodeOf(error) !== "io") throw error;
    return messageOf(error);
  }
}

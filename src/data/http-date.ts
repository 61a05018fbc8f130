/**
 * The date of an HTTP header (RFC 9110, 5.6.7), as milliseconds since 1970.
 *
 * Only the form that must be generated, "Tue, 15 Nov 1994 08:12:31 GMT": Date.parse takes whatever an engine likes, and this
 * one sets clocks.
 */

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** "Tue, " */
const DAY_OFFSET = 5;
const LENGTH = 29;

/** `undefined` for any other text, a date that there is not and a leap second included. */
export function parseHTTPDate(text: string): number | undefined {
  if (text.length !== LENGTH) return undefined;
  const month = MONTHS.indexOf(text.substring(8, 11)) / 3;
  const [day, year] = [numberAt(text, DAY_OFFSET, 2), numberAt(text, 12, 4)];
  const ms = Date.UTC(year, month, day, numberAt(text, 17, 2), numberAt(text, 20, 2), numberAt(text, 23, 2));
  return ms >= 0 && new Date(ms).toUTCString() === text ? ms : undefined; // Day of the week and separators are seen so.
}

/** `count` digits; NaN where one of them is none. */
function numberAt(text: string, offset: number, count: number): number {
  let value = 0;
  for (let index = offset; index < offset + count; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = 10 * value + digit;
  }
  return value;
}

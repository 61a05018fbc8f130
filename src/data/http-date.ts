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

/** `undefined` for any other text. */
export function parseHTTPDate(text: string): number | undefined {
  if (text.length !== LENGTH || text.substring(25) !== " GMT") return undefined;
  const day = numberAt(text, DAY_OFFSET, 2);
  const month = MONTHS.indexOf(text.substring(8, 11)) / 3;
  const year = numberAt(text, 12, 4);
  const [hour, minute, second] = [numberAt(text, 17, 2), numberAt(text, 20, 2), numberAt(text, 23, 2)];
  const isTime = hour < 24 && minute < 60 && second <= 60;
  if (!(Number.isInteger(month) && month >= 0 && day >= 1 && day <= 31 && year >= 1970 && isTime)) return undefined;
  return Date.UTC(year, month, day, hour, minute, second);
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

/** One form of a date sets clocks; whatever else an engine would call a date does not. */
import { parseHTTPDate } from "../../../src/data/http-date.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** Texts and their milliseconds, by the calendar of date(1). */
const DATES: readonly (readonly [text: string, ms: number])[] = [
  ["Tue, 15 Nov 1994 08:12:31 GMT", 784_887_151_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["Sat, 29 Feb 2020 23:59:59 GMT", 1_583_020_799_000],
  ["Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600_000],
  ["Fri, 31 Dec 2027 00:00:00 GMT", 1_830_211_200_000],
  ["Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648_000],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799_000],
];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const REFUSED: readonly (readonly [what: string, texts: readonly string[]])[] = [
  ["nothing", ["", " ", "GMT"]],
  ["the obsolete forms of RFC 9110", ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]],
  ["other forms that Date.parse takes", ["1994-11-06T08:49:37Z", "Nov 6, 1994", "784111777000", "06 Nov 1994 08:49:37 GMT"]],
  ["another zone", ["Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +00", "Sun, 06 Nov 1994 08:49:37 gmt"]],
  ["something around it", [" Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT"]],
  ["other letters", ["SUN, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 NOV 1994 08:49:37 GMT"]],
  ["no month", ["Sun, 06 anF 1994 08:49:37 GMT", "Sun, 06 Fou 1994 08:49:37 GMT", "Sun, 06 011 1994 08:49:37 GMT"]],
  [
    "a day that the month has not",
    ["Sun, 00 Nov 1994 08:49:37 GMT", "Wed, 30 Feb 2000 12:00:00 GMT", "Wed, 29 Feb 2023 12:00:00 GMT"],
  ],
  [
    "a day of the week that it is not",
    ["Mon, 06 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "1234506 Nov 1994 08:49:37 GMT"],
  ],
  ["no time of day", ["Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT"]],
  ["a year before 1970", ["Wed, 31 Dec 1969 23:59:59 GMT", "Sat, 06 Nov 0094 08:49:37 GMT"]],
  [
    "figures that are none",
    ["Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1e94 08:49:37 GMT", "Sun, 06 Nov 1994 -8:49:37 GMT"],
  ],
  ["figures of another script", ["Sun, ٠٦ Nov 1994 08:49:37 GMT"]],
];

describe("the date of an HTTP header", () => {
  it("is read in the form that has to be sent", () => {
    for (const [text, ms] of DATES) equal(parseHTTPDate(text), ms, text);
  });

  it("is read on every day of four years, by the calendar", () => {
    const days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let dayCount = 0;
    for (const year of [1970, 1971, 1972, 1973]) {
      for (const [month, name] of MONTHS.entries()) {
        const length = month === 1 ? (year === 1972 ? 29 : 28) : [3, 5, 8, 10].includes(month) ? 30 : 31;
        for (let day = 1; day <= length; day++) {
          const text = `${days[dayCount % 7]}, ${String(day).padStart(2, "0")} ${name} ${year} 00:00:01 GMT`;
          equal(parseHTTPDate(text), 86_400_000 * dayCount++ + 1000, text);
        }
      }
    }
    equal(dayCount, 1461);
  });

  for (const [what, texts] of REFUSED) {
    it(`is not read with ${what}`, () => {
      for (const text of texts) equal(parseHTTPDate(text), undefined, text);
    });
  }

  it("is not read with any one character changed into one that is no figure and no letter", () => {
    const [text] = DATES[0]!;
    for (let index = 0; index < text.length; index++) {
      for (const other of ["*", "\n", "/"]) {
        const changed = text.substring(0, index) + other + text.substring(index + 1);
        equal(parseHTTPDate(changed), undefined, `character ${index}`);
      }
    }
  });
});

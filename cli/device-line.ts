/** One line of a device's console, coloured by what it says. */
import { cyan, dim, green, red, yellow } from "./terminal.js";

const BAD = /\b(abort|fault|failed|quarantine|unhealthy|panic|watchdog bit)\b/;
const GOOD = /\b(confirmed|armed|verified)\b/;
const NEWS = /\b(update|trial)\b/;

/** `firmware`: what the image printed · `bootloader` · `chip`: resets and boots. */
export function deviceLine(source: "firmware" | "bootloader" | "chip", text: string): string {
  if (source === "bootloader") return dim(`boot  ${text}`);
  if (source === "chip") return cyan(`chip  ${text}`);
  const line = `      ${text}`;
  if (BAD.test(text)) return red(line);
  if (GOOD.test(text)) return green(line);
  return NEWS.test(text) ? yellow(line) : line;
}

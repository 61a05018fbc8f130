/** Addresses and offsets in messages, written as the ESP-IDF tools write them, so that a reader can search for them. */

/** `value` (0 or a positive integer) as 0x and lower-case digits, at least `digitCountMin` of them. */
export function hexadecimal(value: number, digitCountMin = 1): string {
  return `0x${value.toString(16).padStart(digitCountMin, "0")}`;
}

/**
 * The Random port over XS's Math.random, which on the ESP32 is the chip's generator: each call draws from `esp_random()`.
 *
 * XS makes a fraction of 31 bits of a draw, so its upper bits are the generator's own, unchanged; eight of them are taken.
 * The generator is fed by noise only while Wi-Fi or Bluetooth is on: before, keys must not be made. See
 * docs/design/esp32-host.md.
 */
import type { Random } from "../../src/ports/random.js";

const BYTE_COUNT = 256;

/** `source` gives 0 ≤ x < 1, with eight good bits at the front. */
export function createRandom(source: () => number): Random {
  return Object.freeze({
    fill(bytes: Uint8Array): void {
      for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(source() * BYTE_COUNT);
    },
  });
}

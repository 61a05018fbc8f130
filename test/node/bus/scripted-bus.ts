/**
 * A subject of the I²C and SMBus suites over the bus in memory: two targets that give what was loaded, and the log as text.
 *
 * Shared by the runners of both suites.
 */
import { I2CBus } from "../../../hosts/node/i2c-bus.js";
import type { I2CSubject } from "../../ports/i2c.js";

export interface ScriptedBus extends Omit<I2CSubject, "I2C"> {
  readonly chip: I2CBus;
}

export function openScriptedBus(): ScriptedBus {
  const chip = new I2CBus();
  let loaded: readonly number[] = [];
  for (const address of [0x48, 0x49]) {
    chip.attach({ address, write: () => true, read: (byteLength) => Uint8Array.from(loaded.slice(0, byteLength)) });
  }
  return {
    chip,
    bus: { data: 21, clock: 22, hz: 400_000 },
    address: 0x48,
    otherAddress: 0x49,
    absentAddress: 0x50,
    load: (bytes) => {
      loaded = bytes;
    },
    wire: () => wireText(chip),
  };
}

/** The acknowledged transfers of a bus in the notation of the I²C suite. */
export function wireText(bus: I2CBus): string {
  const words: string[] = [];
  for (const { address, write, read, acknowledged, stop } of bus.log) {
    if (!acknowledged) continue;
    if (write !== undefined) words.push("S", `${hex(address)}w`, ...Array.from(write, hex));
    if (read !== undefined) words.push("S", `${hex(address)}r`, ...Array.from(read, hex));
    if (stop) words.push("P");
  }
  return words.join(" ");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

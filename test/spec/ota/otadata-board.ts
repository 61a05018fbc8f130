/**
 * otadata and two slots on a board in memory, with the few rules of the stock bootloader that decide which slot comes up.
 *
 * The whole model is hosts/node/bootloader.ts, which only Node has. Here a slot is bootable or not by decree.
 */
import {
  encodeOtaEntry,
  OTA_ENTRY_SIZE_BYTES,
  type OtaEntry,
  OtaState,
  otaSequenceCrc,
  otaStateName,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../../../src/image/otadata.js";
import { BootEntries } from "../../../src/ota/boot-entries.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { TracedFlash } from "./traced-flash.js";

/** An entry in words: a sequence number and a state, "blank", or one whose last word was never written. */
export type EntryWords = readonly [sequence: number, state: keyof typeof OtaState, damage?: "without crc"] | "blank";

export class Board {
  readonly memory = new MemoryFlash({ otadata: 2 * SECTOR_SIZE_BYTES });
  readonly flash = new TracedFlash(this.memory);
  /** Whether the image in each slot passes the bootloader's check. */
  readonly isBootable = [true, true];

  constructor(first: EntryWords, second: EntryWords) {
    this.#put(0, first);
    this.#put(1, second);
  }

  get #bytes(): Uint8Array {
    return this.memory.partitions.get("otadata")!;
  }

  /** Opened anew for each use, as after a restart. */
  get entries(): BootEntries {
    return new BootEntries(this.flash);
  }

  read(): [OtaEntry, OtaEntry] {
    return [readOtaEntry(this.#bytes, 0), readOtaEntry(this.#bytes, SECTOR_SIZE_BYTES)];
  }

  /** Both entries in short: "2 valid", "blank", "3 new without crc". */
  show(): [string, string] {
    const [first, second] = this.read();
    return [showEntry(first), showEntry(second)];
  }

  /** A copy of the bytes of entry `index`'s sector. */
  sector(index: 0 | 1): Uint8Array {
    return this.#bytes.slice(index * SECTOR_SIZE_BYTES, (index + 1) * SECTOR_SIZE_BYTES);
  }

  /** The slot that the bootloader would go to, by the entries alone. */
  get selectedSlot(): number | undefined {
    const entries = this.read();
    const selected = selectOtaEntry(entries);
    return selected === undefined ? undefined : slotOfSequence(entries[selected].sequence, 2);
  }

  /** One boot with rollback on, states rewritten as the bootloader does. The slot that runs; `undefined` where none can. */
  boot(): number | undefined {
    for (const index of [0, 1] as const)
      if (this.read()[index].state === OtaState.pendingVerify) this.#restate(index, "aborted");
    const selected = selectOtaEntry(this.read());
    if (selected !== undefined && this.read()[selected].state === OtaState.new) this.#restate(selected, "pendingVerify");
    const first = this.selectedSlot ?? 0;
    if (this.isBootable[first]) return first;
    return this.isBootable[1 - first] ? 1 - first : undefined;
  }

  #restate(index: 0 | 1, state: keyof typeof OtaState): void {
    const entry = this.read()[index];
    new DataView(this.#bytes.buffer).setUint32(index * SECTOR_SIZE_BYTES + 24, OtaState[state], true);
    new DataView(this.#bytes.buffer).setUint32(index * SECTOR_SIZE_BYTES + 28, entry.crc, true);
  }

  #put(index: 0 | 1, words: EntryWords): void {
    if (words === "blank") return;
    const [sequence, state, damage] = words;
    const bytes = encodeOtaEntry(sequence, OtaState[state]);
    const lengthBytes = damage === "without crc" ? OTA_ENTRY_SIZE_BYTES - 4 : OTA_ENTRY_SIZE_BYTES;
    this.#bytes.set(bytes.subarray(0, lengthBytes), index * SECTOR_SIZE_BYTES);
  }
}

function showEntry(entry: OtaEntry): string {
  if (entry.sequence === 0xffffffff) return "blank";
  const crc = entry.crc === otaSequenceCrc(entry.sequence) ? "" : " without crc";
  return `${entry.sequence} ${otaStateName(entry.state)}${crc}`;
}

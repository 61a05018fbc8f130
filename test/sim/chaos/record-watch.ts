/**
 * Follows what is written to journal and otadata, byte by byte as it was meant, beside what the flash made of it.
 *
 * The judge has to know which records were really appended, by whom, and when an entry began to be one by which a slot boots.
 * An operation is looked at when it is over: at the next one, at a start, or at the end. See docs/design/chaos.md.
 */
import type { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import type { Operation } from "../../../hosts/node/chaos/fault.js";
import { OTA_ENTRY_SIZE_BYTES } from "../../../src/image/otadata.js";
import { decodeRecord, type JournalRecord, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import { JOURNAL_OFFSET, JOURNAL_SIZE_BYTES, OTADATA_OFFSET, SECTOR_SIZE_BYTES } from "./scenario.js";

/** Who ran while something was written. */
export interface Author {
  /** `undefined`: the bootloader. */
  readonly version: string | undefined;
  /** The health gate said in this very start that the image is kept. */
  readonly hasConfirmed: boolean;
}

export interface RecordWatchOptions {
  /** A record that was not there before. */
  readonly onRecord: (record: JournalRecord, author: Author) => void;
  /** The 32 bytes of an entry of otadata, after they changed. */
  readonly onEntry: (entry: Uint8Array, author: Author) => void;
}

export class RecordWatch {
  readonly #options: RecordWatchOptions;
  /** What was last meant for each byte of the journal, whether it came there or not. */
  readonly #meant: Uint8Array;
  /** Every whole record that was ever meant, as text. */
  readonly #records = new Set<string>();
  #entries: readonly Uint8Array[];
  #last: { readonly operation: Operation; readonly author: Author } | undefined;

  constructor(flash: ChaosFlash, options: RecordWatchOptions) {
    this.#options = options;
    this.#meant = flash.read(JOURNAL_OFFSET, JOURNAL_SIZE_BYTES);
    this.#entries = readEntries(flash);
    for (let place = 0; place < JOURNAL_SIZE_BYTES; place += RECORD_SIZE_BYTES) this.#keep(place);
  }

  /** Before an operation. `bytes` are those of a program. */
  follow(operation: Operation, bytes: Uint8Array | undefined, flash: ChaosFlash, author: Author): void {
    this.settle(flash);
    this.#last = { operation, author };
    const from = operation.offset - JOURNAL_OFFSET;
    if (from < 0 || from >= JOURNAL_SIZE_BYTES) return;
    if (bytes === undefined) return;
    this.#meant.set(bytes, from);
    this.#keep(from - (from % RECORD_SIZE_BYTES));
  }

  /** Looks at what the last operation left. */
  settle(flash: ChaosFlash): void {
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined) return;
    const { offset, kind } = last.operation;
    const from = offset - JOURNAL_OFFSET;
    if (from >= 0 && from < JOURNAL_SIZE_BYTES && kind === "program") {
      const place = from - (from % RECORD_SIZE_BYTES);
      const record = decodeRecord(flash.read(JOURNAL_OFFSET + place, RECORD_SIZE_BYTES), 0);
      if (record !== undefined) this.#options.onRecord(record, last.author);
    } else if (offset >= OTADATA_OFFSET && offset < OTADATA_OFFSET + 2 * SECTOR_SIZE_BYTES) {
      const entries = readEntries(flash);
      // The other one may have changed by itself: a bit that turned.
      const index = offset < OTADATA_OFFSET + SECTOR_SIZE_BYTES ? 0 : 1;
      if (Buffer.compare(entries[index]!, this.#entries[index]!) !== 0) this.#options.onEntry(entries[index]!, last.author);
      this.#entries = entries;
    }
  }

  /** A record that the reader takes and nobody has written, in words; `undefined` where there is none. */
  foreignRecord(flash: ChaosFlash): string | undefined {
    const journal = flash.read(JOURNAL_OFFSET, JOURNAL_SIZE_BYTES);
    for (let place = 0; place < JOURNAL_SIZE_BYTES; place += RECORD_SIZE_BYTES) {
      if (journal[place] === 0xff || decodeRecord(journal, place) === undefined) continue;
      const text = textOf(journal, place);
      if (!this.#records.has(text)) return text;
    }
    return undefined;
  }

  /** The records of the beginning, in no order that means anything. */
  *initial(flash: ChaosFlash): Generator<JournalRecord> {
    const journal = flash.read(JOURNAL_OFFSET, JOURNAL_SIZE_BYTES);
    for (let place = 0; place < JOURNAL_SIZE_BYTES; place += RECORD_SIZE_BYTES) {
      const record = decodeRecord(journal, place);
      if (record !== undefined && record.type !== RecordType.head) yield record;
    }
  }

  #keep(place: number): void {
    if (this.#meant[place] !== 0xff && decodeRecord(this.#meant, place) !== undefined)
      this.#records.add(textOf(this.#meant, place));
  }
}

function readEntries(flash: ChaosFlash): Uint8Array[] {
  return [0, 1].map((index) => flash.read(OTADATA_OFFSET + index * SECTOR_SIZE_BYTES, OTA_ENTRY_SIZE_BYTES));
}

function textOf(journal: Uint8Array, place: number): string {
  return Buffer.from(journal.buffer, journal.byteOffset + place, RECORD_SIZE_BYTES).toString("hex");
}

/**
 * The boot journal: an append-only log in a flash partition of its own, which outlives every image.
 *
 * otadata says which slot to boot; it cannot say why the last boot ended, how often an image was tried, or that an image must
 * never be tried again. The journal can, and it survives a power cut at any word: a record counts only when its CRC is right
 * and its commit word, a second write, is there. Two halves take turns; a half becomes the current one by its head record,
 * which is written last. See docs/design/ota.md and docs/spec/journal.md.
 */
import { assert } from "../assert.js";
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, FirmwareError } from "../errors.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import { History } from "./history.js";
import {
  decodeRecord,
  encodeRecord,
  isBlankRecord,
  isNewerRecord,
  type JournalRecord,
  NO_IMAGE,
  RECORD_BODY_SIZE_BYTES,
  RECORD_SIZE_BYTES,
  RecordType,
} from "./journal-record.js";

/** Places tried for one record before the flash is called broken. */
const APPEND_TRY_COUNT_MAX = 4;

/** What `append` is told; the journal adds the sequence number. */
export type NewRecord = Partial<Omit<JournalRecord, "sequence">> & { readonly type: number };

export class Journal {
  readonly #partition: FlashPartition;
  readonly #halfSizeBytes: number;
  readonly #blockLength: number;
  #half = 0;
  #generation = 0;
  #sequence = 0;
  /** Where the next record goes, relative to the half. */
  #nextOffset = RECORD_SIZE_BYTES;
  #tornCount = 0;
  readonly #history = new History();
  /** What could have been cut, as it was read; until the first append. */
  #suspects: { readonly head: Uint8Array | undefined; readonly last: Uint8Array | undefined } | undefined;
  /** Why nothing can be appended: the flash did not keep the format, or a newer firmware's journal stands here. */
  #fault: string | undefined;

  /**
   * Opens the partition `path` (at least two sectors, an even number, writable in words of four bytes) and reads it. A blank
   * one is formatted; one whose heads are both lost is read as far as its records go. Throws `invalid` for a partition of the
   * wrong shape. Flash that does not keep the format, and the journal of
   * a newer version, are no reason not to start, and nothing is erased: then it is `append` that throws.
   */
  constructor(options: { readonly flash: FlashStorage; readonly path?: string }) {
    this.#partition = options.flash.open({ path: options.path ?? "journal", mode: "r+" });
    const status = this.#partition.status();
    if (status.blocks < 2 || status.blocks % 2 !== 0 || status.eraseValue !== 0xff || status.writeAlign > 4) {
      this.#partition.close();
      throw new FirmwareError("invalid", "journal: expected an even number of sectors, erased to FF, written by 4 bytes");
    }
    this.#blockLength = status.blockLength;
    this.#halfSizeBytes = status.size / 2;
    this.#load();
  }

  /** What all records add up to. Follows each append. */
  get history(): History {
    return this.#history;
  }

  /** Records that were found torn when the current half was read. */
  get tornCount(): number {
    return this.#tornCount;
  }

  /** How often the log has changed halves: each half is erased once in two generations. */
  get generation(): number {
    return this.#generation;
  }

  /** Appends one record; when it returns, the record is on flash for good. Throws `io` where the flash does not take it. */
  append(record: NewRecord): void {
    if (this.#fault !== undefined) throw new FirmwareError("io", this.#fault);
    this.#strengthen();
    if (this.#nextOffset >= this.#halfSizeBytes) this.#compact();
    const complete: JournalRecord = {
      type: record.type,
      detail: record.detail ?? 0,
      sequence: this.#sequence,
      imageId: record.imageId ?? NO_IMAGE,
      first: record.first ?? 0,
      second: record.second ?? 0,
    };
    this.#write(complete);
    this.#history.fold(complete);
  }

  close(): void {
    this.#partition.close();
  }

  #write(record: JournalRecord): void {
    for (let attempt = 0; attempt < APPEND_TRY_COUNT_MAX && this.#nextOffset < this.#halfSizeBytes; attempt++) {
      const offset = this.#half * this.#halfSizeBytes + this.#nextOffset;
      this.#nextOffset += RECORD_SIZE_BYTES;
      if (this.#program(encodeRecord({ ...record, sequence: this.#sequence }), offset)) {
        this.#sequence = (this.#sequence + 1) >>> 0;
        return;
      }
    }
    throw new FirmwareError("io", "journal: the flash did not keep a record; expected to read back what was written");
  }

  /** Body, then commit word, then a look at what the flash has kept. */
  #program(bytes: Uint8Array, offset: number): boolean {
    this.#partition.write(bytes.subarray(0, RECORD_BODY_SIZE_BYTES), offset);
    this.#partition.write(bytes.subarray(RECORD_BODY_SIZE_BYTES), offset + RECORD_BODY_SIZE_BYTES);
    const kept = new Uint8Array(RECORD_SIZE_BYTES);
    this.#partition.read(kept, offset);
    return decodeRecord(kept, 0) !== undefined;
  }

  /** Moves what still counts to the other half. Until its head is written, the present half stays the current one. */
  #compact(): void {
    const records = this.#history.live();
    const other = 1 - this.#half;
    assert(RECORD_SIZE_BYTES * (records.length + 1) < this.#halfSizeBytes, "journal: a half must hold the live records");
    this.#eraseHalf(other);
    let offset = RECORD_SIZE_BYTES;
    for (const record of records) {
      const bytes = encodeRecord({ ...record, sequence: this.#sequence });
      if (!this.#program(bytes, other * this.#halfSizeBytes + offset)) {
        throw new FirmwareError("io", "journal: the flash did not keep a copied record");
      }
      this.#sequence = (this.#sequence + 1) >>> 0;
      offset += RECORD_SIZE_BYTES;
    }
    this.#writeHead(other, this.#generation + 1);
    this.#half = other;
    this.#nextOffset = offset;
  }

  #writeHead(half: number, generation: number): void {
    const head = { type: RecordType.head, detail: 0, sequence: 0, imageId: NO_IMAGE, first: generation >>> 0, second: 0 };
    if (!this.#program(encodeRecord(head), half * this.#halfSizeBytes)) {
      throw new FirmwareError("io", "journal: the flash did not keep a head record");
    }
    this.#generation = generation >>> 0;
  }

  #eraseHalf(half: number): void {
    const first = (half * this.#halfSizeBytes) / this.#blockLength;
    this.#partition.eraseBlock(first, first + this.#halfSizeBytes / this.#blockLength);
  }

  #load(): void {
    const halves = [this.#readHalf(0), this.#readHalf(1)] as const;
    const current = this.#chooseHalf(halves);
    if (current === undefined) {
      if (isNewerRecord(halves[0], 0) || isNewerRecord(halves[1], 0)) {
        this.#fault = "journal: a newer version stands in the partition; expected one that this firmware can read";
      } else {
        this.#format();
      }
      return;
    }
    this.#half = current;
    this.#generation = generationOf(halves[current]) ?? 0;
    this.#fold(halves[current]);
    this.#suspects = {
      head: recordBytes(halves[current], 0),
      last: recordBytes(halves[current], this.#nextOffset - RECORD_SIZE_BYTES),
    };
  }

  /**
   * Programs the head and the last record once more, as they were read, before the first append: only these can have been cut.
   * Where the power went in the very moment of a commit word, it reads as written today and as something else tomorrow, so what
   * does not stay is written anew: it was read, and may have been acted upon.
   */
  #strengthen(): void {
    const suspects = this.#suspects;
    this.#suspects = undefined;
    if (suspects === undefined) return;
    if (suspects.head !== undefined && !this.#stays(suspects.head, 0)) this.#compact();
    else if (suspects.last !== undefined && !this.#stays(suspects.last, this.#nextOffset - RECORD_SIZE_BYTES)) {
      this.#write(decodeRecord(suspects.last, 0)!);
    }
  }

  #stays(bytes: Uint8Array, place: number): boolean {
    const offset = this.#half * this.#halfSizeBytes + place;
    this.#partition.write(bytes, offset);
    return areEqualBytes(new Uint8Array(this.#partition.read(RECORD_SIZE_BYTES, offset)), bytes);
  }

  #format(): void {
    this.#eraseHalf(0);
    try {
      this.#writeHead(0, 1);
    } catch (error) {
      if (errorCodeOf(error) !== "io") throw error;
      this.#fault = "journal: the flash did not keep a head record; expected a working sector";
    }
  }

  #readHalf(half: number): Uint8Array {
    return new Uint8Array(this.#partition.read(this.#halfSizeBytes, half * this.#halfSizeBytes));
  }

  /** The half with the younger head; without any head, the one with the younger record; `undefined` where there is neither. */
  #chooseHalf(halves: readonly [Uint8Array, Uint8Array]): 0 | 1 | undefined {
    const generation0 = generationOf(halves[0]);
    const generation1 = generationOf(halves[1]);
    if (generation0 !== undefined && generation1 !== undefined) return isLater(generation1, generation0) ? 1 : 0;
    if (generation0 !== undefined) return 0;
    if (generation1 !== undefined) return 1;
    const sequence0 = lastSequenceOf(halves[0]);
    const sequence1 = lastSequenceOf(halves[1]);
    if (sequence0 !== undefined && sequence1 !== undefined) return isLater(sequence1, sequence0) ? 1 : 0;
    if (sequence0 !== undefined) return 0;
    return sequence1 !== undefined ? 1 : undefined;
  }

  /** Folds every whole record, in order. The next one goes behind the last place that is not blank. */
  #fold(half: Uint8Array): void {
    for (let offset = RECORD_SIZE_BYTES; offset < half.length; offset += RECORD_SIZE_BYTES) {
      if (isBlankRecord(half, offset)) continue;
      this.#nextOffset = offset + RECORD_SIZE_BYTES;
      const record = decodeRecord(half, offset);
      if (record) {
        this.#history.fold(record);
        this.#sequence = (record.sequence + 1) >>> 0;
      } else {
        this.#tornCount++;
      }
    }
  }
}

/** A copy of the whole record at `offset`; `undefined` where there is none. */
function recordBytes(half: Uint8Array, offset: number): Uint8Array | undefined {
  if (decodeRecord(half, offset) === undefined) return undefined;
  return half.slice(offset, offset + RECORD_SIZE_BYTES);
}

function generationOf(half: Uint8Array): number | undefined {
  const head = decodeRecord(half, 0);
  return head?.type === RecordType.head ? head.first : undefined;
}

function lastSequenceOf(half: Uint8Array): number | undefined {
  let last: number | undefined;
  for (let offset = RECORD_SIZE_BYTES; offset < half.length; offset += RECORD_SIZE_BYTES) {
    last = decodeRecord(half, offset)?.sequence ?? last;
  }
  return last;
}

/** Whether `a` comes after `b`, over the wrap of 32 bits. */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/**
 * The boot journal: an append-only log in a flash partition of its own, which outlives every image.
 *
 * otadata says which slot to boot; it cannot say why the last boot ended, how often an image was tried, or that an image must
 * never be tried again. The journal can, and it survives a power cut at any word: a record counts only when its CRC is right
 * and its commit word, a second write, is there. Two halves take turns, and each keeps what must not be lost with the other.
 * See docs/design/ota.md and docs/spec/journal.md.
 */
import { assert } from "../assert.js";
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, FirmwareError } from "../errors.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import { History } from "./history.js";
import { chooseHalf, generationOf, mergeHalves, nextPlace, recordBytes } from "./journal-halves.js";
import {
  decodeRecord,
  encodeRecord,
  isBlankRecord,
  isKeptTwice,
  isNewerRecord,
  type JournalRecord,
  NO_IMAGE,
  RECORD_BODY_SIZE_BYTES,
  RECORD_SIZE_BYTES,
  RecordType,
} from "./journal-record.js";

/** Places tried for one record before the flash is called broken. */
const APPEND_TRY_COUNT_MAX = 4;
/** The head and its copy. */
const FIRST_OFFSET = 2 * RECORD_SIZE_BYTES;
/** The end of a half is for the copies of what is appended to the other one: eight days of updates. */
const COPY_AREA_SIZE_BYTES = 48 * RECORD_SIZE_BYTES;

/** What `append` is told; the journal adds the sequence number. */
export type NewRecord = Partial<Omit<JournalRecord, "sequence">> & { readonly type: number };

/** How the log itself is doing. */
export interface JournalHealth {
  /** How often the log has changed halves: each half is erased once in two generations. */
  readonly generation: number;
  /** Places of the current half that hold a record or the remains of one, and those that there are before it is full. */
  readonly usedCount: number;
  readonly placeCount: number;
  /** Places that were neither blank nor whole when the current half was read. */
  readonly tornCount: number;
  /** Whether everything that must not be lost stands in both halves. */
  readonly isKeptTwice: boolean;
  /** Why nothing can be appended; `undefined` where it can. */
  readonly fault: string | undefined;
}

export class Journal {
  readonly #partition: FlashPartition;
  readonly #halfSizeBytes: number;
  readonly #blockLength: number;
  #half = 0;
  #generation = 0;
  #sequence = 0;
  /** Where the next record goes, relative to the half. */
  #nextOffset = FIRST_OFFSET;
  /** Where the next copy goes, relative to the other half; `undefined` while that has no head. */
  #copyOffset: number | undefined;
  /** Something stands in one half only that has to stand in both. */
  #isCopyOwed = false;
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

  get health(): JournalHealth {
    return {
      generation: this.#generation,
      usedCount: this.#nextOffset / RECORD_SIZE_BYTES,
      placeCount: this.#limit / RECORD_SIZE_BYTES,
      tornCount: this.#tornCount,
      isKeptTwice: this.#copyOffset !== undefined && !this.#isCopyOwed,
      fault: this.#fault,
    };
  }

  /**
   * Appends one record; when it returns, the record is on flash for good. One that has to stand in both halves is written to
   * the other one too, and where that fails it is owed. Throws `io` where the flash does not take it.
   */
  append(record: NewRecord): void {
    if (this.#fault !== undefined) throw new FirmwareError("io", this.#fault);
    this.#strengthen();
    if (this.#nextOffset >= this.#limit) this.#compact();
    const complete: JournalRecord = {
      type: record.type,
      detail: record.detail ?? 0,
      sequence: this.#sequence,
      imageId: record.imageId ?? NO_IMAGE,
      first: record.first ?? 0,
      second: record.second ?? 0,
    };
    const sequence = this.#write(complete);
    this.#history.fold(complete);
    if (isKeptTwice(record.type)) this.#copy({ ...complete, sequence });
  }

  close(): void {
    this.#partition.close();
  }

  /** Where the area of copies begins. */
  get #limit(): number {
    return this.#halfSizeBytes - COPY_AREA_SIZE_BYTES;
  }

  /** The sequence number that it got. */
  #write(record: JournalRecord): number {
    for (let attempt = 0; attempt < APPEND_TRY_COUNT_MAX && this.#nextOffset < this.#halfSizeBytes; attempt++) {
      const offset = this.#half * this.#halfSizeBytes + this.#nextOffset;
      this.#nextOffset += RECORD_SIZE_BYTES;
      const sequence = this.#sequence;
      if (!this.#program(encodeRecord({ ...record, sequence }), offset)) continue;
      this.#sequence = (sequence + 1) >>> 0;
      return sequence;
    }
    throw new FirmwareError("io", "journal: the flash did not keep a record; expected to read back what was written");
  }

  /** The record again, at the end of the other half. Without room there, a change of halves leaves it in both. */
  #copy(record: JournalRecord): void {
    const offset = this.#copyOffset;
    try {
      if (offset === undefined || offset >= this.#halfSizeBytes) {
        this.#compact();
        return;
      }
      this.#copyOffset = offset + RECORD_SIZE_BYTES;
      if (!this.#program(encodeRecord(record), (1 - this.#half) * this.#halfSizeBytes + offset)) this.#isCopyOwed = true;
    } catch (error) {
      if (errorCodeOf(error) !== "io") throw error;
      this.#isCopyOwed = true; // It stands in this half: the other one's flash is no reason to give up.
    }
  }

  /** Body, then commit word, then a look at what the flash has kept. */
  #program(bytes: Uint8Array, offset: number): boolean {
    this.#partition.write(bytes.subarray(0, RECORD_BODY_SIZE_BYTES), offset);
    this.#partition.write(bytes.subarray(RECORD_BODY_SIZE_BYTES), offset + RECORD_BODY_SIZE_BYTES);
    return this.#reads(bytes, offset);
  }

  #reads(bytes: Uint8Array, offset: number): boolean {
    return areEqualBytes(new Uint8Array(this.#partition.read(RECORD_SIZE_BYTES, offset)), bytes);
  }

  /** Moves what still counts to the other half. Until its head is written, the present half stays the current one. */
  #compact(): void {
    const records = this.#history.live();
    const other = 1 - this.#half;
    assert(FIRST_OFFSET + RECORD_SIZE_BYTES * records.length < this.#limit, "journal: a half must hold the live records");
    this.#copyOffset = undefined;
    this.#eraseHalf(other);
    let offset = FIRST_OFFSET;
    let sequence = this.#sequence;
    for (const record of records) {
      if (!this.#program(encodeRecord({ ...record, sequence }), other * this.#halfSizeBytes + offset)) {
        throw new FirmwareError("io", "journal: the flash did not keep a copied record");
      }
      sequence = (sequence + 1) >>> 0;
      offset += RECORD_SIZE_BYTES;
    }
    this.#writeHead(other, this.#generation + 1, records.length);
    this.#copyOffset = Math.max(this.#nextOffset, this.#limit);
    this.#isCopyOwed = false;
    this.#sequence = sequence;
    this.#half = other;
    this.#nextOffset = offset;
  }

  /** The copy of it first, so that the half counts from the moment in which it is complete. */
  #writeHead(half: number, generation: number, liveCount: number): void {
    const head = {
      type: RecordType.head,
      detail: 0,
      sequence: 0,
      imageId: NO_IMAGE,
      first: generation >>> 0,
      second: liveCount,
    };
    const bytes = encodeRecord(head);
    const start = half * this.#halfSizeBytes;
    if (!this.#program(bytes, start + RECORD_SIZE_BYTES) || !this.#program(bytes, start)) {
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
    const current = chooseHalf(halves);
    if (current === undefined) {
      if (isNewerRecord(halves[0], 0) || isNewerRecord(halves[1], 0)) {
        this.#fault = "journal: a newer version stands in the partition; expected one that this firmware can read";
      } else {
        this.#format();
      }
      return;
    }
    const own = halves[current];
    const other = halves[1 - current]!;
    this.#half = current;
    this.#generation = generationOf(own) ?? 0;
    this.#nextOffset = nextPlace(own, FIRST_OFFSET);
    const isPair = this.#generation > 0 && generationOf(other) === this.#generation - 1;
    if (isPair) this.#copyOffset = Math.max(nextPlace(other, FIRST_OFFSET), this.#limit);
    const merged = mergeHalves(own, isPair ? other : undefined, (record) => this.#history.fold(record));
    this.#sequence = merged.nextSequence;
    this.#tornCount = merged.tornCount;
    this.#isCopyOwed = merged.isCopyOwed;
    this.#suspects = { head: recordBytes(own, 0), last: recordBytes(own, this.#nextOffset - RECORD_SIZE_BYTES) };
  }

  /**
   * Programs the head and the last record once more, as they were read, before the first append: only these can have been cut.
   * Where the power went in the very moment of a commit word, it reads as written today and as something else tomorrow, so what
   * does not stay is written anew: it was read, and may have been acted upon. What a cut has kept from both halves follows.
   */
  #strengthen(): void {
    const suspects = this.#suspects;
    this.#suspects = undefined;
    if (suspects === undefined) return;
    if (suspects.head === undefined ? !this.#completeHead() : !this.#stays(suspects.head, 0)) {
      this.#compact();
      return;
    }
    const isRecord = this.#nextOffset > FIRST_OFFSET;
    if (isRecord && suspects.last !== undefined && !this.#stays(suspects.last, this.#nextOffset - RECORD_SIZE_BYTES)) {
      this.#write(decodeRecord(suspects.last, 0)!);
    }
    if (!this.#isCopyOwed) return;
    try {
      this.#compact();
    } catch (error) {
      if (errorCodeOf(error) !== "io") throw error;
    }
  }

  /** A cut came between the head's copy and the head: it is written now, for the copy may not stay. */
  #completeHead(): boolean {
    const start = this.#half * this.#halfSizeBytes;
    const places = new Uint8Array(this.#partition.read(FIRST_OFFSET, start));
    const copy = recordBytes(places, RECORD_SIZE_BYTES);
    if (copy === undefined || decodeRecord(copy, 0)!.type !== RecordType.head) return false;
    this.#partition.write(copy, start + RECORD_SIZE_BYTES);
    return isBlankRecord(places, 0) && this.#program(copy, start);
  }

  #stays(bytes: Uint8Array, place: number): boolean {
    const offset = this.#half * this.#halfSizeBytes + place;
    this.#partition.write(bytes, offset);
    return this.#reads(bytes, offset);
  }

  #format(): void {
    this.#eraseHalf(0);
    try {
      this.#writeHead(0, 1, 0);
    } catch (error) {
      if (errorCodeOf(error) !== "io") throw error;
      this.#fault = "journal: the flash did not keep a head record; expected a working sector";
    }
  }

  #readHalf(half: number): Uint8Array {
    return new Uint8Array(this.#partition.read(this.#halfSizeBytes, half * this.#halfSizeBytes));
  }
}

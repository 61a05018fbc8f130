/**
 * The law of the Flash port: what ECMA-419 (28 and Annex A) and src/ports/flash.ts demand, one obligation for each MUST.
 *
 * Which error is thrown the standard leaves open, so these only ask for one. See docs/design/ports.md.
 */
import type { FlashPartition, FlashStorage } from "../../src/ports/flash.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface FlashSubject {
  readonly storage: FlashStorage;
  /** A partition of three blocks or more whose content may be lost. */
  readonly path: string;
}

/** The partition, its first blocks erased. */
function opened(subject: FlashSubject): FlashPartition {
  const partition = subject.storage.open({ path: subject.path });
  partition.eraseBlock(0, 3);
  return partition;
}

/** `count` bytes that differ from one another and from an erased flash. */
function pattern(count: number, first = 1): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => (first + index * 7) % 251);
}

function bytesAt(partition: FlashPartition, offset: number, count: number): Uint8Array {
  return new Uint8Array(partition.read(count, offset));
}

const opening: readonly Obligation<FlashSubject>[] = [
  {
    must: "list the labels of the partitions",
    check(subject) {
      const labels = [...subject.storage];
      ok(labels.includes(subject.path), `the list lacks ${subject.path}: ${labels.join(", ")}`);
      equal([...subject.storage], labels, "the list a second time");
    },
  },
  {
    must: "throw at open for a path that is no partition, and without a path",
    check(subject) {
      throws(() => subject.storage.open({ path: "no-such-part" }));
      throws(() => subject.storage.open({} as { path: string }));
      throws(() => (subject.storage.open as (options?: unknown) => unknown)());
    },
  },
  {
    must: "throw at open for an unknown mode or format",
    check(subject) {
      const { path } = subject;
      throws(() => subject.storage.open({ path, mode: "w" as "r" }));
      throws(() => subject.storage.open({ path, format: "string" as "buffer" }));
    },
  },
  {
    must: "take frozen options and leave open ones as they are",
    check(subject) {
      const { path } = subject;
      subject.storage.open(Object.freeze({ path })).close();
      const options = { path };
      subject.storage.open(options).close();
      equal(options, { path }, "the options afterwards");
    },
  },
  {
    must: "throw where the class itself is constructed",
    check(subject) {
      const partition = subject.storage.open({ path: subject.path });
      const Constructor = partition.constructor as new (options: unknown) => unknown;
      throws(() => new Constructor({ path: subject.path }));
    },
  },
  {
    must: "keep the format buffer and throw for another",
    check(subject) {
      const partition = opened(subject);
      equal(partition.format, "buffer");
      partition.format = "buffer";
      throws(() => {
        partition.format = "number" as "buffer";
      });
      equal(partition.format, "buffer", "the format after a refused one");
    },
  },
  {
    must: "describe the partition: size is blocks × blockLength, erased to 0xFF, written by 4 or 16",
    check(subject) {
      const status = opened(subject).status();
      equal(status.size, status.blocks * status.blockLength, "size");
      ok(status.blocks >= 3 && Number.isInteger(status.blockLength), "whole blocks");
      equal(status.eraseValue, 0xff, "eraseValue");
      ok(status.writeAlign === 4 || status.writeAlign === 16, "writeAlign");
    },
  },
];

const reading: readonly Obligation<FlashSubject>[] = [
  {
    must: "read an erased block as its erase value",
    check(subject) {
      const partition = opened(subject);
      const { blockLength } = partition.status();
      partition.write(pattern(64), 0);
      partition.write(pattern(64), blockLength - 64);
      partition.eraseBlock(0);
      equal(bytesAt(partition, 0, blockLength), new Uint8Array(blockLength).fill(0xff));
    },
  },
  {
    must: "read back what was written, across blocks too",
    check(subject) {
      const partition = opened(subject);
      const offset = partition.status().blockLength - 32;
      partition.write(pattern(64), offset);
      equal(bytesAt(partition, offset - 16, 16), new Uint8Array(16).fill(0xff), "before");
      equal(bytesAt(partition, offset, 64), pattern(64));
      equal(bytesAt(partition, offset + 64, 16), new Uint8Array(16).fill(0xff), "behind");
      equal(bytesAt(partition, offset + 5, 3), pattern(64).slice(5, 8), "at an odd place");
    },
  },
  {
    must: "give an ArrayBuffer for a count",
    check(subject) {
      const partition = opened(subject);
      partition.write(pattern(32), 0);
      const result: unknown = partition.read(8, 16);
      ok(Object.prototype.toString.call(result) === "[object ArrayBuffer]", "an ArrayBuffer");
      equal(result, pattern(32).slice(16, 24).buffer);
    },
  },
  {
    must: "fill a given buffer and give its byte count, keeping a view's bounds",
    check(subject) {
      const partition = opened(subject);
      partition.write(pattern(32), 0);
      const whole = new Uint8Array(16);
      equal(partition.read(whole.subarray(4, 12), 16), 8, "the count for a view");
      equal(whole, Uint8Array.from([0, 0, 0, 0, ...pattern(32).slice(16, 24), 0, 0, 0, 0]), "around the view");
      const buffer = new ArrayBuffer(8);
      equal(partition.read(buffer, 0), 8, "the count for an ArrayBuffer");
      equal(buffer, pattern(8).buffer);
    },
  },
  {
    must: "give what there is where a read crosses the end",
    check(subject) {
      const partition = opened(subject);
      const { size } = partition.status();
      equal(partition.read(32, size - 16).byteLength, 16, "bytes for a count");
      equal(partition.read(new Uint8Array(32), size - 16), 16, "count for a buffer");
    },
  },
  {
    must: "throw for a read that begins outside, and for no bytes",
    check(subject) {
      const partition = opened(subject);
      const { size } = partition.status();
      for (const offset of [-4, 0.5, size, size + 4, Number.NaN]) throws(() => partition.read(4, offset));
      throws(() => (partition.read as unknown as (count: number) => unknown).call(partition, 4));
      for (const count of [0, -1, 1.5]) throws(() => partition.read(count, 0));
    },
  },
  {
    must: "hand out copies",
    check(subject) {
      const partition = opened(subject);
      const source = pattern(16);
      partition.write(source, 0);
      source.fill(0);
      new Uint8Array(partition.read(16, 0)).fill(0);
      equal(bytesAt(partition, 0, 16), pattern(16));
    },
  },
];

const writing: readonly Obligation<FlashSubject>[] = [
  {
    must: "write ArrayBuffers and views, keeping a view's bounds",
    check(subject) {
      const partition = opened(subject);
      const bytes = pattern(48);
      partition.write(bytes.subarray(16, 32), 0);
      partition.write(bytes.buffer as ArrayBuffer, 64);
      equal(bytesAt(partition, 0, 32), Uint8Array.from([...bytes.slice(16, 32), ...new Array(16).fill(0xff)]), "a view");
      equal(bytesAt(partition, 64, 48), bytes, "an ArrayBuffer");
    },
  },
  {
    must: "only clear bits",
    check(subject) {
      const partition = opened(subject);
      partition.write(new Uint8Array(16).fill(0b11001100), 0);
      partition.write(new Uint8Array(16).fill(0b10101010), 0);
      equal(bytesAt(partition, 0, 16), new Uint8Array(16).fill(0b10001000));
    },
  },
  {
    must: "throw for a write beyond the end, and change nothing",
    check(subject) {
      const partition = opened(subject);
      const { size, blocks } = partition.status();
      partition.eraseBlock(blocks - 1);
      for (const offset of [size - 16, size, -32]) throws(() => partition.write(pattern(32), offset));
      equal(bytesAt(partition, size - 16, 16), new Uint8Array(16).fill(0xff));
    },
  },
  {
    must: "throw for a write that is not aligned, and change nothing",
    check(subject) {
      const partition = opened(subject);
      const { writeAlign } = partition.status();
      throws(() => partition.write(pattern(writeAlign), writeAlign - 1));
      throws(() => partition.write(pattern(writeAlign + 1), 0));
      equal(bytesAt(partition, 0, 64), new Uint8Array(64).fill(0xff));
    },
  },
  {
    must: "throw for a write of what is no bytes",
    check(subject) {
      const partition = opened(subject);
      for (const data of ["abcd", 4, undefined, [1, 2, 3, 4]]) throws(() => partition.write(data as unknown as Uint8Array, 0));
      equal(bytesAt(partition, 0, 16), new Uint8Array(16).fill(0xff));
    },
  },
  {
    must: "erase the blocks from start up to and without end, one without an end",
    check(subject) {
      const partition = opened(subject);
      const { blockLength } = partition.status();
      const offsets = [0, 1, 2].map((block) => block * blockLength);
      const marks = () => offsets.map((offset) => bytesAt(partition, offset, 1)[0]);
      for (const offset of offsets) partition.write(new Uint8Array(16), offset);
      partition.eraseBlock(1);
      equal(marks(), [0, 0xff, 0], "after the erase of block 1");
      partition.eraseBlock(0, 2);
      equal(marks(), [0xff, 0xff, 0], "after the erase of blocks 0 and 1");
    },
  },
  {
    must: "throw for an erase outside or of nothing, and change nothing",
    check(subject) {
      const partition = opened(subject);
      const { blocks, size } = partition.status();
      partition.eraseBlock(blocks - 1);
      partition.write(new Uint8Array(16), 0);
      partition.write(new Uint8Array(16), size - 16);
      throws(() => partition.eraseBlock(blocks));
      throws(() => partition.eraseBlock(blocks - 1, blocks + 1));
      throws(() => partition.eraseBlock(-1, 1));
      throws(() => partition.eraseBlock(0, 0));
      equal([bytesAt(partition, 0, 1)[0], bytesAt(partition, size - 1, 1)[0]], [0, 0]);
    },
  },
  {
    must: 'throw at write and erase in mode "r", and change nothing',
    check(subject) {
      const writer = opened(subject);
      writer.write(pattern(16), 0);
      const reader = subject.storage.open({ path: subject.path, mode: "r" });
      throws(() => reader.write(new Uint8Array(16), 0));
      throws(() => reader.eraseBlock(0));
      equal(bytesAt(reader, 0, 16), pattern(16));
    },
  },
];

const life: readonly Obligation<FlashSubject>[] = [
  {
    must: "keep what was written after close, for every later opening",
    check(subject) {
      const partition = opened(subject);
      partition.write(pattern(16), 0);
      partition.close();
      equal(bytesAt(subject.storage.open({ path: subject.path }), 0, 16), pattern(16));
    },
  },
  {
    must: "do nothing at a second close",
    check(subject) {
      const partition = opened(subject);
      partition.close();
      partition.close();
    },
  },
  {
    must: "throw at every other call after close",
    check(subject) {
      const partition = opened(subject);
      partition.close();
      throws(() => partition.read(4, 0));
      throws(() => partition.write(pattern(16), 0));
      throws(() => partition.eraseBlock(0));
      throws(() => partition.status());
      equal(bytesAt(subject.storage.open({ path: subject.path }), 0, 16), new Uint8Array(16).fill(0xff), "what is in flash");
    },
  },
];

export const flashObligations: readonly Obligation<FlashSubject>[] = [...opening, ...reading, ...writing, ...life];

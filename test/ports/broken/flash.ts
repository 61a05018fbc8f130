/** Flash storages with one fault each: what the suite of the Flash port must notice. Each wraps a right one. */
import type { FlashOpenOptions, FlashPartition, FlashStorage } from "../../../src/ports/flash.js";
import type { Broken } from "../../harness/port-suite.js";
import type { FlashSubject } from "../flash.js";

type Fault = (right: FlashPartition, options: FlashOpenOptions) => Partial<FlashPartition>;
type Open = () => FlashSubject;
type Read = (destination: number | Uint8Array | ArrayBuffer, offset: number) => ArrayBuffer | number;

/** The right storage with another `open`, or another list. */
function withStorage(open: Open, derive: (right: FlashStorage, path: string) => Partial<FlashStorage>): Open {
  return () => {
    const { storage, path } = open();
    const right: FlashStorage = {
      open: (options) => storage.open(options),
      [Symbol.iterator]: () => storage[Symbol.iterator](),
    };
    return { storage: { ...right, ...derive(storage, path) }, path };
  };
}

/** The right storage whose partitions have a fault. */
function withFault(open: Open, fault: Fault): Open {
  return withStorage(open, (storage) => ({
    open(options) {
      const right = storage.open(options);
      const base = {
        read: (destination: number, offset: number) => right.read(destination, offset),
        write: (buffer: Uint8Array, offset: number) => right.write(buffer, offset),
        eraseBlock: (start: number, end?: number) => right.eraseBlock(start, end),
        status: () => right.status(),
        close: () => right.close(),
        get format() {
          return right.format;
        },
        set format(value) {
          right.format = value;
        },
      } as FlashPartition;
      return Object.defineProperties(base, Object.getOwnPropertyDescriptors(fault(right, options)));
    },
  }));
}

/** Another `read` over the right one. */
function withRead(open: Open, read: (right: FlashPartition) => Read): Open {
  return withFault(open, (right) => ({ read: read(right) as FlashPartition["read"] }));
}

function bytesOf(buffer: Uint8Array | ArrayBuffer): Uint8Array {
  return buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
}

/** A read as it should be, without the checks that the right one makes. */
function readLeniently(
  right: FlashPartition,
  destination: number | Uint8Array | ArrayBuffer,
  offset: number,
): ArrayBuffer | number {
  return typeof destination === "number" ? right.read(destination, offset) : right.read(destination, offset);
}

function brokenOpenings(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "list the labels of the partitions",
      fault: "gives an iterator that is used up once",
      open: withStorage(open, (right) => {
        const labels = right[Symbol.iterator]();
        return { [Symbol.iterator]: () => labels };
      }),
    },
    {
      must: "list the labels of the partitions",
      fault: "lists nothing",
      open: withStorage(open, () => ({ [Symbol.iterator]: () => [][Symbol.iterator]() })),
    },
    {
      must: "throw at open for a path that is no partition, and without a path",
      fault: "opens the first partition instead",
      open: withStorage(open, (right, path) => ({
        open(options) {
          return right.open([...right].includes(options.path) ? options : { path });
        },
      })),
    },
    {
      must: "throw at open for an unknown mode or format",
      fault: "takes every other mode for the default",
      open: withStorage(open, (right) => ({ open: ({ path, mode }) => right.open({ path, mode: mode === "r" ? "r" : "r+" }) })),
    },
    {
      must: "throw at open for an unknown mode or format",
      fault: "does not look at the format",
      open: withStorage(open, (right) => ({ open: ({ path, mode = "r+" }) => right.open({ path, mode }) })),
    },
    {
      must: "take frozen options and leave open ones as they are",
      fault: "writes the default mode into the options",
      open: withStorage(open, (right) => ({
        open(options) {
          (options as { mode?: string }).mode ??= "r+";
          return right.open(options);
        },
      })),
    },
    { must: "throw where the class itself is constructed", fault: "is a plain object", open: withFault(open, () => ({})) },
    {
      must: "keep the format buffer and throw for another",
      fault: "takes any format",
      open: withFault(open, () => ({ format: "buffer" })),
    },
    {
      must: "describe the partition: size is blocks × blockLength, erased to 0xFF, written by 4 or 16",
      fault: "counts the last block twice",
      open: withFault(open, (right) => ({ status: () => ({ ...right.status(), blocks: right.status().blocks + 1 }) })),
    },
    {
      must: "describe the partition: size is blocks × blockLength, erased to 0xFF, written by 4 or 16",
      fault: "lacks eraseValue and writeAlign",
      open: withFault(open, (right) => ({
        status() {
          const { size, blocks, blockLength } = right.status();
          return { size, blocks, blockLength } as ReturnType<FlashPartition["status"]>;
        },
      })),
    },
  ];
}

function brokenReads(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "read an erased block as its erase value",
      fault: "leaves the last word of a block",
      open: withFault(open, (right) => ({
        eraseBlock(start, end = start + 1) {
          const lastOffset = end * right.status().blockLength - 16;
          const last = new Uint8Array(right.read(16, lastOffset));
          right.eraseBlock(start, end);
          right.write(last, lastOffset);
        },
      })),
    },
    {
      must: "read back what was written, across blocks too",
      fault: "stops writing at the end of a block",
      open: withFault(open, (right) => ({
        write(buffer, offset) {
          const { blockLength } = right.status();
          right.write(bytesOf(buffer).subarray(0, blockLength - (offset % blockLength)), offset);
        },
      })),
    },
    {
      must: "give an ArrayBuffer for a count",
      fault: "gives a Uint8Array",
      open: withRead(open, (right) => (destination, offset) => {
        const result = readLeniently(right, destination, offset);
        return typeof result === "number" ? result : (new Uint8Array(result) as unknown as ArrayBuffer);
      }),
    },
    {
      must: "fill a given buffer and give its byte count, keeping a view's bounds",
      fault: "fills the buffer behind the view",
      open: withRead(open, (right) => (destination, offset) => {
        const whole = destination instanceof Uint8Array ? (destination.buffer as ArrayBuffer) : destination;
        return readLeniently(right, whole, offset);
      }),
    },
  ];
}

function brokenReadBounds(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "give what there is where a read crosses the end",
      fault: "throws instead",
      open: withRead(open, (right) => (destination, offset) => {
        const count = typeof destination === "number" ? destination : destination.byteLength;
        if (offset + count > right.status().size) throw new RangeError("read beyond the end");
        return readLeniently(right, destination, offset);
      }),
    },
    {
      must: "throw for a read that begins outside, and for no bytes",
      fault: "gives an empty buffer outside",
      open: withRead(open, (right) => (destination, offset) => {
        return offset >= right.status().size ? new ArrayBuffer(0) : readLeniently(right, destination, offset);
      }),
    },
    {
      must: "throw for a read that begins outside, and for no bytes",
      fault: "gives an empty buffer for no bytes",
      open: withRead(open, (right) => (destination, offset) => {
        return destination === 0 ? new ArrayBuffer(0) : readLeniently(right, destination, offset);
      }),
    },
    {
      must: "hand out copies",
      fault: "keeps the buffer that was written and gives it back",
      open: withFault(open, (right) => {
        let kept: Uint8Array | undefined;
        const read: Read = (destination, offset) =>
          kept ? (kept.buffer as ArrayBuffer) : readLeniently(right, destination, offset);
        return {
          write(buffer) {
            kept = bytesOf(buffer);
          },
          read: read as FlashPartition["read"],
        };
      }),
    },
  ];
}

function brokenWrites(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "write ArrayBuffers and views, keeping a view's bounds",
      fault: "writes the buffer behind the view",
      open: withFault(open, (right) => ({
        write: (buffer, offset) => right.write(buffer instanceof Uint8Array ? (buffer.buffer as ArrayBuffer) : buffer, offset),
      })),
    },
    {
      must: "only clear bits",
      fault: "writes like RAM",
      open: withFault(open, (right) => ({
        write(buffer, offset) {
          const block = new Uint8Array(right.read(right.status().blockLength, 0));
          block.set(bytesOf(buffer), offset);
          right.eraseBlock(0);
          right.write(block, 0);
        },
      })),
    },
    {
      must: "throw for a write beyond the end, and change nothing",
      fault: "writes what fits before it throws",
      open: withFault(open, (right) => ({
        write(buffer, offset) {
          const bytes = bytesOf(buffer);
          const fitting = Math.max(0, right.status().size - offset);
          if (offset >= 0 && fitting < bytes.length) right.write(bytes.subarray(0, fitting), offset);
          right.write(buffer, offset);
        },
      })),
    },
    {
      must: "throw for a write that is not aligned, and change nothing",
      fault: "pads it",
      open: withFault(open, (right) => ({
        write(buffer, offset) {
          const { writeAlign } = right.status();
          const before = offset % writeAlign;
          const padded = new Uint8Array(Math.ceil((before + buffer.byteLength) / writeAlign) * writeAlign).fill(0xff);
          padded.set(bytesOf(buffer), before);
          right.write(padded, offset - before);
        },
      })),
    },
    {
      must: "throw for a write of what is no bytes",
      fault: "takes lists of numbers",
      open: withFault(open, (right) => ({ write: (buffer, offset) => right.write(Uint8Array.from(bytesOf(buffer)), offset) })),
    },
  ];
}

function brokenErases(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "erase the blocks from start up to and without end, one without an end",
      fault: "erases the end block too",
      open: withFault(open, (right) => ({
        eraseBlock(start, end) {
          right.eraseBlock(start, end === undefined ? undefined : Math.min(end + 1, right.status().blocks));
        },
      })),
    },
    {
      must: "throw for an erase outside or of nothing, and change nothing",
      fault: "erases what there is",
      open: withFault(open, (right) => ({
        eraseBlock(start, end = start + 1) {
          const { blocks } = right.status();
          for (let block = Math.max(0, start); block < Math.min(end, blocks); block++) right.eraseBlock(block);
        },
      })),
    },
    {
      must: 'throw at write and erase in mode "r", and change nothing',
      fault: "opens for writing whatever the mode",
      open: withStorage(open, (right) => ({ open: ({ path }) => right.open({ path }) })),
    },
  ];
}

function brokenLives(open: Open): readonly Broken<FlashSubject>[] {
  return [
    {
      must: "keep what was written after close, for every later opening",
      fault: "erases when it is closed",
      open: withFault(open, (right) => ({
        close() {
          right.eraseBlock(0);
          right.close();
        },
      })),
    },
    {
      must: "do nothing at a second close",
      fault: "throws at the second close",
      open: withFault(open, (right) => ({
        close() {
          right.status();
          right.close();
        },
      })),
    },
    {
      must: "throw at every other call after close",
      fault: "goes on after close",
      open: withFault(open, () => ({ close() {} })),
    },
    {
      must: "throw at every other call after close",
      fault: "keeps giving its status",
      open: withFault(open, (right) => {
        const status = right.status();
        return { status: () => status };
      }),
    },
  ];
}

/** `open` gives a right storage. */
export function brokenFlashes(open: Open): readonly Broken<FlashSubject>[] {
  return [
    ...brokenOpenings(open),
    ...brokenReads(open),
    ...brokenReadBounds(open),
    ...brokenWrites(open),
    ...brokenErases(open),
    ...brokenLives(open),
  ];
}

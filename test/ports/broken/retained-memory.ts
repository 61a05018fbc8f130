/**
 * Retained memories with one fault each: what the suite of the RetainedMemory port must notice. Each wraps a right one of at
 * least 64 bytes.
 */
import type { RetainedMemory } from "../../../src/ports/retained-memory.js";
import type { Broken } from "../../harness/port-suite.js";
import type { RetainedMemorySubject } from "../retained-memory.js";

type Open = () => RetainedMemorySubject;

function withFault(open: Open, derive: (right: RetainedMemory) => Partial<RetainedMemory>): Open {
  return () => {
    const { memory: right, restarted } = open();
    const base: RetainedMemory = {
      sizeBytes: right.sizeBytes,
      read: (offset, byteLength) => right.read(offset, byteLength),
      write: (offset, bytes) => right.write(offset, bytes),
    };
    return { memory: Object.assign(base, derive(right)), restarted };
  };
}

/** Keeps the whole content in one array, which `isFaulty` hands out or takes in without a copy. */
function sharesItsArray(open: Open, isFaulty: "read" | "write"): Open {
  return withFault(open, (right) => {
    let content = right.read(0, right.sizeBytes);
    return {
      read: (offset, byteLength) =>
        isFaulty === "read" ? content.subarray(offset, offset + byteLength) : content.slice(offset, offset + byteLength),
      write(offset, bytes) {
        if (isFaulty === "write" && bytes.length === content.length) content = bytes;
        else content.set(bytes, offset);
      },
    };
  });
}

/** Stores as much as there is room for, then refuses what is left over. */
function writesThenRefuses(right: RetainedMemory): Partial<RetainedMemory> {
  return {
    write(offset, bytes) {
      if (offset === 0 && bytes.length > right.sizeBytes) right.write(0, bytes.subarray(0, right.sizeBytes));
      right.write(offset, bytes);
    },
  };
}

function brokenContent(open: Open): readonly Broken<RetainedMemorySubject>[] {
  return [
    {
      must: "give its size as a whole number of bytes",
      fault: "gives its size in words",
      open: withFault(open, (right) => ({ sizeBytes: right.sizeBytes / 3 })),
    },
    {
      must: "read what was written, to the last byte",
      fault: "keeps the last byte for itself",
      open: withFault(open, (right) => ({
        write: (offset, bytes) => right.write(offset, bytes.subarray(0, Math.min(bytes.length, right.sizeBytes - 1 - offset))),
      })),
    },
    {
      must: "change the written range and nothing else",
      fault: "writes whole words",
      open: withFault(open, (right) => ({
        write(offset, bytes) {
          const first = offset & ~3;
          const words = new Uint8Array(Math.min((offset + bytes.length + 3) & ~3, right.sizeBytes) - first);
          words.set(bytes, offset - first);
          right.write(first, words);
        },
      })),
    },
    {
      must: "take an empty range at each end",
      fault: "refuses an offset at the end",
      open: withFault(open, (right) => ({
        read: (offset, byteLength) => right.read(offset, byteLength + (byteLength ? 0 : 1)),
      })),
    },
    {
      must: "throw invalid for a read outside",
      fault: "gives what there is",
      open: withFault(open, (right) => ({
        read: (offset, byteLength) => right.read(0, right.sizeBytes).slice(offset, offset + byteLength),
      })),
    },
    {
      must: "throw invalid for a write outside, and store nothing of it",
      fault: "stores what fits before it refuses",
      open: withFault(open, writesThenRefuses),
    },
    {
      must: "throw invalid for a write outside, and store nothing of it",
      fault: "throws a RangeError as typed arrays do",
      open: withFault(open, (right) => {
        const content = right.read(0, right.sizeBytes);
        return { write: (offset, bytes) => content.set(bytes, offset) };
      }),
    },
  ];
}

/** `open` gives a right memory of at least 64 bytes. */
export function brokenRetainedMemories(open: Open): readonly Broken<RetainedMemorySubject>[] {
  return [
    ...brokenContent(open),
    { must: "give a copy", fault: "gives a view of the memory", open: sharesItsArray(open, "read") },
    {
      must: "keep no reference to the bytes written",
      fault: "keeps the caller's array",
      open: sharesItsArray(open, "write"),
    },
    {
      must: "write the bytes of a view and no others",
      fault: "writes from the start of the buffer behind the view",
      open: withFault(open, (right) => ({
        write: (offset, bytes) => right.write(offset, new Uint8Array(bytes.buffer, 0, bytes.length)),
      })),
    },
    {
      must: "survive a restart",
      fault: "lies in ordinary memory",
      open: () => ({ memory: open().memory, restarted: () => open().memory }),
    },
  ];
}

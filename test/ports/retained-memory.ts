/**
 * The law of the RetainedMemory port: what src/ports/retained-memory.ts demands, one obligation for each MUST. A host without
 * such memory (0 bytes) passes by refusing every range but the empty one. See docs/design/ports.md.
 */
import type { RetainedMemory } from "../../src/ports/retained-memory.js";
import { equal, notEqual, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface RetainedMemorySubject {
  readonly memory: RetainedMemory;
  /** Restarts the device by software, and gives the memory as its next life sees it. */
  readonly restarted: () => RetainedMemory;
}

/** Bytes of 1, 2, 3 … that no erased or zeroed memory holds. */
function counted(lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_item, index) => (index % 255) + 1);
}

/** Ranges that do not lie within `sizeBytes`, as [offset, length]. */
function outside(sizeBytes: number): readonly (readonly [offset: number, lengthBytes: number])[] {
  return [
    [0, sizeBytes + 1],
    [sizeBytes, 1],
    [sizeBytes + 1, 0],
    [-1, 1],
    [-1, 0],
    [0.5, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 0],
  ];
}

const content: readonly Obligation<RetainedMemorySubject>[] = [
  {
    must: "give its size as a whole number of bytes",
    check({ memory }) {
      ok(Number.isInteger(memory.sizeBytes) && memory.sizeBytes >= 0, `sizeBytes is ${memory.sizeBytes}`);
      equal(memory.read(0, memory.sizeBytes).length, memory.sizeBytes, "bytes of the whole");
    },
  },
  {
    must: "read what was written, to the last byte",
    check({ memory }) {
      const bytes = counted(memory.sizeBytes);
      memory.write(0, bytes);
      equal(memory.read(0, memory.sizeBytes), bytes);
      for (let offset = 0; offset < memory.sizeBytes; offset += 5) {
        const lengthBytes = Math.min(3, memory.sizeBytes - offset);
        equal(memory.read(offset, lengthBytes), bytes.subarray(offset, offset + lengthBytes), `at ${offset}`);
      }
    },
  },
  {
    must: "change the written range and nothing else",
    check({ memory }) {
      if (memory.sizeBytes < 3) return;
      const bytes = counted(memory.sizeBytes);
      memory.write(0, bytes);
      for (const offset of [0, 1, memory.sizeBytes - 1]) {
        memory.write(offset, Uint8Array.of(0));
        bytes[offset] = 0;
        equal(memory.read(0, memory.sizeBytes), bytes, `after a byte at ${offset}`);
      }
    },
  },
  {
    must: "take an empty range at each end",
    check({ memory }) {
      for (const offset of [0, memory.sizeBytes]) {
        memory.write(offset, new Uint8Array(0));
        equal(memory.read(offset, 0).length, 0);
      }
    },
  },
  {
    must: "throw invalid for a read outside",
    check({ memory }) {
      for (const [offset, lengthBytes] of outside(memory.sizeBytes)) throws(() => memory.read(offset, lengthBytes), "invalid");
      for (const lengthBytes of [-1, 0.5, Number.NaN]) throws(() => memory.read(0, lengthBytes), "invalid");
    },
  },
  {
    must: "throw invalid for a write outside, and store nothing of it",
    check({ memory }) {
      const before = memory.read(0, memory.sizeBytes);
      for (const [offset, lengthBytes] of outside(memory.sizeBytes)) {
        const bytes = new Uint8Array(lengthBytes);
        for (let index = 0; index < lengthBytes; index++) bytes[index] = (before[index] ?? 0) ^ 0xff;
        throws(() => memory.write(offset, bytes), "invalid");
      }
      equal(memory.read(0, memory.sizeBytes), before);
    },
  },
];

const copies: readonly Obligation<RetainedMemorySubject>[] = [
  {
    must: "give a copy",
    check({ memory }) {
      const bytes = counted(memory.sizeBytes);
      memory.write(0, bytes);
      memory.read(0, memory.sizeBytes).fill(0);
      equal(memory.read(0, memory.sizeBytes), bytes);
    },
  },
  {
    must: "keep no reference to the bytes written",
    check({ memory }) {
      const bytes = counted(memory.sizeBytes);
      memory.write(0, bytes);
      bytes.fill(0);
      equal(memory.read(0, memory.sizeBytes), counted(memory.sizeBytes));
    },
  },
  {
    must: "write the bytes of a view and no others",
    check({ memory }) {
      if (memory.sizeBytes < 4) return;
      memory.write(0, counted(32).subarray(7, 11));
      equal(memory.read(0, 4), Uint8Array.of(8, 9, 10, 11));
    },
  },
  {
    must: "survive a restart",
    check({ memory, restarted }) {
      const bytes = counted(memory.sizeBytes);
      if (bytes.length > 0) notEqual(memory.read(0, memory.sizeBytes), bytes, "before it is written");
      memory.write(0, bytes);
      equal(restarted().read(0, memory.sizeBytes), bytes);
    },
  },
];

export const retainedMemoryObligations: readonly Obligation<RetainedMemorySubject>[] = [...content, ...copies];

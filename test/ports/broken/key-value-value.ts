/** Key-value storages with one fault each in how they read, write and convert values. */
import type { KeyValueDomain } from "../../../src/ports/key-value.js";
import type { Broken } from "../../harness/port-suite.js";
import type { KeyValueSubject } from "../key-value.js";
import { type Open, withFault, withWritten } from "./key-value-fault.js";

function brokenReads(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "give undefined for a key that is not there",
      fault: "throws",
      open: withFault(open, (right) => ({
        read(key, buffer) {
          const value = right.read(key, buffer);
          if (value === undefined) throw new RangeError("no such key");
          return value;
        },
      })),
    },
    {
      must: "give bytes back as an ArrayBuffer of its own",
      fault: "gives the same buffer every time",
      open: withFault(open, (right) => {
        const kept = new Map<string, ReturnType<KeyValueDomain["read"]>>();
        return {
          read(key, buffer) {
            if (!kept.has(key)) kept.set(key, right.read(key, buffer));
            return kept.get(key);
          },
        };
      }),
    },
    {
      must: "give bytes back as an ArrayBuffer of its own",
      fault: "stores the buffer behind a view",
      open: withWritten(open, (value) => (value instanceof Uint8Array ? value.buffer : value)),
    },
    {
      must: "fill a given buffer and give the byte count, or throw where it is too small",
      fault: "cuts the value to the buffer",
      open: withFault(open, (right) => ({
        read(key, buffer) {
          const value = right.read(key);
          if (!(buffer instanceof Uint8Array) || !(value instanceof ArrayBuffer)) return value;
          const count = Math.min(buffer.length, value.byteLength);
          buffer.set(new Uint8Array(value, 0, count));
          return count;
        },
      })),
    },
    {
      must: "give strings back, whatever their characters",
      fault: "ends a string at its first zero",
      open: withWritten(open, (value) => (typeof value === "string" ? value.split("\u0000")[0] : value)),
    },
    {
      must: "give strings back, whatever their characters",
      fault: "keeps characters of one byte",
      open: withWritten(open, (value) => (typeof value === "string" ? value.replace(/[\u0100-\uffff]/g, "?") : value)),
    },
  ];
}

function brokenFormats(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "give integers back over the whole range of their format",
      fault: "keeps int32 without its sign",
      open: withFault(open, (right) => ({
        read(key) {
          const value = right.read(key);
          return right.format === "int32" ? Number(value) >>> 0 : value;
        },
      })),
    },
    {
      must: "give integers back over the whole range of their format",
      fault: "gives 64 bits as a number",
      open: withFault(open, (right) => ({
        read(key) {
          const value = right.read(key);
          return typeof value === "bigint" ? Number(value) : value;
        },
      })),
    },
  ];
}

function brokenMismatches(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "throw TypeError at write for a value that does not fit the format, and keep the old one",
      fault: "wraps what is too large",
      open: withWritten(open, (value, format) => (format === "uint8" && typeof value === "number" ? value & 0xff : value)),
    },
    {
      must: "throw TypeError at write for a value that does not fit the format, and keep the old one",
      fault: "throws RangeError",
      open: withFault(open, (right) => ({
        write(key, value) {
          try {
            right.write(key, value);
          } catch {
            throw new RangeError("value out of range");
          }
        },
      })),
    },
    {
      must: "throw TypeError at write for a value that does not fit the format, and keep the old one",
      fault: "removes the old value first",
      open: withFault(open, (right) => ({
        write(key, value) {
          right.delete(key);
          right.write(key, value);
        },
      })),
    },
    {
      must: "throw TypeError at read in another format than was written",
      fault: "gives undefined instead",
      open: withFault(open, (right) => ({
        read(key) {
          try {
            return right.read(key);
          } catch {
            return undefined;
          }
        },
      })),
    },
    {
      must: "replace a value by the next, of another length and format too",
      fault: "keeps the first value",
      open: withFault(open, (right) => ({
        write(key, value) {
          if (![...right].includes(key)) right.write(key, value);
        },
      })),
    },
  ];
}

/** `open` gives a right storage. */
export function brokenValues(open: Open): readonly Broken<KeyValueSubject>[] {
  return [...brokenReads(open), ...brokenFormats(open), ...brokenMismatches(open)];
}

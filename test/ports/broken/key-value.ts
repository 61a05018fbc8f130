/** Key-value storages with one fault each: what the suite of the KeyValue port must notice. Each wraps a right one. */
import type { Broken } from "../../harness/port-suite.js";
import type { KeyValueSubject } from "../key-value.js";
import { type Open, withFault, withOpen } from "./key-value-fault.js";
import { brokenValues } from "./key-value-value.js";

function brokenOpenings(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "throw at open without a path, and for an unknown mode or format",
      fault: "takes every other mode for the default",
      open: withOpen(open, (right) => (options) => right.open({ ...options, mode: options.mode === "r" ? "r" : "r+" })),
    },
    {
      must: "throw at open without a path, and for an unknown mode or format",
      fault: "opens a domain of its own without a path",
      open: withOpen(open, (right) => (options) => right.open({ ...options, path: options?.path ?? "default" })),
    },
    {
      must: "take frozen options and leave open ones as they are",
      fault: "writes the default format into the options",
      open: withOpen(open, (right) => (options) => {
        (options as { format?: string }).format ??= "buffer";
        return right.open(options);
      }),
    },
    { must: "throw where the class itself is constructed", fault: "is a plain object", open: withFault(open, () => ({})) },
    {
      must: "begin with the format of the options, buffer by default, and throw for an unknown one",
      fault: "begins with string",
      open: withOpen(open, (right) => (options) => right.open({ ...options, format: options.format ?? "string" })),
    },
    {
      must: "begin with the format of the options, buffer by default, and throw for an unknown one",
      fault: "takes any format",
      open: withFault(open, (_right, options) => ({ format: options.format ?? "buffer" })),
    },
  ];
}

function brokenKeys(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "remove a key, and do nothing for one that is not there",
      fault: "throws for a key that is not there",
      open: withFault(open, (right) => ({
        delete(key) {
          if (![...right].includes(key)) throw new RangeError("no such key");
          right.delete(key);
        },
      })),
    },
    {
      must: "remove a key, and do nothing for one that is not there",
      fault: "empties the value and leaves the key",
      open: withFault(open, (right) => ({
        delete(key) {
          if (right.read(key) !== undefined) right.write(key, "");
        },
      })),
    },
    {
      must: "list the keys of its domain, each once",
      fault: "lists every write",
      open: withFault(open, (right) => {
        const written: string[] = [];
        return {
          write(key, value) {
            written.push(key);
            right.write(key, value);
          },
          [Symbol.iterator]: () => written[Symbol.iterator](),
        };
      }),
    },
    {
      must: "keep domains apart",
      fault: "has one domain for all",
      open: withOpen(open, (right) => (options) => right.open({ ...options, path: "all" })),
    },
    {
      must: "show what another opening of the domain wrote",
      fault: "reads the values at open",
      open: withFault(open, (right) => {
        const values = new Map([...right].map((key) => [key, right.read(key)]));
        return { read: (key) => values.get(key) };
      }),
    },
  ];
}

function brokenRefusals(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "throw for a key without characters, and for one that is too long, at any call",
      fault: "cuts long keys",
      open: withFault(open, (right) => ({
        read: (key, buffer) => right.read(key.slice(0, 15), buffer),
        write: (key, value) => right.write(key.slice(0, 15), value),
        delete: (key) => right.delete(key.slice(0, 15)),
      })),
    },
    {
      must: 'throw at write and delete in mode "r", and change nothing',
      fault: "opens for writing whatever the mode",
      open: withOpen(open, (right) => (options) => right.open({ ...options, mode: "r+" })),
    },
    {
      must: 'throw at write and delete in mode "r", and change nothing',
      fault: "says nothing about a key that is not there",
      open: withFault(open, (right) => ({
        delete(key) {
          if (right.read(key) !== undefined) right.delete(key);
        },
      })),
    },
  ];
}

function brokenLives(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "keep values and removals over a restart",
      fault: "forgets removals",
      open: withFault(open, (right) => {
        const removed = new Set<string>();
        return {
          read: (key) => (removed.has(key) ? undefined : right.read(key)),
          delete: (key) => void removed.add(key),
        };
      }),
    },
    {
      must: "take more writes of one key than the storage could hold side by side",
      fault: "never frees what was replaced",
      open: withFault(open, (right) => {
        let count = 0;
        return {
          write(key, value) {
            if (++count > 100) throw new RangeError("full");
            right.write(key, value);
          },
        };
      }),
    },
    {
      must: "throw when it is full, keep the old values, and take writes again after a removal",
      fault: "gives up the oldest value",
      open: withFault(open, (right) => ({
        write(key, value) {
          try {
            right.write(key, value);
          } catch {
            right.delete([...right][0]!);
            right.write(key, value);
          }
        },
      })),
    },
    {
      must: "throw when it is full, keep the old values, and take writes again after a removal",
      fault: "stays full for ever",
      open: withFault(open, (right) => {
        let isFull = false;
        return {
          write(key, value) {
            if (isFull) throw new RangeError("full");
            isFull = true;
            right.write(key, value);
            isFull = false;
          },
        };
      }),
    },
  ];
}

function brokenClosings(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    {
      must: "do nothing at a second close",
      fault: "throws at the second close",
      open: withFault(open, (right) => ({
        close() {
          right[Symbol.iterator]();
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
      fault: "lists its keys still",
      open: withFault(open, (right) => ({ [Symbol.iterator]: () => [...right.format][Symbol.iterator]() })),
    },
  ];
}

/** `open` gives a right storage. */
export function brokenKeyValues(open: Open): readonly Broken<KeyValueSubject>[] {
  return [
    ...brokenOpenings(open),
    ...brokenValues(open),
    ...brokenKeys(open),
    ...brokenRefusals(open),
    ...brokenLives(open),
    ...brokenClosings(open),
  ];
}

/**
 * The law of the KeyValue port: what ECMA-419 (28 and Annex A) and src/ports/key-value.ts demand, one obligation for each MUST.
 *
 * The standard makes every format but "buffer" optional; our port does not. Errors other than TypeError are left open by it.
 * See docs/design/ports.md.
 */
import type { KeyValueDomain, KeyValueFormat, KeyValueStorage, KeyValueValue } from "../../src/ports/key-value.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface KeyValueSubject {
  readonly storage: KeyValueStorage;
  /** A domain without keys, and a second one beside it. */
  readonly path: string;
  readonly otherPath: string;
  /** The storage as it is found after a restart. */
  restart(): KeyValueStorage;
}

function opened(subject: KeyValueSubject, format: KeyValueFormat = "buffer"): KeyValueDomain {
  return subject.storage.open({ path: subject.path, format });
}

function throwsTypeError(body: () => unknown, why: string): void {
  const error = throws(body) as { name?: unknown };
  ok(error.name === "TypeError", `${why}: expected a TypeError, got ${String(error)}`);
}

/** Sorted: the order of the keys is the system's. */
function keysOf(domain: KeyValueDomain): string[] {
  return [...domain].sort();
}

/** For each integer format its least and greatest value, and the nearest ones outside. */
const RANGES: readonly (readonly [KeyValueFormat, readonly [KeyValueValue, KeyValueValue], readonly KeyValueValue[]])[] = [
  ["uint8", [0, 255], [-1, 256]],
  ["int8", [-128, 127], [-129, 128]],
  ["uint16", [0, 65_535], [-1, 65_536]],
  ["int16", [-32_768, 32_767], [-32_769, 32_768]],
  ["uint32", [0, 4_294_967_295], [-1, 4_294_967_296]],
  ["int32", [-2_147_483_648, 2_147_483_647], [-2_147_483_649, 2_147_483_648]],
  ["uint64", [0n, 2n ** 64n - 1n], [-1n, 2n ** 64n]],
  ["int64", [-(2n ** 63n), 2n ** 63n - 1n], [-(2n ** 63n) - 1n, 2n ** 63n]],
];

const opening: readonly Obligation<KeyValueSubject>[] = [
  {
    must: "throw at open without a path, and for an unknown mode or format",
    check(subject) {
      const { path } = subject;
      throws(() => (subject.storage.open as (options?: unknown) => unknown)());
      throws(() => subject.storage.open({} as { path: string }));
      throws(() => subject.storage.open({ path, mode: "w" as "r" }));
      throws(() => subject.storage.open({ path, format: "float" as "string" }));
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
      const Constructor = opened(subject).constructor as new (options: unknown) => unknown;
      throws(() => new Constructor({ path: subject.path }));
    },
  },
  {
    must: "begin with the format of the options, buffer by default, and throw for an unknown one",
    check(subject) {
      equal(subject.storage.open({ path: subject.path }).format, "buffer");
      const domain = opened(subject, "string");
      equal(domain.format, "string");
      throws(() => {
        domain.format = "double" as "string";
      });
      equal(domain.format, "string", "the format after a refused one");
    },
  },
];

const values: readonly Obligation<KeyValueSubject>[] = [
  {
    must: "give undefined for a key that is not there",
    check(subject) {
      const domain = opened(subject, "uint8");
      equal(domain.read("absent"), undefined);
      domain.format = "buffer";
      equal(domain.read("absent", new Uint8Array(4)), undefined, "with a buffer");
    },
  },
  {
    must: "give bytes back as an ArrayBuffer of its own",
    check(subject) {
      const domain = opened(subject);
      const source = Uint8Array.from([9, 1, 2, 3, 0, 255, 9]);
      domain.write("view", source.subarray(1, 6));
      domain.write("whole", source.buffer as ArrayBuffer);
      domain.write("empty", new Uint8Array(0));
      source.fill(0);
      const first = domain.read("view") as ArrayBuffer;
      ok(Object.prototype.toString.call(first) === "[object ArrayBuffer]", "an ArrayBuffer");
      equal(first, Uint8Array.from([1, 2, 3, 0, 255]).buffer);
      new Uint8Array(first).fill(7);
      equal(domain.read("view"), Uint8Array.from([1, 2, 3, 0, 255]).buffer, "a second time");
      equal(domain.read("whole"), Uint8Array.from([9, 1, 2, 3, 0, 255, 9]).buffer);
      equal((domain.read("empty") as ArrayBuffer).byteLength, 0, "bytes of an empty value");
    },
  },
  {
    must: "fill a given buffer and give the byte count, or throw where it is too small",
    check(subject) {
      const domain = opened(subject);
      domain.write("key", Uint8Array.from([1, 2, 3]));
      const target = new Uint8Array(6);
      equal(domain.read("key", target.subarray(1, 5)), 3, "the count");
      equal(target, Uint8Array.from([0, 1, 2, 3, 0, 0]));
      const small = new Uint8Array(2);
      throws(() => domain.read("key", small));
      equal(small, new Uint8Array(2), "the small buffer");
    },
  },
  {
    must: "give strings back, whatever their characters",
    check(subject) {
      const domain = opened(subject, "string");
      for (const text of ["", "plain", "größer 漢字 🛰", "a\u0000b", "\ufeffmark"]) {
        domain.write("key", text);
        equal(domain.read("key"), text);
      }
    },
  },
  {
    must: "give integers back over the whole range of their format",
    check(subject) {
      const domain = opened(subject);
      for (const [format, ends] of RANGES) {
        domain.format = format;
        for (const end of ends) {
          domain.write(format, end);
          equal(domain.read(format), end, format);
        }
      }
    },
  },
  {
    must: "throw TypeError at write for a value that does not fit the format, and keep the old one",
    check(subject) {
      const domain = opened(subject);
      for (const [format, ends, outside] of RANGES) {
        domain.format = format;
        domain.write(format, ends[1]);
        for (const value of [...outside, "one"])
          throwsTypeError(() => domain.write(format, value), `${String(value)} as ${format}`);
        equal(domain.read(format), ends[1], `${format} afterwards`);
      }
      domain.format = "string";
      domain.write("text", "old");
      throwsTypeError(() => domain.write("text", Symbol("new") as unknown as string), "a symbol as string");
      equal(domain.read("text"), "old");
      domain.format = "buffer";
      throwsTypeError(() => domain.write("bytes", "text"), "a string as buffer");
      equal(domain.read("bytes"), undefined);
    },
  },
  {
    must: "throw TypeError at read in another format than was written",
    check(subject) {
      const domain = opened(subject, "uint8");
      domain.write("key", 7);
      for (const format of ["buffer", "string", "int8", "uint16", "uint64"] as const) {
        domain.format = format;
        throwsTypeError(() => domain.read("key"), `uint8 as ${format}`);
      }
      domain.format = "uint8";
      equal(domain.read("key"), 7, "in its own format");
    },
  },
  {
    must: "replace a value by the next, of another length and format too",
    check(subject) {
      const domain = opened(subject, "string");
      domain.write("key", "the first and longer value");
      domain.write("key", "short");
      equal(domain.read("key"), "short");
      domain.format = "uint16";
      domain.write("key", 515);
      equal(domain.read("key"), 515);
      equal(keysOf(domain), ["key"], "the keys");
    },
  },
];

const keys: readonly Obligation<KeyValueSubject>[] = [
  {
    must: "remove a key, and do nothing for one that is not there",
    check(subject) {
      const domain = opened(subject, "string");
      domain.write("one", "1");
      domain.write("two", "2");
      domain.delete("one");
      domain.delete("one");
      domain.delete("never");
      equal([domain.read("one"), domain.read("two")], [undefined, "2"]);
      domain.write("one", "again");
      equal(domain.read("one"), "again", "written again");
    },
  },
  {
    must: "list the keys of its domain, each once",
    check(subject) {
      const domain = opened(subject, "uint8");
      equal(keysOf(domain), [], "at first");
      for (const key of ["b", "a", "c", "a"]) domain.write(key, 1);
      domain.delete("b");
      equal(keysOf(domain), ["a", "c"]);
    },
  },
  {
    must: "keep domains apart",
    check(subject) {
      const first = opened(subject, "string");
      const second = subject.storage.open({ path: subject.otherPath, format: "string" });
      first.write("key", "first");
      second.write("key", "second");
      second.delete("absent");
      equal([first.read("key"), second.read("key")], ["first", "second"]);
      second.delete("key");
      equal([first.read("key"), keysOf(second)], ["first", []], "after the removal in the second");
    },
  },
  {
    must: "show what another opening of the domain wrote",
    check(subject) {
      const writer = opened(subject, "string");
      const reader = opened(subject, "string");
      writer.write("key", "value");
      equal(reader.read("key"), "value");
    },
  },
  {
    must: "throw for a key without characters, and for one that is too long, at any call",
    check(subject) {
      const domain = opened(subject, "uint8");
      for (const key of ["", "k".repeat(300)]) {
        throws(() => domain.write(key, 1));
        throws(() => domain.read(key));
        throws(() => domain.delete(key));
      }
      equal(keysOf(domain), []);
    },
  },
  {
    must: 'throw at write and delete in mode "r", and change nothing',
    check(subject) {
      opened(subject, "uint8").write("key", 1);
      const reader = subject.storage.open({ path: subject.path, mode: "r", format: "uint8" });
      throws(() => reader.write("key", 2));
      throws(() => reader.delete("key"));
      throws(() => reader.delete("absent"));
      equal(reader.read("key"), 1);
    },
  },
];

const life: readonly Obligation<KeyValueSubject>[] = [
  {
    must: "keep values and removals over a restart",
    check(subject) {
      const domain = opened(subject, "string");
      domain.write("kept", "old");
      domain.write("kept", "new");
      domain.write("gone", "value");
      domain.delete("gone");
      const later = subject.restart().open({ path: subject.path, format: "string" });
      equal([later.read("kept"), later.read("gone"), keysOf(later)], ["new", undefined, ["kept"]]);
    },
  },
  {
    must: "take more writes of one key than the storage could hold side by side",
    check(subject) {
      const domain = opened(subject, "string");
      domain.write("other", "stays");
      for (let count = 0; count < 200; count++) domain.write("key", `${"v".repeat(400)}${count}`);
      equal([domain.read("key"), domain.read("other")], [`${"v".repeat(400)}199`, "stays"]);
    },
  },
  {
    must: "throw when it is full, keep the old values, and take writes again after a removal",
    check(subject) {
      const domain = opened(subject, "string");
      const value = "x".repeat(1500);
      let count = 0;
      let thrown = false;
      while (!thrown && count < 200) {
        try {
          domain.write(`key${count}`, value);
          count++;
        } catch {
          thrown = true;
        }
      }
      ok(thrown, "300,000 bytes fitted");
      for (let index = 0; index < count; index++) equal(domain.read(`key${index}`), value, `key${index}`);
      equal(domain.read(`key${count}`), undefined, "the key that did not fit");
      domain.delete("key0");
      domain.write("next", value);
      equal(domain.read("next"), value);
    },
  },
  {
    must: "do nothing at a second close",
    check(subject) {
      const domain = opened(subject);
      domain.close();
      domain.close();
    },
  },
  {
    must: "throw at every other call after close",
    check(subject) {
      const domain = opened(subject, "uint8");
      domain.write("key", 1);
      domain.close();
      throws(() => domain.read("key"));
      throws(() => domain.write("key", 2));
      throws(() => domain.delete("key"));
      throws(() => [...domain]);
      equal(opened(subject, "uint8").read("key"), 1, "what is stored");
    },
  },
];

export const keyValueObligations: readonly Obligation<KeyValueSubject>[] = [...opening, ...values, ...keys, ...life];

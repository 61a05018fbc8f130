/**
 * The promise of the key-value log: a write is all or nothing, whatever word or erase the power goes at, and what was
 * acknowledged stays. Tried by cutting at every step that a workload with several compactions has, and at random steps again
 * and again.
 */
import fc from "fast-check";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { createSeededRandom } from "../../../hosts/node/random.js";
import { openKeyValueStorage } from "../../../hosts/simulated/key-value.js";
import type { Partition } from "../../../src/image/partition.js";
import type { KeyValueDomain } from "../../../src/ports/key-value.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { cutAfter, survives } from "./device.js";

/** Small sectors, so that a compaction is never far. */
const SECTOR_SIZE_BYTES = 1024;
const SIZE_BYTES = 2 * SECTOR_SIZE_BYTES;
const PARTITION: Partition = Object.freeze({
  label: "nvs",
  type: 1,
  subtype: 2,
  offset: 0,
  size: SIZE_BYTES,
  encrypted: false,
  readonly: false,
});

/** A write, or with `undefined` a removal. */
interface Operation {
  readonly key: string;
  readonly value: string | undefined;
}
type Content = ReadonlyMap<string, string>;

/** The chip at its next start. */
function restart(flash: NorFlash): NorFlash {
  return NorFlash.from(flash.snapshot(), { sectorSizeBytes: SECTOR_SIZE_BYTES });
}

function open(flash: NorFlash): KeyValueDomain {
  return openKeyValueStorage({ flash, partition: PARTITION }).open({ path: "cut", format: "string" });
}

function run(domain: KeyValueDomain, { key, value }: Operation): void {
  if (value === undefined) domain.delete(key);
  else domain.write(key, value);
}

function outcome(content: Content, { key, value }: Operation): Content {
  const next = new Map(content);
  next.delete(key);
  if (value !== undefined) next.set(key, value);
  return next;
}

function contentOf(flash: NorFlash): Content {
  const domain = open(flash);
  return new Map([...domain].map((key) => [key, domain.read(key) as string]));
}

/** By key, without an order: which of two keys is listed first is nobody's business. */
function sorted(content: Content): string[][] {
  return [...content].map(([key, value]) => [key, `${value.slice(0, 20)} (${value.length})`]).sort();
}

function holds(flash: NorFlash, expected: Content): boolean {
  const found = contentOf(flash);
  return found.size === expected.size && [...expected].every(([key, value]) => found.get(key) === value);
}

/** Fails unless this is what a storage that is opened now finds. */
function expectContent(flash: NorFlash, expected: Content, why: string): void {
  if (!holds(flash, expected)) equal(sorted(contentOf(flash)), sorted(expected), why);
}

/** 60 changes of six keys, up to 128 bytes each: about 5 KB through halves of 1 KB. */
function workload(seed: number): Operation[] {
  const random = new Uint8Array(60 * 4);
  createSeededRandom(seed).fill(random);
  return Array.from({ length: 60 }, (_, index) => {
    const [which, kind, size] = random.subarray(index * 4);
    const key = `key${which! % 6}`;
    return { key, value: kind! < 40 ? undefined : `${index}:${"v".repeat(size! >> 1)}` };
  });
}

describe("key-value storage when the power goes", () => {
  it("has each key's old or new value after a cut at any step, and takes the next write", () => {
    const later = { key: "later", value: "fits" };
    let before = new NorFlash({ sizeBytes: SIZE_BYTES, sectorSizeBytes: SECTOR_SIZE_BYTES });
    let content: Content = new Map();
    let cutCount = 0;
    for (const operation of workload(7)) {
      const what = `${operation.key} := ${operation.value?.length}`;
      const whole = restart(before);
      run(open(whole), operation);
      const next = outcome(content, operation);
      expectContent(whole, next, what);
      for (let step = 1; step <= whole.stepCount; step++) {
        const cut = cutAfter(before.snapshot(), step, SECTOR_SIZE_BYTES);
        ok(!survives(() => run(open(cut), operation)), "the power did not go");
        const found = restart(cut);
        const expected = step === whole.stepCount ? next : content;
        const why = `${what}, cut after step ${step} of ${whole.stepCount}`;
        expectContent(found, expected, why);
        run(open(found), later);
        expectContent(found, outcome(expected, later), `${why}, and written again`);
        cutCount++;
      }
      before = restart(whole);
      content = next;
    }
    ok(cutCount > 1500, `only ${cutCount} cuts`);
  });

  it("compacts in that workload, in both directions", () => {
    const flash = new NorFlash({ sizeBytes: SIZE_BYTES, sectorSizeBytes: SECTOR_SIZE_BYTES });
    const domain = open(flash);
    for (const operation of workload(7)) run(domain, operation);
    ok(flash.eraseCount(0) >= 3 && flash.eraseCount(1) >= 2, `erases: ${flash.eraseCount(0)}, ${flash.eraseCount(1)}`);
  });

  it("loses nothing over many cuts in a row", () => {
    const operation = fc.record({
      key: fc.constantFrom("a", "b", "c", "d"),
      value: fc.option(fc.string({ maxLength: 80 }), { nil: undefined, freq: 5 }),
      cutStep: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
    });
    const property = fc.property(fc.array(operation, { minLength: 20, maxLength: 60 }), (operations) => {
      let flash = new NorFlash({ sizeBytes: SIZE_BYTES, sectorSizeBytes: SECTOR_SIZE_BYTES });
      let content: Content = new Map();
      for (const { key, value, cutStep } of operations) {
        if (cutStep !== undefined) flash = cutAfter(flash.snapshot(), cutStep, SECTOR_SIZE_BYTES);
        const isAcknowledged = survives(() => run(open(flash), { key, value }));
        flash = restart(flash);
        const next = outcome(content, { key, value });
        if (isAcknowledged || holds(flash, next)) content = next;
        expectContent(flash, content, `${key} := ${value?.length}`);
      }
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("goes on with what is in flash where the device lives through a failed write", () => {
    let cutStep = Number.POSITIVE_INFINITY;
    const flash: NorFlash = new NorFlash({
      sizeBytes: SIZE_BYTES,
      sectorSizeBytes: SECTOR_SIZE_BYTES,
      onStep() {
        if (flash.stepCount >= cutStep) throw new Error("flash says no");
      },
    });
    const domain = open(flash);
    for (const operation of workload(3)) {
      run(domain, operation);
      const expected = contentOf(flash);
      cutStep = flash.stepCount + 9;
      let failed = false;
      try {
        domain.write("key0", "f".repeat(100));
      } catch {
        failed = true;
      }
      cutStep = Number.POSITIVE_INFINITY;
      ok(failed, "the write did not fail");
      equal(sorted(new Map([...domain].map((key) => [key, domain.read(key) as string]))), sorted(expected));
    }
  });
});

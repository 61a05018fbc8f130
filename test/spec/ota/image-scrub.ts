/** The running image, read again while it runs: a flipped bit is found wherever it is, and nothing else is. */
import { IMAGE_HEADER_SIZE_BYTES } from "../../../src/image/application-image.js";
import { ImageScrub, type ImageScrubOptions } from "../../../src/ota/image-scrub.js";
import type { Digest } from "../../../src/ports/digest.js";
import type { FlashOpenOptions, FlashPartition } from "../../../src/ports/flash.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { SHA256_SIZE_BYTES, smallImage } from "../image/small-image.js";
import { ManualTime } from "../scheduler/manual-time.js";

const PERIOD_MS = 1000;
const HASH_APPENDED_OFFSET = 23;
/** A sector and some. */
const IMAGE = smallImage({ payload: Uint8Array.from({ length: SECTOR_SIZE_BYTES }, (_, index) => index * 13) });
const IDENTITY = IMAGE.slice(IMAGE.length - SHA256_SIZE_BYTES);
/** Steps of one pass. */
const STEP_COUNT = 2;

/** Flash that counts what is read of it, and of which a read may fail. */
class ReadFlash extends MemoryFlash {
  readonly readsAt: number[] = [];
  openCount = 0;
  failure: Error | undefined;

  override open(options: FlashOpenOptions): FlashPartition {
    const partition = super.open(options);
    this.openCount++;
    const read = partition.read.bind(partition) as (target: Uint8Array, offset: number) => number;
    const watched = (target: Uint8Array, offset: number): number => {
      this.readsAt.push(offset);
      if (this.failure !== undefined) throw this.failure;
      ok(options.mode === "r" && options.path === "running" && target.length <= SECTOR_SIZE_BYTES);
      return read(target, offset);
    };
    return Object.assign(partition, { read: watched, close: () => void this.openCount-- });
  }
}

class Bench {
  readonly time = new ManualTime();
  readonly flash = new ReadFlash({ running: 3 * SECTOR_SIZE_BYTES });
  readonly findings: string[] = [];
  readonly faults: unknown[] = [];
  readonly scheduler: Scheduler;
  readonly scrub: ImageScrub;
  /** Digests that are neither done nor closed. */
  openDigestCount = 0;

  constructor(options: Partial<ImageScrubOptions> = {}, image = IMAGE) {
    this.bytes.set(image);
    const bench = this;
    const onFault = (_: unknown, error: unknown): void => void this.faults.push(error);
    this.scheduler = new Scheduler({ ...this.time, taskCountMax: 2, onFault });
    this.scrub = new ImageScrub({
      scheduler: this.scheduler,
      flash: this.flash,
      Digest: class extends SpecDigest implements Digest {
        #isOpen = true;

        constructor() {
          super();
          bench.openDigestCount++;
        }

        override digest(): Uint8Array {
          this.#end();
          return super.digest();
        }

        override close(): void {
          this.#end();
          super.close();
        }

        #end(): void {
          if (this.#isOpen) bench.openDigestCount--;
          this.#isOpen = false;
        }
      },
      periodMs: PERIOD_MS,
      onDamage: ({ because }) => this.findings.push(because),
      ...options,
    });
    this.scheduler.start();
    this.scrub.start();
  }

  get bytes(): Uint8Array {
    return this.flash.partitions.get("running")!;
  }

  flip(offset: number, bit = 0): void {
    this.bytes[offset]! ^= 1 << bit;
  }

  /** Lets so many sectors be read. */
  steps(count: number): void {
    this.time.advance(count * PERIOD_MS);
  }

  passes(count: number): void {
    this.steps(count * STEP_COUNT);
  }
}

const GOOD = { lastResult: "whole", doneBytes: 0, imageSizeBytes: IMAGE.length } as const;

describe("the scrub of a whole image", () => {
  it("says nothing, pass after pass, and reads no sector twice in one", () => {
    const bench = new Bench();
    equal(bench.scrub.status, { passCount: 0, lastResult: "none", doneBytes: 0, imageSizeBytes: undefined });
    bench.passes(3);
    equal([bench.findings, bench.scrub.status], [[], { ...GOOD, passCount: 3 }]);
    const pass = [0, SECTOR_SIZE_BYTES];
    equal(bench.flash.readsAt, [...pass, ...pass, ...pass]);
  });

  it("reads a sector in a period and yields between two; the first comes a period after the start", () => {
    const bench = new Bench();
    bench.time.advance(PERIOD_MS - 1);
    equal(bench.flash.readsAt, []);
    let otherCount = 0;
    bench.scheduler.every({ name: "other", periodMs: PERIOD_MS / 10, run: () => otherCount++ });
    for (let count = 1; count <= STEP_COUNT; count++) {
      bench.time.advance(count === 1 ? 1 : PERIOD_MS);
      equal([bench.flash.readsAt.length, bench.scrub.status.passCount], [count, count === STEP_COUNT ? 1 : 0]);
      if (count < STEP_COUNT) equal(bench.scrub.status.doneBytes, count * SECTOR_SIZE_BYTES);
    }
    ok(otherCount >= 10, `${otherCount} runs of another task`);
  });

  it("gives way to whatever is due at the same time", () => {
    const bench = new Bench();
    const order: string[] = [];
    bench.scheduler.every({
      name: "other",
      priority: "normal",
      periodMs: PERIOD_MS,
      run: () => order.push(`other ${bench.flash.readsAt.length}`),
    });
    bench.steps(2);
    equal(order.slice(-2), ["other 0", "other 1"]);
  });

  it("goes by the identity that it had at the start, where that is told", () => {
    const bench = new Bench({ identity: IDENTITY });
    bench.passes(1);
    equal([bench.findings, bench.scrub.status], [[], { ...GOOD, passCount: 1 }]);
  });
});

describe("a flipped bit", () => {
  const places: readonly (readonly [string, number, RegExp])[] = [
    ["the code", 3000, /^image: checksum 0x/],
    ["the last word of the code", IMAGE.length - SHA256_SIZE_BYTES - 24, /^image: /],
    ["the padding", IMAGE.length - SHA256_SIZE_BYTES - 2, /^image: the appended SHA-256 is not that of the/],
    ["the checksum", IMAGE.length - SHA256_SIZE_BYTES - 1, /^image: checksum 0x/],
    ["the appended SHA-256", IMAGE.length - 3, /^image: the appended SHA-256 is not that of the/],
    ["the header's magic byte", 0, /^image: /],
    ["the header's entry address", 4, /^image: the appended SHA-256 is not that of the/],
    ["the header's word that a hash follows", HASH_APPENDED_OFFSET, /^image: it carries no SHA-256, expected hash_appended$/],
    ["the length of a segment", IMAGE_HEADER_SIZE_BYTES + 5, /^image: /],
    ["the descriptor", IMAGE_HEADER_SIZE_BYTES + 8 + 20, /^image: /],
  ];
  for (const [name, offset, because] of places) {
    it(`in ${name} is found, and told once`, () => {
      const bench = new Bench();
      bench.passes(1);
      bench.flip(offset);
      bench.passes(3);
      equal(bench.findings.length, 1, bench.findings.join("\n"));
      ok(because.test(bench.findings[0]!), bench.findings[0]);
      equal([bench.scrub.status.lastResult, bench.faults], ["damaged", []]);
      ok(bench.scrub.status.passCount >= 4, "it goes on looking");
    });
  }

  it("anywhere in the image is found", () => {
    // Slow in plain JavaScript, so every 331st byte; each bit of it in turn.
    for (let offset = 0, bit = 0; offset < IMAGE.length; offset += 331, bit = (bit + 1) % 8) {
      const bench = new Bench();
      bench.flip(offset, bit);
      bench.passes(1);
      equal(bench.findings.length, 1, `byte ${offset}, bit ${bit}`);
    }
  });

  it("behind what was read already is found by the next pass", () => {
    const bench = new Bench();
    bench.steps(1);
    bench.flip(100);
    bench.steps(1);
    equal([bench.findings, bench.scrub.status.lastResult], [[], "whole"]);
    bench.passes(1);
    equal(bench.findings.length, 1);
  });

  it("behind the image is none of it", () => {
    const bench = new Bench();
    bench.flip(IMAGE.length);
    bench.flip(bench.bytes.length - 1);
    bench.passes(2);
    equal([bench.findings, bench.scrub.status.passCount], [[], 2]);
  });

  it("is told again where it was away for a pass, or where there is another one", () => {
    const bench = new Bench();
    bench.flip(3000);
    bench.passes(2);
    bench.flip(3000);
    bench.passes(1);
    equal([bench.findings.length, bench.scrub.status.lastResult], [1, "whole"]);
    bench.flip(3000);
    bench.passes(1);
    equal(bench.findings.length, 2);
    bench.flip(3001);
    bench.passes(1);
    equal([bench.findings.length, bench.findings[1] === bench.findings[2]], [3, false]);
  });
});

describe("a scrub", () => {
  it("tells of another whole image in the place of the one that was started", () => {
    const bench = new Bench({ identity: IDENTITY }, smallImage({ payload: new Uint8Array(SECTOR_SIZE_BYTES) }));
    bench.passes(1);
    equal(bench.findings, ["image: its SHA-256 is not the one that it had at the start"]);
  });

  it("tells where the flash cannot be read, and goes on", () => {
    const bench = new Bench();
    bench.steps(1);
    bench.flash.failure = new Error("the flash does not answer");
    bench.steps(3);
    bench.flash.failure = undefined;
    bench.passes(1);
    equal([bench.findings, bench.scrub.status.lastResult], [["the flash does not answer"], "whole"]);
  });

  it("does nothing on a host that does not show the running image", () => {
    const bench = new Bench({ flash: new MemoryFlash({ nextota: SECTOR_SIZE_BYTES }) });
    bench.passes(1);
    equal([bench.scrub.status.lastResult, bench.scrub.status.passCount, bench.findings], ["unseen", 0, []]);
    bench.scheduler.task({ name: "one", run: () => {} });
    bench.scheduler.task({ name: "two", run: () => {} });
    bench.scrub.close();
  });

  it("ends with close, in the middle of a pass, and leaves nothing open", () => {
    const bench = new Bench();
    bench.steps(1);
    equal([bench.flash.openCount, bench.openDigestCount], [1, 1]);
    bench.scrub.close();
    bench.scrub.close();
    bench.passes(2);
    equal([bench.flash.readsAt.length, bench.flash.openCount, bench.openDigestCount], [1, 0, 0]);
    equal(bench.scrub.status.doneBytes, SECTOR_SIZE_BYTES, "the status stays readable");
    throws(() => bench.scrub.start(), /closed/);
    bench.scheduler.task({ name: "imageScrub", run: () => {} }).close();
  });

  it("leaves no digest behind at the end of a pass, whole or not", () => {
    const bench = new Bench();
    bench.passes(2);
    bench.flip(0);
    bench.passes(1);
    equal(bench.openDigestCount, 0);
  });

  it("may be closed by whom it tells", () => {
    const scrub: ImageScrub[] = [];
    const bench = new Bench({ onDamage: () => scrub[0]!.close() });
    scrub.push(bench.scrub);
    bench.flip(0);
    bench.passes(2);
    equal([bench.flash.readsAt.length, bench.scrub.status.passCount, bench.faults], [1, 1, []]);
  });

  it("starts once, and touches nothing where there is no task left for it", () => {
    const bench = new Bench();
    bench.scrub.start();
    bench.passes(1);
    equal(bench.flash.readsAt.length, STEP_COUNT);
    bench.scheduler.task({ name: "one", run: () => {} });
    const late = new ImageScrub({ scheduler: bench.scheduler, flash: bench.flash, Digest: SpecDigest, onDamage: () => {} });
    throws(() => late.start());
    equal(bench.flash.openCount, 1);
  });

  it("asserts its bounds", () => {
    for (const periodMs of [0, 99, 3_600_001, Number.NaN]) throws(() => new Bench({ periodMs }), /ImageScrub: /);
    throws(() => new Bench({ identity: new Uint8Array(8) }), /ImageScrub: /);
    for (const periodMs of [100, 3_600_000]) new Bench({ periodMs });
  });
});

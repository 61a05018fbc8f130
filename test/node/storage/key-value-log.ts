/** The key-value log within its bounds: what is refused, what a full storage does, what bit rot costs, how it wears. */

import { type FlashStep, NorFlash } from "../../../hosts/node/nor-flash.js";
import { openKeyValueStorage } from "../../../hosts/simulated/key-value.js";
import { crc32 } from "../../../src/data/crc32.js";
import type { KeyValueDomain } from "../../../src/ports/key-value.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { partitionOf } from "./device.js";

const PARTITION = Object.freeze({ ...partitionOf("nvs"), offset: 4096, size: 2 * 4096 });

function opened(): { flash: NorFlash; domain: KeyValueDomain } {
  const flash = new NorFlash({ sizeBytes: 4 * 4096 });
  return { flash, domain: open(flash) };
}

function open(flash: NorFlash): KeyValueDomain {
  return openKeyValueStorage({ flash, partition: PARTITION }).open({ path: "log", format: "string" });
}

function withChecksum(header: Uint8Array): Uint8Array {
  new DataView(header.buffer).setUint32(12, crc32(header, 0, 12), true);
  return header;
}

describe("key-value storage: bounds", () => {
  it("takes keys of 48 bytes, domains of 16 and values of 1984, and refuses one byte more before any effect", () => {
    const { flash, domain } = opened();
    domain.write(`${"k".repeat(46)}é`, "v".repeat(1984));
    equal(domain.read(`${"k".repeat(46)}é`), "v".repeat(1984));
    const stepCount = flash.stepCount;
    throws(() => domain.write(`${"k".repeat(47)}é`, "v"), "invalid", /the key has 49 bytes, expected 1 … 48/);
    throws(() => domain.write("key", "v".repeat(1985)), "invalid", /1985 bytes, expected at most 1984/);
    const storage = openKeyValueStorage({ flash, partition: PARTITION });
    storage.open({ path: "d".repeat(16) });
    throws(() => storage.open({ path: "d".repeat(17) }), "invalid", /the path has 17 bytes/);
    throws(() => storage.open({ path: "" }), "invalid");
    throws(() => domain.write("\ud800", "half a character"), "invalid", /is no text/);
    equal(flash.stepCount, stepCount, "steps");
  });

  it("needs two plain sectors", () => {
    const flash = new NorFlash({ sizeBytes: 4 * 4096 });
    throws(() => openKeyValueStorage({ flash, partition: { ...PARTITION, size: 4096 } }), "invalid", /two plain sectors/);
    throws(() => openKeyValueStorage({ flash, partition: { ...PARTITION, encrypted: true } }), "invalid", /encrypted/);
  });

  it("stays within its partition", () => {
    const { flash, domain } = opened();
    for (let count = 0; count < 100; count++) domain.write(`key${count % 5}`, `${"v".repeat(300)}${count}`);
    equal(flash.read(0, 4096), new Uint8Array(4096).fill(0xff), "below");
    equal(flash.read(3 * 4096, 4096), new Uint8Array(4096).fill(0xff), "above");
  });

  it("says full before any effect, and keeps the old value of the key that did not fit", () => {
    const { flash, domain } = opened();
    domain.write("first", "a".repeat(1984));
    domain.write("second", "b".repeat(1000));
    domain.write("third", "c".repeat(500));
    const stepCount = flash.stepCount;
    throws(() => domain.write("second", "d".repeat(1984)), "full", /take \d+ bytes, expected at most 4080/);
    throws(() => domain.write("fourth", "d".repeat(600)), "full");
    equal(flash.stepCount, stepCount, "steps");
    const values = ["first", "second", "third", "fourth"].map((key) => String(domain.read(key)).slice(0, 1));
    equal(values, ["a", "b", "c", "u"], "the first letters; u of undefined");
    domain.write("third", "e".repeat(1000));
    equal(domain.read("third"), "e".repeat(1000), "what fits in the place of its old value");
  });

  it("removes a key even where no record fits any more", () => {
    const { flash, domain } = opened();
    domain.write("first", "a".repeat(1984));
    domain.write("second", "b".repeat(1984));
    domain.delete("first");
    equal([...open(flash)], ["second"]);
    equal(open(flash).read("second"), "b".repeat(1984));
  });
});

describe("key-value storage: bit rot", () => {
  /** Where the text stands in flash. */
  function find(flash: NorFlash, text: string): number {
    return Buffer.from(flash.snapshot()).indexOf(text);
  }

  it("loses at most the value that was hit, wherever the bit is", () => {
    const { flash: original, domain } = opened();
    for (const key of ["one", "two", "three"]) domain.write(key, `value of ${key}`);
    const start = find(original, "logone") - 12;
    const end = find(original, "value of three") + 24;
    for (let offset = start; offset < end; offset++) {
      const flash = NorFlash.from(original.snapshot());
      flash.flipBit(offset, offset % 8);
      const rotten = open(flash);
      const lost = ["one", "two", "three"].filter((key) => rotten.read(key) !== `value of ${key}`);
      ok(lost.length <= 1, `offset ${offset - start}: lost ${lost.join(", ")}`);
      rotten.write("later", "fits");
      equal(open(flash).read("later"), "fits", `written after the damage at ${offset - start}`);
    }
  });

  it("throws corrupt where a value rots while the storage is open, until it is written again", () => {
    const { flash, domain } = opened();
    domain.write("key", "a value that rots");
    flash.flipBit(find(flash, "a value that rots") + 3, 0);
    throws(() => domain.read("key"), "corrupt", /the value of "key" fails its checksum/);
    domain.write("key", "anew");
    equal(domain.read("key"), "anew");
  });

  it("does not take a value that looks like a record for one", () => {
    const { flash, domain } = opened();
    domain.write("key", "innocent");
    const record = flash.read(4096 + 16, 12 + 3 + 3 + 8 + 2 + 8);
    domain.delete("key");
    domain.format = "buffer";
    domain.write("snare", record); // 12 + 3 + 5 bytes before the value: it stands where records may begin.
    const header = find(flash, "logsnare") - 12;
    flash.flipBit(header, 7); // The reader has to feel its way through the value now.
    equal([...open(flash)], []);
  });

  it("refuses a log of a later version and leaves it alone", () => {
    const { flash, domain } = opened();
    domain.write("key", "value");
    const before = flash.snapshot();
    const header = flash.read(4096, 16);
    header[4] = 3;
    const later = NorFlash.from(before);
    later.eraseSector(1);
    later.program(4096, withChecksum(header));
    const stepCount = later.stepCount;
    throws(() => open(later).read("key"), "unsupported", /log version 3, expected 1/);
    throws(() => open(later).write("key", "value"), "unsupported");
    equal(later.stepCount, stepCount, "steps");
  });
});

describe("key-value storage: order of programs", () => {
  it("programs the commit word last and as an operation of its own", () => {
    const steps: FlashStep[] = [];
    const flash = new NorFlash({ sizeBytes: 4 * 4096, onStep: (step) => void steps.push(step) });
    const domain = open(flash);
    domain.write("key", "the first one makes the half");
    steps.length = 0;
    domain.write("key", "value");
    const [beforeLast, last] = steps.slice(-2);
    ok(!beforeLast!.isInside && !last!.isInside, "one operation for both");
    equal(Buffer.from(flash.read(last!.offset, 4)).toString(), "DONE");
    ok(
      steps.every((step) => step.kind === "program" && step.offset <= last!.offset),
      "something lies behind it",
    );
  });

  it("programs the last word of a half's header last and as an operation of its own", () => {
    const steps: FlashStep[] = [];
    const flash = new NorFlash({ sizeBytes: 4 * 4096, onStep: (step) => void steps.push(step) });
    open(flash).write("key", "the first one makes the half");
    const [beforeLast, last] = steps.slice(-2);
    ok(!beforeLast!.isInside && !last!.isInside, "one operation for both");
    equal(last!.offset, PARTITION.offset + 12);
  });
});

describe("key-value storage: wear", () => {
  it("erases a half once for about as many bytes as it holds", () => {
    const { flash, domain } = opened();
    for (let count = 0; count < 400; count++) domain.write("counter", String(count).padStart(8, "0"));
    // 12 + 3 + 7 + 8, padded to 32, + 8 = 40 bytes a record; 4080 hold 102 of them.
    equal(flash.eraseCount(1) + flash.eraseCount(2), 4);
  });
});

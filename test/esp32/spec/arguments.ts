/** What reaches C is checked in C: wrong arguments are refused before any effect. And the memory that no start clears. */
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type CFunction, LEVELS, MockedChip } from "../mocked-chip.js";

const SIZE_BYTES = 512;
const NO_NUMBERS: readonly unknown[] = [undefined, "1000", {}, true, Number.NaN, Number.POSITIVE_INFINITY, 1000n, [1000]];

describe("ESP32: arguments", () => {
  it("takes a timeout of 100 to 120,000 ms, whole, and nothing else", () => {
    for (const level of LEVELS) {
      const mocked = new MockedChip(level);
      const open = mocked.call("xs_holdfast_watchdogOpen");
      const wrong = [...NO_NUMBERS, 99, 120_001, 100.5, -1000, 0, 2 ** 32 + 1000];
      for (const timeoutMs of wrong)
        throws(() => open(timeoutMs), /^watchdogOpen: expected a whole number from 100 to 120000$/);
      throws(() => open(), /^watchdogOpen: expected/);
      equal(mocked.report().calls, []);
      for (const timeoutMs of [100, 120_000]) {
        open(timeoutMs);
        mocked.chip.watchdogClose();
      }
    }
  });

  it("reads and writes every range within the retained memory, and refuses every other", () => {
    const { chip, call } = bound("idf6");
    equal(chip.retainedSize(), SIZE_BYTES);
    const pattern = Uint8Array.from({ length: SIZE_BYTES }, (_byte, index) => index * 7);
    chip.retainedWrite(0, pattern);
    const target = new Uint8Array(SIZE_BYTES + 2).fill(1);
    chip.retainedRead(0, target.subarray(1, SIZE_BYTES + 1));
    equal(target.subarray(1, SIZE_BYTES + 1), pattern);
    equal([target[0], target.at(-1)], [1, 1]);
    chip.retainedRead(SIZE_BYTES, new Uint8Array(0));
    const ranges = [
      [0, SIZE_BYTES + 1],
      [1, SIZE_BYTES],
      [SIZE_BYTES - 1, 2],
      [SIZE_BYTES, 1],
      [SIZE_BYTES + 1, 0],
      [-1, 1],
      [0.5, 1],
      [2 ** 32, 1],
    ] as const;
    for (const [offset, byteLength] of ranges) {
      const bytes = new Uint8Array(byteLength).fill(9);
      throws(() => chip.retainedWrite(offset, bytes), /^retained memory: /);
      throws(() => chip.retainedRead(offset, bytes), /^retained memory: /);
    }
    for (const offset of NO_NUMBERS)
      throws(() => call("xs_holdfast_retainedWrite")(offset, new Uint8Array(1)), /^retained memory: /);
    chip.retainedRead(0, target.subarray(0, SIZE_BYTES));
    equal(target.subarray(0, SIZE_BYTES), pattern, "nothing was written");
  });

  it("takes views of bytes and buffers, and refuses what is neither", () => {
    const { chip, call } = bound("idf6");
    const digest = chip.digestOpen();
    const others: readonly unknown[] = [undefined, 1, "bytes", {}, [1, 2], new Uint16Array(4), new Float64Array(1)];
    const functions: readonly (readonly [name: string, first: unknown])[] = [
      ["retainedRead", 0],
      ["retainedWrite", 0],
      ["digestWrite", digest],
      ["digestFinish", digest],
    ];
    for (const [name, first] of functions) {
      for (const other of others) throws(() => call(`xs_holdfast_${name}`)(first, other));
      throws(() => call(`xs_holdfast_${name}`)(first), /^expected bytes$/);
      throws(() => call(`xs_holdfast_${name}`)());
    }
    call("xs_holdfast_retainedWrite")(0, Uint8Array.of(1, 2, 3, 4).buffer);
    const view = new DataView(new ArrayBuffer(4));
    call("xs_holdfast_retainedRead")(0, view);
    equal(view.getUint32(0), 0x01020304);
    chip.digestClose(digest);
  });

  it("has no retained memory where the chip has none", () => {
    const { chip } = bound("bare");
    equal(chip.retainedSize(), 0);
    chip.retainedWrite(0, new Uint8Array(0));
    chip.retainedRead(0, new Uint8Array(0));
    throws(() => chip.retainedWrite(0, new Uint8Array(1)), /^retained memory: 1 bytes at 0, expected a range within 0$/);
    throws(() => chip.retainedRead(1, new Uint8Array(0)), /^retained memory: /);
  });

  it("keeps the retained memory where no start clears it, and nothing else", () => {
    // Once for each level that has such memory.
    equal(new MockedChip("idf6").report().noInitBytes, 2 * SIZE_BYTES);
  });

  it("collects no memory of its own by all this", () => {
    const mocked = new MockedChip("idf6");
    equal(mocked.report().blockCount, 0);
  });
});

function bound(level: "idf6" | "bare"): { chip: MockedChip["chip"]; call: (name: string) => CFunction } {
  const mocked = new MockedChip(level);
  return { chip: mocked.chip, call: (name) => mocked.call(name) };
}

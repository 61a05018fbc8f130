/** The record of a bite: what is written is read back at the next boot, once, and anything else is no record. */
import { crc32 } from "../../../src/data/crc32.js";
import {
  decodeWatchdogRecord,
  encodeWatchdogRecord,
  takeWatchdogRecord,
  WATCHDOG_RECORD_SIZE_BYTES,
  type WatchdogCause,
} from "../../../src/watchdog/watchdog-record.js";
import { equal, same } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { RetainedBytes } from "./watched.js";

function encoded(channel: string, cause: WatchdogCause, uptimeMs: number): Uint8Array {
  const bytes = new Uint8Array(WATCHDOG_RECORD_SIZE_BYTES).fill(0xff);
  encodeWatchdogRecord(bytes, channel, cause, uptimeMs);
  return bytes;
}

describe("watchdog: the record", () => {
  it("reads back as it was written", () => {
    const cases: readonly (readonly [string, WatchdogCause, number])[] = [
      ["radio", "silent", 0],
      ["sixteen letters!", "early", 2 ** 32 - 1],
      ["", "starved", 2 ** 32],
      ["~ ~", "silent", 2 ** 48 - 1],
    ];
    for (const [channel, cause, uptimeMs] of cases) {
      equal(decodeWatchdogRecord(encoded(channel, cause, uptimeMs)), { channel, cause, uptimeMs });
    }
    equal(decodeWatchdogRecord(encoded("a", "silent", 12.9))?.uptimeMs, 12, "whole milliseconds");
    equal(decodeWatchdogRecord(encoded("a", "silent", 1e20))?.uptimeMs, 2 ** 48 - 1, "no further than 48 bits");
  });

  it("has the bytes of docs/design/watchdog.md", () => {
    const bytes = encoded("radio", "early", 0x0102_0304_0506);
    equal(bytes.subarray(0, 12), new Uint8Array([0x48, 0x46, 0x57, 0x44, 1, 2, 0x02, 0x01, 0x06, 0x05, 0x04, 0x03]));
    equal(bytes.subarray(12, 28), new Uint8Array([0x72, 0x61, 0x64, 0x69, 0x6f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  });

  it("is refused after any single-bit flip", () => {
    const bytes = encoded("radio", "silent", 123_456_789);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      equal(decodeWatchdogRecord(flipped), undefined, `bit ${bit}`);
    }
  });

  it("is refused torn, at any byte, over noise and over an earlier record", () => {
    const bytes = encoded("radio", "silent", 123_456_789);
    for (const before of [new Uint8Array(bytes.length).fill(0xa5), encoded("sampling", "early", 77)]) {
      for (let length = 1; length < bytes.length; length++) {
        const torn = before.slice();
        torn.set(bytes.subarray(0, length));
        if (same(torn, before)) continue; // Magic and version are the same in both: nothing was written yet.
        equal(decodeWatchdogRecord(torn), undefined, `torn after ${length} bytes`);
      }
    }
  });

  it("is refused blank, as noise and too short", () => {
    equal(decodeWatchdogRecord(new Uint8Array(32)), undefined);
    equal(decodeWatchdogRecord(new Uint8Array(32).fill(0xff)), undefined);
    equal(decodeWatchdogRecord(encoded("a", "silent", 1).subarray(0, 31)), undefined);
  });

  it("is refused in another version and with an unknown cause, whatever its CRC", () => {
    for (const [offset, value] of [
      [4, 2],
      [5, 0],
      [5, 4],
    ] as const) {
      const bytes = encoded("radio", "silent", 1);
      bytes[offset] = value;
      new DataView(bytes.buffer).setUint32(28, crc32(bytes, 0, 28), true);
      equal(decodeWatchdogRecord(bytes), undefined, `byte ${offset} is ${value}`);
    }
  });
});

describe("watchdog: taking the record", () => {
  it("gives it once and leaves nothing behind", () => {
    const retained = new RetainedBytes(64);
    retained.write(0, encoded("radio", "silent", 800));
    equal(takeWatchdogRecord(retained), { channel: "radio", cause: "silent", uptimeMs: 800 });
    equal(takeWatchdogRecord(retained), undefined);
    equal(retained.bytes.subarray(32), new Uint8Array(32).fill(0xa5), "what lies behind it is not touched");
  });

  it("clears noise too", () => {
    const retained = new RetainedBytes(32);
    equal(takeWatchdogRecord(retained), undefined);
    equal(retained.bytes, new Uint8Array(32));
  });

  it("gives nothing where the memory cannot hold one, and does not touch it", () => {
    for (const sizeBytes of [0, 31]) {
      const retained = new RetainedBytes(sizeBytes);
      equal(takeWatchdogRecord(retained), undefined);
      equal([retained.writeCount, retained.bytes], [0, new Uint8Array(sizeBytes).fill(0xa5)]);
    }
  });
});

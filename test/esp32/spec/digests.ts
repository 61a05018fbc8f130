/** SHA-256 by the chip's libraries: PSA's from ESP-IDF v6 on, mbedTLS's before. Refusals, and memory that always comes back. */

import type { NativeDigest } from "../../../hosts/esp32/native-chip.js";
import { createNativeDigest } from "../../../hosts/esp32/native-digest.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type Level, MockedChip } from "../mocked-chip.js";

const ABC = Uint8Array.of(0x61, 0x62, 0x63);
/** The first bytes of SHA-256("abc"), FIPS 180-4. */
const ABC_DIGEST = [0xba, 0x78, 0x16, 0xbf];

type Refusal = readonly [name: string, codes: readonly number[]];

/** The codes that PSA documents for each function (PSA Crypto API 1.0, 10.2), and mbedTLS's of its driver and platform. */
const STARTING: Readonly<Record<"idf6" | "idf5", readonly Refusal[]>> = {
  idf6: [
    ["psa_crypto_init", [-141, -145, -147, -148, -151, -152, -153]],
    ["psa_hash_setup", [-134, -135, -137, -141, -145, -147, -151]],
  ],
  idf5: [["mbedtls_sha256_starts", [-0x70, -0x74, -0x6e]]],
};
const WRITING: Readonly<Record<"idf6" | "idf5", Refusal>> = {
  idf6: ["psa_hash_update", [-137, -141, -145, -147, -151]],
  idf5: ["mbedtls_sha256_update", [-0x70, -0x74, -0x6e]],
};
const FINISHING: Readonly<Record<"idf6" | "idf5", Refusal>> = {
  idf6: ["psa_hash_finish", [-137, -138, -141, -145, -147, -151]],
  idf5: ["mbedtls_sha256_finish", [-0x70, -0x74, -0x6e]],
};

const END = { idf6: "psa_hash_abort", idf5: "mbedtls_sha256_free" } as const;

const libraries = ["idf6", "idf5"] as const;

function expectDigest(mocked: MockedChip): void {
  const digest = mocked.chip.digestOpen();
  const target = new Uint8Array(32);
  mocked.chip.digestWrite(digest, ABC);
  mocked.chip.digestFinish(digest, target);
  equal([...target.subarray(0, 4)], ABC_DIGEST);
}

describe("ESP32: digests", () => {
  it("calls the library in its order, and gives back what it took", () => {
    const calls: Readonly<Record<"idf6" | "idf5", readonly string[]>> = {
      idf6: ["psa_crypto_init", "psa_hash_setup", "psa_hash_update 3", "psa_hash_finish 32", "psa_hash_abort"],
      idf5: [
        "mbedtls_sha256_init",
        "mbedtls_sha256_starts 0",
        "mbedtls_sha256_update 3",
        "mbedtls_sha256_finish",
        "mbedtls_sha256_free",
      ],
    };
    for (const level of libraries) {
      const mocked = new MockedChip(level);
      const before = mocked.report().blockCount;
      expectDigest(mocked);
      const report = mocked.report();
      // The mocked finish ends the operation by itself, as PSA's does, with a call of abort.
      equal(
        report.calls.filter((call, index) => call !== report.calls[index - 1]),
        calls[level],
      );
      equal(report.blockCount, before);
    }
  });

  it("does not trouble the library with no bytes at all", () => {
    for (const level of libraries) {
      const mocked = new MockedChip(level);
      const digest = mocked.chip.digestOpen();
      mocked.report();
      mocked.chip.digestWrite(digest, new Uint8Array(0));
      mocked.chip.digestWrite(digest, ABC.subarray(3));
      equal(mocked.report().calls, []);
    }
  });

  it("frees the library's state of a handle that was lost, and of no other", () => {
    for (const level of libraries) {
      const mocked = new MockedChip(level);
      const before = mocked.report().blockCount;
      const lose = (): void => {
        for (let count = 0; count < 5; count++) mocked.chip.digestWrite(mocked.chip.digestOpen(), ABC);
      };
      const kept = mocked.chip.digestOpen();
      equal(mocked.report().blockCount - before, 2, "two blocks: ours, and the library's");
      lose();
      mocked.collect();
      const { blockCount, calls } = mocked.report();
      equal(blockCount - before, 2, "those that are left");
      equal(calls.filter((call) => call === END[level]).length, 5);
      mocked.chip.digestWrite(kept, ABC);
      mocked.chip.digestClose(kept);
      mocked.chip.digestClose(kept);
      equal(mocked.report().blockCount - before, 0);
      mocked.collect();
      equal(mocked.report().blockCount - before, 0, "not twice");
    }
  });

  it("refuses a handle that is closed, and what is no handle", () => {
    const mocked = new MockedChip("idf6");
    const { chip } = mocked;
    const target = new Uint8Array(32);
    const closed = chip.digestOpen();
    chip.digestClose(closed);
    const done = chip.digestOpen();
    chip.digestFinish(done, target);
    for (const digest of [closed, done]) {
      throws(() => chip.digestWrite(digest, ABC), /^digest: closed$/);
      throws(() => chip.digestFinish(digest, target), /^digest: closed$/);
      chip.digestClose(digest);
    }
    const others: readonly unknown[] = [undefined, 0, 1, "digest", {}, ABC, new ArrayBuffer(8), () => {}];
    for (const other of others) {
      const digest = other as NativeDigest;
      throws(() => chip.digestWrite(digest, ABC));
      throws(() => chip.digestFinish(digest, target));
      throws(() => chip.digestClose(digest));
    }
    throws(() => mocked.call("xs_holdfast_digestClose")(), /^expected a digest$/);
  });

  it("refuses a result that is not 32 bytes, and goes on", () => {
    const mocked = new MockedChip("idf6");
    const digest = mocked.chip.digestOpen();
    mocked.chip.digestWrite(digest, ABC);
    for (const byteLength of [0, 31, 33]) {
      throws(() => mocked.chip.digestFinish(digest, new Uint8Array(byteLength)), /^digestFinish: \d+ bytes, expected 32$/);
    }
    throws(() => mocked.chip.digestFinish(digest, undefined as unknown as Uint8Array));
    const target = new Uint8Array(40);
    mocked.chip.digestFinish(digest, target.subarray(4, 36));
    equal([...target.subarray(0, 8)], [0, 0, 0, 0, ...ABC_DIGEST]);
    equal([...target.subarray(36)], [0, 0, 0, 0]);
  });
});

describe("ESP32: digests refused", () => {
  function forEachCode(refusals: readonly Refusal[], body: (name: string, code: number) => void): void {
    for (const [name, codes] of refusals) for (const code of codes) body(name, code);
  }

  function expectNothingLost(mocked: MockedChip, blockCount: number): void {
    equal(mocked.report().blockCount, blockCount);
    mocked.collect();
    expectDigest(mocked);
    equal(mocked.report().blockCount, blockCount);
  }

  it("open: each refusal is told, and nothing is kept", () => {
    for (const level of libraries) {
      forEachCode(STARTING[level], (name, code) => {
        const mocked = new MockedChip(level);
        const before = mocked.report().blockCount;
        mocked.refuse(name, code);
        throws(() => mocked.chip.digestOpen(), new RegExp(`^${name}: ${code}$`));
        expectNothingLost(mocked, before);
      });
    }
  });

  it("open: there is no memory", () => {
    for (const level of libraries) {
      const mocked = new MockedChip(level);
      const before = mocked.report().blockCount;
      mocked.refuse("calloc", 0);
      throws(() => mocked.chip.digestOpen(), /^digestOpen: no memory for 512 bytes$/);
      equal(mocked.report().calls, []);
      expectNothingLost(mocked, before);
    }
  });

  it("write: each refusal is told, and the handle is closed and given back", () => {
    for (const level of libraries) {
      forEachCode([WRITING[level]], (name, code) => {
        const mocked = new MockedChip(level);
        const before = mocked.report().blockCount;
        const digest = mocked.chip.digestOpen();
        mocked.chip.digestWrite(digest, ABC);
        mocked.refuse(name, code);
        throws(() => mocked.chip.digestWrite(digest, ABC), new RegExp(`^${name}: ${code}$`));
        throws(() => mocked.chip.digestWrite(digest, ABC), /^digest: closed$/);
        expectNothingLost(mocked, before);
      });
    }
  });

  it("finish: each refusal is told, the target is untouched, and the handle is closed and given back", () => {
    for (const level of libraries) {
      forEachCode([FINISHING[level]], (name, code) => {
        const mocked = new MockedChip(level);
        const before = mocked.report().blockCount;
        const digest = mocked.chip.digestOpen();
        const target = new Uint8Array(32).fill(7);
        mocked.refuse(name, code);
        throws(() => mocked.chip.digestFinish(digest, target), new RegExp(`^${name}: ${code}$`));
        equal(target, new Uint8Array(32).fill(7));
        throws(() => mocked.chip.digestFinish(digest, target), /^digest: closed$/);
        expectNothingLost(mocked, before);
      });
    }
  });

  it("close: what abort says is not looked at", () => {
    const mocked = new MockedChip("idf6");
    const before = mocked.report().blockCount;
    const digest = mocked.chip.digestOpen();
    mocked.refuse("psa_hash_abort", -137);
    mocked.chip.digestClose(digest);
    expectNothingLost(mocked, before);
  });
});

describe("ESP32: Digest refused", () => {
  function open(level: Level): { mocked: MockedChip; make: () => InstanceType<ReturnType<typeof createNativeDigest>> } {
    const mocked = new MockedChip(level);
    const Digest = createNativeDigest({ chip: mocked.chip });
    return { mocked, make: () => new Digest() };
  }

  it("throws io where the library refuses, and closed from then on", () => {
    const { mocked, make } = open("idf6");
    mocked.refuse("psa_hash_setup", -141);
    throws(make, "io", /^Digest: psa_hash_setup: -141$/);
    const writing = make();
    mocked.refuse("psa_hash_update", -147);
    throws(() => writing.write(ABC), "io", /^Digest: psa_hash_update: -147$/);
    throws(() => writing.write(ABC), "closed");
    throws(() => writing.digest(), "closed");
    writing.close();
    const finishing = make();
    mocked.refuse("psa_hash_finish", -147);
    throws(() => finishing.digest(), "io", /^Digest: psa_hash_finish: -147$/);
    throws(() => finishing.digest(), "closed");
    equal([...make().digest().subarray(0, 2)], [0xe3, 0xb0], "and another works");
  });
});

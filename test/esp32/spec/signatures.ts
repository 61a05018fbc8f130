/** ES256 by PSA's functions: what they are asked and what not, and that every refusal of theirs is told and leaves nothing. */
import { createNativeVerifier } from "../../../hosts/esp32/native-verifier.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { LEVELS, type Level, MockedChip } from "../mocked-chip.js";

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** The key and a signature of RFC 6979, A.2.5, which the mocked library knows (mock-verifier.c). */
const KEY = bytesOf(
  "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
);
const SAMPLE = bytesOf(
  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
);
const MESSAGE = Uint8Array.from("sample", (character) => character.charCodeAt(0));
const ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const BELOW_ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
const ZERO = "00".repeat(32);
const ONE = `${"00".repeat(31)}01`;

const INVALID_ARGUMENT = -135;
const INVALID_SIGNATURE = -149;

/** The codes that PSA documents for each function (PSA Crypto API 1.0), but for success and a wrong signature. */
const REFUSALS: readonly (readonly [name: string, codes: readonly number[]])[] = [
  ["psa_crypto_init", [-141, -145, -147, -148, -151, -152, -153]],
  ["psa_import_key", [-134, -135, -137, -139, -141, -142, -145, -146, -147, -151, -152, -153]],
  ["psa_verify_hash", [-133, -134, -135, -136, -137, -141, -145, -146, -147, -151, -152, -153]],
  ["psa_destroy_key", [-133, -136, -137, -145, -146, -151, -153]],
];
/** Those of the hash, by the library of each level. */
const HASH_REFUSALS: Readonly<Record<Level, readonly (readonly [name: string, codes: readonly number[]])[]>> = {
  idf6: [
    ["psa_hash_setup", [-134, -135, -137, -141, -145, -147, -151]],
    ["psa_hash_update", [-137, -141, -145, -147, -151]],
    ["psa_hash_finish", [-137, -138, -141, -145, -147, -151]],
  ],
  idf5: [
    ["mbedtls_sha256_starts", [-0x70, -0x74, -0x6e]],
    ["mbedtls_sha256_update", [-0x70, -0x74, -0x6e]],
    ["mbedtls_sha256_finish", [-0x70, -0x74, -0x6e]],
  ],
  bare: [],
};

function verify(mocked: MockedChip, signature: Uint8Array = SAMPLE): boolean {
  return mocked.chip.verify(KEY, MESSAGE, signature);
}

/** The first bytes of its SHA-256. */
function hashOf({ chip }: MockedChip, message: Uint8Array): string {
  const digest = chip.digestOpen();
  const hash = new Uint8Array(32);
  chip.digestWrite(digest, message);
  chip.digestFinish(digest, hash);
  return Array.from(hash.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the library was asked about the key, in its order. */
function keyCalls(mocked: MockedChip): readonly string[] {
  return mocked.report().calls.filter((call) => /key|verify/.test(call));
}

describe("ESP32: signatures", () => {
  it("imports the key, asks about the hash of the message, and destroys the key", () => {
    for (const level of LEVELS) {
      const mocked = new MockedChip(level);
      const before = mocked.report().blockCount;
      const asked = (hash: string) => ["psa_import_key 65", `psa_verify_hash ${hash} of 32, 64`, "psa_destroy_key"];
      equal(verify(mocked), true);
      equal(keyCalls(mocked), asked("af2bdbe1"));
      equal(mocked.chip.verify(KEY, new Uint8Array(0), SAMPLE), false);
      equal(keyCalls(mocked), asked("e3b0c442"), "for a wrong one too");
      equal(mocked.report().blockCount, before);
    }
  });

  it("has room for as many as are asked for, one after the other", () => {
    const mocked = new MockedChip("idf6");
    for (let count = 0; count < 100; count++) equal(verify(mocked), true);
    mocked.report();
  });

  it("hashes a long message piece by piece, and asks for no bytes of an empty one", () => {
    for (const level of ["idf6", "idf5"] as const) {
      const mocked = new MockedChip(level);
      const update = level === "idf6" ? "psa_hash_update" : "mbedtls_sha256_update";
      for (const [byteLength, pieces] of [
        [2500, [1024, 1024, 452]],
        [1024, [1024]],
        [0, []],
      ] as const) {
        const message = Uint8Array.from({ length: byteLength }, (_byte, index) => index >> 3);
        const hash = hashOf(mocked, message);
        mocked.report();
        equal(mocked.chip.verify(KEY, message, SAMPLE), false);
        const { calls } = mocked.report();
        equal(
          calls.filter((call) => call.startsWith(update)),
          pieces.map((piece) => `${update} ${piece}`),
        );
        ok(calls.includes(`psa_verify_hash ${hash} of 32, 64`), "the pieces are the message's");
      }
    }
  });

  it("answers false without a question, where r or s is out of range or a field has another length", () => {
    const mocked = new MockedChip("idf6");
    const numbers = [ZERO, ORDER, "ff".repeat(32)];
    const signatures = numbers.flatMap((number) => [number + ONE, ONE + number, number + number]).map(bytesOf);
    for (const length of [0, 1, 32, 63, 65, 128]) signatures.push(new Uint8Array(length).fill(1));
    for (const signature of signatures) equal(verify(mocked, signature), false);
    for (const length of [0, 32, 63, 65]) equal(mocked.chip.verify(new Uint8Array(length), MESSAGE, SAMPLE), false);
    equal(mocked.report().calls, []);
    for (const signature of [ONE + BELOW_ORDER, BELOW_ORDER + ONE]) equal(verify(mocked, bytesOf(signature)), false);
    equal(keyCalls(mocked).length, 6, "and asks about what is just within");
  });

  it("takes the bytes of a view, from its beginning to its end", () => {
    const mocked = new MockedChip("idf6");
    const within = (bytes: Uint8Array): Uint8Array => {
      const around = new Uint8Array(bytes.length + 7).fill(0xee);
      around.set(bytes, 3);
      return around.subarray(3, 3 + bytes.length);
    };
    equal(mocked.chip.verify(within(KEY), within(MESSAGE), within(SAMPLE)), true);
    equal(mocked.chip.verify(within(KEY), within(MESSAGE).subarray(1), within(SAMPLE)), false);
  });

  it("refuses what is no bytes, before any question", () => {
    const mocked = new MockedChip("idf6");
    const call = mocked.call("xs_holdfast_verify");
    for (const wrong of [undefined, 1, "text", {}, true]) {
      throws(() => call(wrong, MESSAGE, SAMPLE));
      throws(() => call(KEY, wrong, SAMPLE));
      throws(() => call(KEY, MESSAGE, wrong));
    }
    throws(() => call(KEY, MESSAGE), /^expected bytes$/);
    equal(mocked.report().calls, []);
  });
});

describe("ESP32: signatures refused", () => {
  it("each refusal is told, and nothing is left of it", () => {
    for (const level of LEVELS) {
      for (const [name, codes] of [...REFUSALS, ...HASH_REFUSALS[level]]) {
        for (const code of codes) {
          const mocked = new MockedChip(level);
          const before = mocked.report().blockCount;
          mocked.refuse(name, code);
          throws(() => verify(mocked), new RegExp(`^${name}: ${code}$`));
          equal(mocked.report().blockCount, before, `${name}: ${code}`);
          equal(verify(mocked), true, "and the next is verified");
          equal(mocked.report().blockCount, before);
        }
      }
    }
  });

  it("destroys the key after each code of the verification", () => {
    for (const code of [...REFUSALS[2]![1], INVALID_SIGNATURE]) {
      const mocked = new MockedChip("idf6");
      mocked.refuse("psa_verify_hash", code);
      try {
        equal([code, verify(mocked)], [INVALID_SIGNATURE, false]);
      } catch (error) {
        equal((error as Error).message, `psa_verify_hash: ${code}`);
      }
      equal(keyCalls(mocked).at(-1), "psa_destroy_key");
    }
  });

  it("tells of the first refusal where there are two, and trusts no signature whose key stays", () => {
    const mocked = new MockedChip("idf6");
    mocked.refuse("psa_verify_hash", -147);
    mocked.refuse("psa_destroy_key", -151);
    throws(() => verify(mocked), /^psa_verify_hash: -147$/);
    mocked.refuse("psa_destroy_key", -151);
    throws(() => verify(mocked), /^psa_destroy_key: -151$/);
  });

  it("refuses a key that is no point of the curve", () => {
    const mocked = new MockedChip("idf6");
    throws(() => mocked.chip.verify(new Uint8Array(64), MESSAGE, SAMPLE), new RegExp(`^psa_import_key: ${INVALID_ARGUMENT}$`));
    equal(keyCalls(mocked), ["psa_import_key 65"], "and there is none to destroy");
  });
});

describe("ESP32: Verifier refused", () => {
  it("answers false, and says why in a line", () => {
    const mocked = new MockedChip("idf6");
    const lines: string[] = [];
    const verifier = createNativeVerifier({ chip: mocked.chip, trace: (line) => void lines.push(line) });
    const request = Object.freeze({ publicKey: KEY, message: MESSAGE, signature: SAMPLE });
    equal(verifier.verify(request), true);
    equal(verifier.verify({ ...request, message: KEY }), false);
    equal(lines, [], "a wrong signature is an answer");
    for (const [name, codes] of REFUSALS) {
      for (const code of codes) {
        mocked.refuse(name, code);
        equal(verifier.verify(request), false);
        equal(lines.splice(0), [`Verifier: ${name}: ${code}`]);
      }
    }
    equal(verifier.verify(request), true);
    mocked.report();
  });
});

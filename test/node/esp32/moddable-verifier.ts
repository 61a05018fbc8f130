/**
 * ES256 over Moddable's arithmetic on curves, which looks at nothing that it is given: what it would go wrong over does not
 * reach it, and what it leaves open is decided.
 */
import { createECDH, createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { p256 } from "@noble/curves/p256.js";
import { createDigest } from "../../../hosts/esp32/moddable-digest.js";
import { createModdableVerifier, type ModdableArithmetic } from "../../../hosts/esp32/moddable-verifier.js";
import type { VerifyRequest } from "../../../src/ports/verifier.js";
import { equal } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { verifierObligations } from "../../ports/verifier.js";
import { FakeDigest } from "./moddable/crypt.js";
import { FakeEC, fakeArithmetic } from "./moddable/ec.js";

const ORDER = p256.CURVE.n;
const FIELD = p256.Point.Fp.ORDER;

function openVerifier(arithmetic: ModdableArithmetic = fakeArithmetic) {
  return createModdableVerifier({ Digest: createDigest({ Digest: FakeDigest }), arithmetic });
}

function bytesOf(...numbers: readonly bigint[]): Uint8Array {
  return Buffer.from(numbers.map((number) => number.toString(16).padStart(64, "0")).join(""), "hex");
}

function hashOf(message: Uint8Array): bigint {
  return BigInt(`0x${createHash("sha256").update(message).digest("hex")}`);
}

/** x and y, and the same key as Node holds it. */
function keyOf(x: bigint, y: bigint): { readonly publicKey: Uint8Array; readonly node: KeyObject } {
  const publicKey = bytesOf(x, y);
  const half = (offset: number): string => Buffer.from(publicKey.subarray(offset, offset + 32)).toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x: half(0), y: half(32) };
  return { publicKey, node: createPublicKey({ key: jwk, format: "jwk" }) };
}

/** The first point from `x` on. */
function pointFrom(x: bigint): { readonly x: bigint; readonly point: typeof p256.Point.BASE } {
  for (let candidate = x; ; candidate++) {
    try {
      return { x: candidate, point: p256.Point.fromHex(`02${candidate.toString(16).padStart(64, "0")}`) };
    } catch {
      // No point has this x.
    }
  }
}

function inverseOf(value: bigint): bigint {
  return new fakeArithmetic.Modular(ORDER).mulinv(value);
}

describePort("Verifier on the ESP32 without the native part", verifierObligations, () => ({ verifier: openVerifier() }));

describe("ESP32: verifier without the native part", () => {
  it("says what another library says of random keys, messages and signatures", () => {
    const verifier = openVerifier();
    for (let count = 0; count < 20; count++) {
      const { privateKey, publicKey: node } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x, y } = node.export({ format: "jwk" });
      const publicKey = Buffer.concat([Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
      const message = Buffer.from(`message ${count}`);
      const signature = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
      const mirrored = Buffer.from(signature);
      const s = BigInt(`0x${signature.subarray(32).toString("hex")}`);
      mirrored.set(bytesOf(ORDER - s), 32);
      const altered = Buffer.from(signature);
      altered[count]! ^= 1 << (count % 8);
      for (const candidate of [signature, mirrored, altered, Buffer.from(signature).reverse()]) {
        const expected = verify("sha256", message, { key: node, dsaEncoding: "ieee-p1363" }, candidate);
        equal(verifier.verify({ publicKey, message, signature: candidate }), expected, candidate.toString("hex"));
      }
      equal(verifier.verify({ publicKey, message, signature }), true);
    }
  });

  it("takes r for a number of the order, where the point's x is one of the field", () => {
    // There are points with n ≤ x < p, and so signatures with r = x − n. A key is made for one, as recovery of a key does.
    const message = Buffer.from("the point's x is not below the order");
    const { x, point } = pointFrom(ORDER + 1n);
    const [r, s] = [x - ORDER, 12345n];
    const difference = point.multiplyUnsafe(s).subtract(p256.Point.BASE.multiplyUnsafe(hashOf(message) % ORDER));
    const affine = difference.multiplyUnsafe(inverseOf(r)).toAffine();
    const { publicKey, node } = keyOf(affine.x, affine.y);
    const signature = bytesOf(r, s);
    equal(verify("sha256", message, { key: node, dsaEncoding: "ieee-p1363" }, signature), true, "another library");
    equal(openVerifier().verify({ publicKey, message, signature }), true);
    equal(openVerifier().verify({ publicKey, message, signature: bytesOf(x % FIELD, s) }), false, "x itself is no r");
  });

  it("takes the point at infinity for no match, whatever was left in its place", () => {
    // e + r·d = 0: only who has the private key d can say so, and then there is nothing to match.
    const message = Buffer.from("nowhere");
    const d = 7n;
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(bytesOf(d));
    const publicKey = new Uint8Array(ecdh.getPublicKey().subarray(1));
    const r = ((ORDER - (hashOf(message) % ORDER)) * inverseOf(d)) % ORDER;
    FakeEC.leftover = r;
    equal(openVerifier().verify({ publicKey, message, signature: bytesOf(r, 1n) }), false);
    FakeEC.leftover = 0n;
  });

  it("asks the SDK nothing about what it would go wrong over", () => {
    class Unasked extends FakeEC {
      override mul2(): never {
        throw new Error("asked");
      }
    }
    class UnaskedModular {
      mulinv(): never {
        throw new Error("asked");
      }
    }
    const verifier = openVerifier({ ...fakeArithmetic, EC: Unasked, Modular: UnaskedModular });
    const [x, y] = [p256.CURVE.Gx, p256.CURVE.Gy];
    const requests: readonly (readonly [key: Uint8Array, signature: Uint8Array])[] = [
      [bytesOf(x, y), bytesOf(1n, 0n)],
      [bytesOf(x, y), bytesOf(0n, 1n)],
      [bytesOf(x, y), bytesOf(1n, ORDER)],
      [bytesOf(x, y), bytesOf(ORDER, 1n)],
      [bytesOf(x, y), bytesOf(2n ** 256n - 1n, 1n)],
      [bytesOf(x, y + 1n), bytesOf(1n, 1n)],
      [bytesOf(0n, 0n), bytesOf(1n, 1n)],
      [bytesOf(y, x), bytesOf(1n, 1n)],
      [new Uint8Array(65), bytesOf(1n, 1n)],
      [bytesOf(x, y), new Uint8Array(63).fill(1)],
    ];
    for (const [publicKey, signature] of requests) {
      const request: VerifyRequest = { publicKey, message: new Uint8Array(3), signature };
      equal(verifier.verify(request), false, Buffer.from(signature).toString("hex"));
    }
  });

  it("knows a point by numbers of the field alone: x + p is not x, nor y + p y", () => {
    // A small number plus p fits into 32 bytes too.
    const { x, y } = pointFrom(0n).point.toAffine();
    const withSmallY = { x: 0xd7325d7646cd60d80a92738ceb345f844cffaf35841022cab176f692de8de1d7n, y: 5n };
    const rest = { message: Buffer.from("m"), signature: bytesOf(1n, 1n) };
    let askedCount = 0;
    class Counting extends FakeEC {
      override mul2(...words: Parameters<FakeEC["mul2"]>): ReturnType<FakeEC["mul2"]> {
        askedCount++;
        return super.mul2(...words);
      }
    }
    const verifier = openVerifier({ ...fakeArithmetic, EC: Counting });
    verifier.verify({ publicKey: bytesOf(x, y), ...rest });
    verifier.verify({ publicKey: bytesOf(withSmallY.x, withSmallY.y), ...rest });
    equal(askedCount, 2, "the points themselves");
    equal(verifier.verify({ publicKey: bytesOf(x + FIELD, y), ...rest }), false);
    equal(verifier.verify({ publicKey: bytesOf(withSmallY.x, withSmallY.y + FIELD), ...rest }), false);
    equal(askedCount, 2, "and the others are not asked about");
  });
});

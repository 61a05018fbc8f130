/**
 * ES256 by the SDK's own arithmetic on elliptic curves, in C beneath JavaScript, for the level without the native part: slower
 * than the chip's library, and as right.
 *
 * The SDK's `ecdsa` is not used: it never returns for s = 0, does not look whether a key lies on the curve, and compares with r
 * whatever stands where the point at infinity has no x. What is used of the modules beneath it has no such gap: the inverse of
 * a number that has one, and a sum of multiples of two points of the curve. The rest of FIPS 186-5, 6.4.2, stands here. See
 * docs/design/esp32-host.md.
 */
import type { DigestConstructor } from "../../src/ports/digest.js";
import type { Verifier, VerifyRequest } from "../../src/ports/verifier.js";

/** What is used of a point. The one at infinity has z = 0. */
export interface ModdablePoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** Of the module `ec`. */
export interface ModdableCurve {
  /** a · first + b · second. Both have to be on the curve; neither factor negative. */
  mul2(first: ModdablePoint, a: bigint, second: ModdablePoint, b: bigint): ModdablePoint;
}

/** Of the module `modular`. */
export interface ModdableModulus {
  /** Does not return for 0, nor for what has no inverse. */
  mulinv(value: bigint): bigint;
}

/** The classes of the modules `ec`, `ecp` and `modular`. */
export interface ModdableArithmetic {
  readonly EC: new (a: bigint, b: bigint, field: bigint) => ModdableCurve;
  readonly ECPoint: new (x: bigint, y: bigint) => ModdablePoint;
  readonly Modular: new (modulus: bigint) => ModdableModulus;
}

const NUMBER_SIZE_BYTES = 32;
/** P-256 (SEC 2, 2.4.2; secp256r1): y² = x³ − 3x + B over the field, and G of the prime order. */
const FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const G_X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n;
const G_Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n;

/** The 32 bytes from `offset`, big endian. */
function numberAt(bytes: Uint8Array, offset: number): bigint {
  let value = 0n;
  for (let index = offset; index < offset + NUMBER_SIZE_BYTES; index++) value = (value << 8n) | BigInt(bytes[index]!);
  return value;
}

/** From 1 to n − 1. */
function isScalar(value: bigint): boolean {
  return value > 0n && value < ORDER;
}

function isOnCurve(x: bigint, y: bigint): boolean {
  return x < FIELD && y < FIELD && (y * y - (x * x - 3n) * x - B) % FIELD === 0n;
}

class CurveVerifier implements Verifier {
  readonly #Digest: DigestConstructor;
  readonly #ECPoint: ModdableArithmetic["ECPoint"];
  readonly #curve: ModdableCurve;
  readonly #order: ModdableModulus;
  readonly #generator: ModdablePoint;

  constructor(Digest: DigestConstructor, { EC, ECPoint, Modular }: ModdableArithmetic) {
    this.#Digest = Digest;
    this.#ECPoint = ECPoint;
    this.#curve = new EC(FIELD - 3n, B, FIELD);
    this.#order = new Modular(ORDER);
    this.#generator = new ECPoint(G_X, G_Y);
  }

  /** Everything that the SDK's arithmetic relies on is looked at before it is asked. */
  verify({ publicKey, message, signature }: VerifyRequest): boolean {
    if (publicKey.length !== 2 * NUMBER_SIZE_BYTES || signature.length !== 2 * NUMBER_SIZE_BYTES) return false;
    const r = numberAt(signature, 0);
    const s = numberAt(signature, NUMBER_SIZE_BYTES);
    if (!isScalar(r) || !isScalar(s)) return false;
    const x = numberAt(publicKey, 0);
    const y = numberAt(publicKey, NUMBER_SIZE_BYTES);
    if (!isOnCurve(x, y)) return false;
    const inverse = this.#order.mulinv(s);
    const u1 = (this.#hashOf(message) * inverse) % ORDER;
    const u2 = (r * inverse) % ORDER;
    const point = this.#curve.mul2(this.#generator, u1, new this.#ECPoint(x, y), u2);
    return point.z !== 0n && point.x % ORDER === r;
  }

  #hashOf(message: Uint8Array): bigint {
    const digest = new this.#Digest();
    digest.write(message);
    return numberAt(digest.digest(), 0);
  }
}

/** The port over the SDK's classes. `verify` takes about half a second. */
export function createModdableVerifier(options: {
  readonly Digest: DigestConstructor;
  readonly arithmetic: ModdableArithmetic;
}): Verifier {
  return new CurveVerifier(options.Digest, options.arithmetic);
}

/**
 * The modules `ec`, `ecp` and `modular` as Moddable 8.2.3 behaves, over another library's points: neither looks at what it is
 * given.
 *
 * The inverse of 0 is looked for without end: here it is an error. The point at infinity has z = 0 and, as x and y, what
 * happened to be in memory: here what a spec says. The x of a sum is a number of the field, not of the order.
 */
import { p256 } from "@noble/curves/p256.js";
import type {
  ModdableArithmetic,
  ModdableCurve,
  ModdableModulus,
  ModdablePoint,
} from "../../../../hosts/esp32/moddable-verifier.js";

const { Point, CURVE } = p256;

export class FakeECPoint implements ModdablePoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;

  constructor(x: bigint, y: bigint, isInfinite = false) {
    this.x = x;
    this.y = y;
    this.z = isInfinite ? 0n : 1n;
  }
}

export class FakeEC implements ModdableCurve {
  /** What is in memory where the point at infinity is put. */
  static leftover = 0n;

  constructor(a: bigint, b: bigint, field: bigint) {
    if (a !== CURVE.a || b !== CURVE.b || field !== Point.Fp.ORDER) throw new Error("ec: the stand-in knows P-256 alone");
  }

  mul2(first: ModdablePoint, a: bigint, second: ModdablePoint, b: bigint): ModdablePoint {
    const left = Point.fromAffine({ x: first.x, y: first.y }).multiplyUnsafe(a);
    const sum = left.add(Point.fromAffine({ x: second.x, y: second.y }).multiplyUnsafe(b));
    if (sum.equals(Point.ZERO)) return new FakeECPoint(FakeEC.leftover, FakeEC.leftover, true);
    const { x, y } = sum.toAffine();
    return new FakeECPoint(x, y);
  }
}

export class FakeModular implements ModdableModulus {
  readonly #modulus: bigint;

  constructor(modulus: bigint) {
    this.#modulus = modulus;
  }

  mulinv(value: bigint): bigint {
    if (value % this.#modulus === 0n) throw new Error("modular: the SDK would not have come back");
    let [low, high, factor, next] = [value % this.#modulus, this.#modulus, 1n, 0n];
    while (low > 1n) {
      const quotient = high / low;
      [low, high] = [high % low, low];
      [factor, next] = [next - quotient * factor, factor];
    }
    return ((factor % this.#modulus) + this.#modulus) % this.#modulus;
  }
}

export const fakeArithmetic: ModdableArithmetic = { EC: FakeEC, ECPoint: FakeECPoint, Modular: FakeModular };

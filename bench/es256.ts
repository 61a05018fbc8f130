/**
 * What one ES256 verify costs natively and in pure JavaScript, in the same run: `npx tsx bench/es256.ts`.
 *
 * The port has a verifier because of this factor: a device's chip or system does it natively, and a firmware that brought its
 * own arithmetic would pay for it at each update, and in flash. Both are first held against the same right and wrong signature;
 * then they take turns, round by round, so that what else the computer does falls on both. Times are of this computer and its
 * load: only the factor is worth quoting, and V8 compiles what a device's engine interprets, which makes it larger there.
 * `--json` prints the figures for other programs. Exits 1 where one of the two is wrong about a signature.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { p256 } from "@noble/curves/p256.js";
import { verifier } from "../hosts/node/verifier.js";
import type { VerifyRequest } from "../src/ports/verifier.js";

const ROUND_COUNT = 15;
/** A digest's worth, and the most that a manifest may have. */
const MESSAGE_SIZES_BYTES: readonly number[] = Object.freeze([32, 4096]);

interface Contender {
  readonly name: string;
  /** Verifies in one round: enough for some tens of milliseconds. */
  readonly count: number;
  verify(request: VerifyRequest): boolean;
}

interface Figure {
  readonly name: string;
  readonly messageSizeBytes: number;
  /** Of the rounds' means. */
  readonly medianMs: number;
  readonly fastestMs: number;
}

const CONTENDERS: readonly Contender[] = Object.freeze([
  { name: "native (OpenSSL through node:crypto)", count: 200, verify: (request: VerifyRequest) => verifier.verify(request) },
  {
    name: "pure JavaScript (@noble/curves)",
    count: 20,
    // 4 begins a point with both coordinates. prehash: SHA-256 in JavaScript too.
    verify: ({ publicKey, message, signature }: VerifyRequest) =>
      p256.verify(signature, message, Uint8Array.of(4, ...publicKey), { prehash: true }),
  },
]);

/** A request that is right. */
function requestOf(messageSizeBytes: number): VerifyRequest {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const message = new Uint8Array(randomBytes(messageSizeBytes));
  const signature = new Uint8Array(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
  return { publicKey: new Uint8Array(Buffer.concat([x, y].map((part) => Buffer.from(part, "base64url")))), message, signature };
}

/** Who answers wrongly, to a right signature and to one with a bit the other way. */
function complaintsOf(request: VerifyRequest): string[] {
  const signature = request.signature.slice();
  signature[63]! ^= 1;
  const isRight = ({ verify }: Contender): boolean => verify(request) && !verify({ ...request, signature });
  return CONTENDERS.filter((contender) => !isRight(contender)).map(({ name }) => `${name} answers wrongly`);
}

/** Milliseconds of one verify, by contender, in the order of the rounds. */
function measure(request: VerifyRequest): readonly number[][] {
  const times = CONTENDERS.map((): number[] => []);
  for (let round = -1; round < ROUND_COUNT; round++) {
    for (const [index, { count, verify }] of CONTENDERS.entries()) {
      const startMs = performance.now();
      for (let done = 0; done < count; done++) verify(request);
      if (round >= 0) times[index]!.push((performance.now() - startMs) / count); // The first one only warms up.
    }
  }
  return times;
}

function figuresOf(messageSizeBytes: number): Figure[] {
  return measure(requestOf(messageSizeBytes)).map((times, index) => {
    const sorted = times.toSorted((left, right) => left - right);
    const medianMs = sorted[sorted.length >> 1]!;
    return { name: CONTENDERS[index]!.name, messageSizeBytes, medianMs, fastestMs: sorted[0]! };
  });
}

function lineOf({ name, messageSizeBytes, medianMs, fastestMs }: Figure): string {
  const message = `${messageSizeBytes} bytes`.padStart(10);
  return `${name.padEnd(38)}${message}${medianMs.toFixed(3).padStart(12)} ms${fastestMs.toFixed(3).padStart(12)} ms`;
}

/** How many native verifies one in JavaScript costs, by the fastest rounds: the others tell of the load as well. */
function factorOf(figures: readonly Figure[], messageSizeBytes: number): number {
  const [native, portable] = figures.filter((figure) => figure.messageSizeBytes === messageSizeBytes);
  return portable!.fastestMs / native!.fastestMs;
}

const complaints = complaintsOf(requestOf(MESSAGE_SIZES_BYTES[0]!));
const figures = complaints.length > 0 ? [] : MESSAGE_SIZES_BYTES.flatMap(figuresOf);
const factors = MESSAGE_SIZES_BYTES.filter(() => figures.length > 0).map((messageSizeBytes) => ({
  messageSizeBytes,
  factor: factorOf(figures, messageSizeBytes),
}));
if (process.argv.includes("--json")) {
  const told = { unit: "milliseconds a verify", node: process.version, figures, factors, complaints };
  console.log(JSON.stringify(told, undefined, 2));
} else {
  console.log(`${"ES256 verify".padEnd(38)}${"message".padStart(10)}${"median".padStart(15)}${"fastest".padStart(15)}`);
  for (const figure of figures) console.log(lineOf(figure));
  for (const { messageSizeBytes, factor } of factors) {
    console.log(
      `${"JavaScript to native".padEnd(38)}${`${messageSizeBytes} bytes`.padStart(10)}${factor.toFixed(1).padStart(12)}`,
    );
  }
}
for (const complaint of complaints) console.error(`bench: ${complaint}`);
process.exitCode = complaints.length === 0 ? 0 : 1;

/**
 * Responses with bytes flipped, cut, doubled, left out and put in, 20,000 times: what the ESP32's parser reads is what a naive
 * reader over the whole text reads, the rest is refused by both, and it is all the same wherever the bytes are cut.
 *
 * Nothing here is of Node, so it runs on the device's engine too. The seed is in the title; `HOLDFAST_SEED` is another one.
 */
import { errorCodeOf, messageOf } from "../../../src/errors.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { bytesOf } from "../../ports/http-client-conversation.js";
import { type ReadResult, readResponse } from "./http-response-reader.js";

type Environment = { readonly process?: { readonly env: Readonly<Record<string, string | undefined>> } };
const { env = {} } = (globalThis as Environment).process ?? {};
const SEED = Number(env["HOLDFAST_SEED"] ?? 20_261_124);
const MUTATION_COUNT = Number(env["HOLDFAST_MUTATIONS"] ?? 20_000);

const ORIGINALS: readonly string[] = [
  'HTTP/1.1 200 OK\r\nServer: a\r\ncontent-length: 11\r\nETag: "x"\r\n\r\nhello world',
  "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nx: y\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/9\r\ncontent-length: 2, 2\r\n\r\nabc",
  "HTTP/1.0 200 OK\r\nvia: a\r\nvia: b\r\n\r\nup to the end",
  "HTTP/1.1 304 Not Modified\r\ncontent-length: 500\r\n\r\n",
];
/** Bytes that mean something in a response. */
const TELLING = "\r\n\r\n:; \t0123456789abcfHT/.,-\x00\x7f\x80\xff";

type Random = (limit: number) => number;

/** Park and Miller's generator: the same sequence on every engine. */
function randomOf(seed: number): Random {
  let state = (seed % 2147483646) + 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return Math.floor((state / 2147483647) * limit);
  };
}

function mutated(original: string, random: Random): string {
  let text = original;
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(text.length + 1);
    const length = 1 + random(8);
    const telling = TELLING.charAt(random(TELLING.length));
    const inserted = [telling, telling, text.slice(at, at + length), String.fromCharCode(random(256)), "\r\n"][random(5)]!;
    const leftOut = [0, 0, 1, length, text.length][random(30) === 0 ? 4 : random(4)]!;
    text = text.slice(0, at) + inserted + text.slice(at + leftOut);
  }
  return text;
}

/** What a reader says: a result in one line, or that it is refused. */
function verdictOf(bytes: Uint8Array, cut: () => number): string {
  try {
    return lineOf(readResponse(bytes, { cut }));
  } catch (error) {
    const code = errorCodeOf(error);
    ok(code === "corrupt" || code === "unsupported", `thrown: ${messageOf(error)}`);
    return `refused: ${messageOf(error)}`;
  }
}

function lineOf({ head, body, isComplete, endsWithConnection, restBytes }: ReadResult): string {
  if (head === undefined) return "no head";
  const fields = [...head.headers].map(([name, value]) => `${name}=${value}`).join("|");
  return [head.status, head.statusText, fields, body, isComplete, endsWithConnection, restBytes].join("~");
}

/** The same by splitting and matching a whole text: slow, plain, and of another hand. `undefined`: refused. */
function naiveLine(text: string): string | undefined {
  let at = 0;
  for (;;) {
    const lines: string[] = [];
    for (;;) {
      const end = text.indexOf("\n", at);
      if (end < 0) return "no head";
      const line = text.slice(at, end + 1);
      at = end + 1;
      if (!/^[\t\x20-\x7e\x80-\xff]*\r\n$/.test(line)) return undefined;
      if (lines.length === 0 && !/^HTTP\/1\.\d (10[02-9]|1[1-9]\d|[2-9]\d\d)( .*)?\r\n$/.test(line)) return undefined;
      if (lines.length > 0 && line === "\r\n") break;
      if (lines.length > 0 && !/^[!#-'*+.^-z|~0-9A-Z-]+:/.test(line)) return undefined;
      lines.push(line.slice(0, -2));
    }
    const [first = "", ...rest] = lines;
    const status = Number(first.slice(9, 12));
    if (status >= 200) return naiveResponse(first, rest, text.slice(at));
  }
}

function naiveResponse(first: string, lines: readonly string[], rest: string): string | undefined {
  const status = Number(first.slice(9, 12));
  const headers = new Map<string, string>();
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    const value = line.slice(line.indexOf(":") + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const head = { status, statusText: first.slice(13), headers };
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  const result = { head, endsWithConnection: false };
  if (status === 204 || status === 304) return lineOf({ ...result, body: "", isComplete: true, restBytes: rest.length });
  if (coding !== undefined) {
    if (length !== undefined || first.startsWith("HTTP/1.0") || coding.toLowerCase() !== "chunked") return undefined;
    const chunks = naiveChunks(rest);
    return chunks && lineOf({ ...result, ...chunks });
  }
  if (length === undefined) {
    return lineOf({ ...result, body: rest, isComplete: false, endsWithConnection: true, restBytes: 0 });
  }
  const lengths = new Set(length.split(",").map((part) => part.trim()));
  const [only = ""] = lengths;
  if (lengths.size !== 1 || !/^\d{1,15}$/.test(only)) return undefined;
  const body = rest.slice(0, Number(only));
  return lineOf({ ...result, body, isComplete: body.length === Number(only), restBytes: rest.length - body.length });
}

/** `undefined`: refused, or cut within the framing, where both readers may see an error later than the other. */
function naiveChunks(text: string): { body: string; isComplete: boolean; restBytes: number } | undefined {
  let body = "";
  let rest = text;
  for (;;) {
    const line = /^([0-9a-f]+)(?:[; \t][^\r\n]*)?\r\n/i.exec(rest);
    if (!line || line[0].length > 129) return undefined;
    const size = Number.parseInt(line[1]!, 16);
    if (size > 2 ** 32) return undefined;
    rest = rest.slice(line[0].length);
    if (size === 0) break;
    body += rest.slice(0, size);
    const end = rest.slice(size, size + 2);
    if (!"\r\n".startsWith(end)) return undefined;
    if (end.length < 2) return { body, isComplete: false, restBytes: 0 };
    rest = rest.slice(size + 2);
  }
  const trailers = /^(?:[^\r\n]+\r\n)*\r\n/.exec(rest);
  return trailers ? { body, isComplete: true, restBytes: rest.length - trailers[0].length } : undefined;
}

describe("HTTP responses on the ESP32, mutated", () => {
  it(`are read as a naive reader reads them, or refused, ${MUTATION_COUNT} times from the seed ${SEED}`, () => {
    const random = randomOf(SEED);
    const counts = { read: 0, refused: 0, unfinished: 0 };
    for (let count = 0; count < MUTATION_COUNT; count++) {
      const text = mutated(ORIGINALS[random(ORIGINALS.length)]!, random);
      const why = `seed ${SEED}, mutation ${count}, ${JSON.stringify(text)}`;
      const bytes = bytesOf(text);
      const verdict = verdictOf(bytes, () => bytes.length);
      equal(
        verdictOf(bytes, () => 1),
        verdict,
        `${why}, byte by byte`,
      );
      equal(
        verdictOf(bytes, () => 1 + random(12)),
        verdict,
        `${why}, cut anywhere`,
      );
      const naive = naiveLine(text);
      const isRefused = verdict.startsWith("refused: ");
      if (naive !== undefined) equal(verdict, naive, why);
      // A body that is cut within its framing is not refused yet; neither is it whole.
      else ok(isRefused || verdict.includes("~false~"), `${why}: read as ${verdict}`);
      if (isRefused) counts.refused++;
      else if (verdict.includes("~true~")) counts.read++;
      else counts.unfinished++;
    }
    for (const [kind, count] of Object.entries(counts)) ok(count > MUTATION_COUNT / 50, `${kind}: ${count}`);
  });
});

/** A small answer is read whole or not at all: up to its bound, announced and real, and from a server that said yes. */
import { DocumentSink, type DocumentSinkOptions, demandStatus, retryAfterMsOf } from "../../../src/updater/document-sink.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const NO_HEADERS = new Map<string, string>();

class Bench {
  readonly documents: Uint8Array[] = [];
  readonly sink: DocumentSink;

  constructor(options: Partial<DocumentSinkOptions> = {}) {
    this.sink = new DocumentSink({
      what: "poll",
      sizeBytesMax: 100,
      onDocument: (bytes) => this.documents.push(bytes),
      ...options,
    });
  }

  head(status: number, contentLength?: string): void {
    this.sink.onHead(status, contentLength === undefined ? NO_HEADERS : new Map([["content-length", contentLength]]));
  }
}

function filled(count: number, byte = 7): Uint8Array {
  return new Uint8Array(count).fill(byte);
}

describe("the answer to a small request", () => {
  it("is handed over whole, once, at its end, however it came", () => {
    for (const pieces of [[100], [1, 99], [40, 1, 59], []]) {
      const bench = new Bench();
      bench.head(200, String(pieces.reduce((sum, count) => sum + count, 0)));
      for (const [index, count] of pieces.entries()) bench.sink.onBytes(filled(count, index));
      equal(bench.documents.length, 0);
      bench.sink.onEnd();
      const expected = pieces.flatMap((count, index) => [...filled(count, index)]);
      equal(bench.documents, [Uint8Array.from(expected)]);
    }
  });

  it("keeps no hold of the bytes that it is handed", () => {
    const bench = new Bench();
    const bytes = filled(3);
    bench.head(200);
    bench.sink.onBytes(bytes);
    bytes.fill(9);
    bench.sink.onEnd();
    equal(bench.documents, [filled(3)]);
  });

  it("takes a part of it at a time, so that others have their turn", () => {
    const { roomBytes } = new Bench().sink;
    ok(roomBytes >= 1 && roomBytes <= 4096, `${roomBytes} bytes`);
  });

  it("may be announced up to its bound, and no figure less is trusted", () => {
    for (const length of ["0", "1", "100", undefined]) new Bench().head(200, length);
    for (const length of ["101", "1e9", "999999999999999999999", "Infinity", "NaN", "abc", "100 bytes", "100, 100"]) {
      const message = new RegExp(`^poll: ${length.replaceAll(/\W/g, ".")} bytes are announced, expected at most 100$`);
      throws(() => new Bench().head(200, length), "corrupt", message);
    }
  });

  it("ends at its bound, whatever was announced", () => {
    for (const [announced, pieces] of [
      ["100", [100, 1]],
      [undefined, [60, 41]],
      ["3", [101]],
    ] as const) {
      const bench = new Bench();
      bench.head(200, announced);
      for (const count of pieces.slice(0, -1)) bench.sink.onBytes(filled(count));
      throws(() => bench.sink.onBytes(filled(pieces[pieces.length - 1]!)), "corrupt", /^poll: expected at most 100 bytes$/);
      equal(bench.documents, []);
    }
  });

  it("comes with 200 and no other status: where a device may go is not a server's business", () => {
    new Bench().head(200);
    for (const status of [100, 199, 201, 204, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404, 410, 429, 500, 503, 599]) {
      const message = new RegExp(`^the server answered ${status}; expected 200$`);
      throws(() => new Bench().head(status), "io", message);
      throws(() => demandStatus(status, 200), "io", message);
    }
    demandStatus(206, 206);
  });

  it("comes with any success where only that matters, and its body is bounded all the same", () => {
    for (const status of [200, 201, 202, 204, 299]) new Bench({ isAnySuccess: true }).head(status);
    for (const status of [199, 300, 302, 404, 409, 410, 500]) {
      throws(() => new Bench({ isAnySuccess: true }).head(status), "io", /expected 200/);
    }
    throws(() => new Bench({ isAnySuccess: true }).head(201, "101"), "corrupt");
    const bench = new Bench({ isAnySuccess: true });
    bench.head(204);
    throws(() => bench.sink.onBytes(filled(101)), "corrupt");
  });

  it("shows its head to whoever wants it, before it is judged", () => {
    const heads: unknown[] = [];
    const onHead = (status: number, headers: ReadonlyMap<string, string>) => heads.push([status, headers.get("retry-after")]);
    const headers = new Map([["retry-after", "5"]]);
    throws(() => new Bench({ onHead }).sink.onHead(503, headers), "io");
    throws(() => new Bench({ onHead }).sink.onHead(200, new Map([["content-length", "101"]])), "corrupt");
    equal(heads, [
      [503, "5"],
      [200, undefined],
    ]);
  });
});

describe("how long a server asks to be left alone", () => {
  const retryAfter = (status: number, text?: string) =>
    retryAfterMsOf(status, text === undefined ? NO_HEADERS : new Map([["retry-after", text]]));

  it("is told in seconds, with 429 and 503", () => {
    equal(
      [retryAfter(429, "120"), retryAfter(503, "120"), retryAfter(503, "0"), retryAfter(503, "000120")],
      [120_000, 120_000, 0, 120_000],
    );
    equal([retryAfter(429, "4294967296"), retryAfter(429)], [4_294_967_296_000, undefined]);
  });

  it("is not heard with any other status", () => {
    for (const status of [200, 206, 301, 400, 404, 408, 500, 502, 504])
      equal(retryAfter(status, "120"), undefined, `${status}`);
  });

  it("is not heard in another form", () => {
    const dates = ["Fri, 31 Dec 1999 23:59:59 GMT", "1999-12-31"];
    const numbers = ["-1", "1.5", "", " ", "0x10", "1e3", "+5", " 120", "120 ", "120s", "120, 5", "NaN", "Infinity"];
    for (const text of [...dates, ...numbers]) equal(retryAfter(503, text), undefined, JSON.stringify(text));
  });
});

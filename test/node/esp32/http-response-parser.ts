/**
 * What the ESP32's HTTP client takes for a response, and what it refuses: heads, lengths, chunks. Nothing here is of Node, so
 * it runs on the device's engine too.
 */
import { ResponseParser } from "../../../hosts/esp32/http/response-parser.js";
import type { ErrorCode } from "../../../src/errors.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { bytesOf } from "../../ports/http-client-conversation.js";
import { readResponse, readText } from "./http-response-reader.js";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

describe("HTTP responses on the ESP32: the head", () => {
  it("is status, text and fields, with names in lower case and without blanks around the values", () => {
    const { head } = readText('HTTP/1.1 418 I am a  teapot\r\nX-Colour: \t Blue green \r\nETag:"a:b"\r\nX-None:\r\n\r\n');
    equal([head?.status, head?.statusText], [418, "I am a  teapot"]);
    const expected = [
      ["x-colour", "Blue green"],
      ["etag", '"a:b"'],
      ["x-none", ""],
    ];
    equal([...head!.headers], expected);
  });

  it("may have no text, with and without the blank that announces one", () => {
    for (const line of ["HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.0 200", "HTTP/1.7 200 "]) {
      const { head } = readText(`${line}\r\ncontent-length: 0\r\n\r\n`);
      equal([head?.status, head?.statusText], [200, ""], line);
    }
  });

  it("reads bytes above 7F as characters of one byte", () => {
    const { head } = readText(`${OK}x-name: caf\xe9 \x80\xff\r\n\r\n`);
    equal(head?.headers.get("x-name"), "caf\xe9 \x80\xff");
  });

  it("joins fields that come more than once, in their order", () => {
    const { head } = readText(`${OK}Via: a\r\nset-cookie: x=1\r\nVIA: b\r\nvia: c, d\r\n\r\n`);
    equal([head?.headers.get("via"), head?.headers.get("set-cookie")], ["a, b, c, d", "x=1"]);
  });

  it("holds only what the mask names, and knows the length all the same", () => {
    const result = readText(`${OK}content-length: 3\r\netag: x\r\nvia: y\r\n\r\nabcdef`, { headersMask: ["etag", "x-b"] });
    equal([[...result.head!.headers], result.body], [[["etag", "x"]], "abc"]);
  });

  it("passes over responses of 1xx, and forgets their fields", () => {
    const first = "HTTP/1.1 100 Continue\r\ncontent-length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n";
    const result = readText(`${first}${OK}content-length: 1\r\n\r\na`);
    equal([result.head?.status, [...result.head!.headers], result.body], [200, [["content-length", "1"]], "a"]);
  });

  it("is taken up to its end and no further", () => {
    const bytes = bytesOf(`--${OK}content-length: 3\r\n\r\nabc`);
    const parser = new ResponseParser({ method: "GET", headersMask: undefined });
    equal(parser.push(bytes, 2, 10), 10);
    equal([parser.push(bytes, 10, bytes.length), parser.head?.status], [bytes.length - 3, 200]);
    equal(parser.push(bytes, 5, bytes.length), 5, "nothing behind its end");
  });

  it("has 4096 bytes at the most, those of 1xx included", () => {
    const rest = `${OK}x: \r\n\r\n`;
    const fits = `${OK}x: ${"a".repeat(4096 - rest.length)}\r\n\r\n`;
    equal(readText(fits).head?.status, 200);
    for (const text of [fits.replace("a", "aa"), "a".repeat(4097), "HTTP/1.1 100 \r\n\r\n".repeat(250)]) {
      throws(() => readText(text), "corrupt", /a head of more than 4096 bytes/);
    }
  });

  it("has 64 fields at the most", () => {
    equal(readText(`${OK}${"a: b\r\n".repeat(64)}\r\n`).head?.headers.size, 1);
    throws(() => readText(`${OK}${"a: b\r\n".repeat(65)}\r\n`), "corrupt", /more than 64 fields/);
  });
});

describe("HTTP responses on the ESP32: what is none", () => {
  const refused: readonly (readonly [what: string, text: string, words: RegExp])[] = [
    ["another protocol", "SSH-2.0-OpenSSH\r\n", /the status line is "SSH-2.0-OpenSSH", expected HTTP\/1.1/],
    ["another version", "HTTP/2.0 200 OK\r\n", /the status line/],
    ["an old version", "HTTP/0.9 200 OK\r\n", /the status line/],
    ["lower case", "http/1.1 200 OK\r\n", /the status line/],
    ["two digits", "HTTP/1.1 20 OK\r\n", /the status line/],
    ["four digits", "HTTP/1.1 2000 OK\r\n", /the status line/],
    ["a status below 100", "HTTP/1.1 099 OK\r\n", /the status line/],
    ["two blanks", "HTTP/1.1  200 OK\r\n", /the status line/],
    ["an empty line first", "\r\nHTTP/1.1 200 OK\r\n", /the status line is ""/],
    ["a control character", "HTTP/1.1 200 O\x00K\r\n", /a control character in the head/],
    ["a change of protocol", "HTTP/1.1 101 Switching Protocols\r\n", /a change of protocol/],
    ["a line feed alone", "HTTP/1.1 200 OK\n", /a line that ends in LF, expected CR LF/],
    ["a carriage return inside", `${OK}a: b\rc: d\r\n`, /a control character/],
    ["a folded line", `${OK}a: b\r\n c\r\n`, /a field that begins with " c", expected a name/],
    ["a folded line by a tabulator", `${OK}a: b\r\n\tc: d\r\n`, /a field that begins with what is not printable/],
    ["a field without colon", `${OK}abc\r\n`, /a field that begins with "abc"/],
    ["a field without name", `${OK}: b\r\n`, /a field that begins with ": b"/],
    ["a blank before the colon", `${OK}a : b\r\n`, /a field that begins with "a : b"/],
    ["a name that is no token", `${OK}a(b): c\r\n`, /a field that begins with "a\(b\): c"/],
    ["an end of line in a value", `${OK}a: b\x0bc\r\n`, /a control character/],
  ];
  for (const [what, text, words] of refused) {
    it(`refuses ${what}`, () => {
      throws(() => readText(text), "corrupt", words);
    });
  }

  const framing: readonly (readonly [what: string, fields: string, words: RegExp, code?: ErrorCode])[] = [
    ["two lengths", "content-length: 3\r\nContent-Length: 4\r\n", /its content-length is "3, 4", expected one number/],
    ["two lengths in a line", "content-length: 3, 4\r\n", /content-length/],
    ["lengths that are written in two ways", "content-length: 3\r\ncontent-length: 03\r\n", /content-length/],
    ["a negative length", "content-length: -5\r\n", /its content-length is "-5"/],
    ["a signed length", "content-length: +5\r\n", /content-length/],
    ["a fraction", "content-length: 5.0\r\n", /content-length/],
    ["an empty length", "content-length: \r\n", /its content-length is ""/],
    ["a length of 16 digits", `content-length: ${"9".repeat(16)}\r\n`, /content-length/],
    ["a length beside chunks", "content-length: 3\r\ntransfer-encoding: chunked\r\n", /content-length and transfer-encoding/],
    ["another coding", "transfer-encoding: gzip, chunked\r\n", /transfer-encoding is "gzip, chunked"/, "unsupported"],
    ["chunked twice", "transfer-encoding: chunked\r\nTransfer-Encoding: chunked\r\n", /transfer-encoding/, "unsupported"],
    ["no coding", "transfer-encoding:\r\n", /transfer-encoding is ""/, "unsupported"],
  ];
  for (const [what, fields, words, code = "corrupt"] of framing) {
    it(`refuses ${what}`, () => {
      throws(() => readText(`${OK}${fields}\r\n`), code, words);
    });
  }

  it("refuses chunks in HTTP/1.0", () => {
    throws(() => readText("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"), "corrupt", /in HTTP\/1\.0/);
  });
});

describe("HTTP responses on the ESP32: the body", () => {
  it("ends with its length, and what follows is left", () => {
    equal(readText(`${OK}content-length: 3\r\n\r\nabcdef`).body, "abc");
    equal(readText(`${OK}content-length: 3, 3\r\n\r\nabcdef`).isComplete, true, "the same length twice");
    equal(readText(`${OK}content-length: 4\r\n\r\nabc`).isComplete, false);
  });

  it("ends with the connection where nothing is announced", () => {
    const { body, isComplete, endsWithConnection } = readText(`${OK}\r\nabc`);
    equal([body, isComplete, endsWithConnection], ["abc", false, true]);
  });

  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ] as const) {
    it(`is empty for ${method} and ${status}, whatever is announced`, () => {
      for (const field of ["content-length: 5000", "transfer-encoding: chunked", "x: y"]) {
        const { body, isComplete } = readText(`HTTP/1.1 ${status} X\r\n${field}\r\n\r\nabc`, { method });
        equal([body, isComplete], ["", true], field);
      }
    });
  }

  it("is put together of chunks, whatever stands beside their sizes and behind the last", () => {
    const chunks = '3\r\nabc\r\n0000A;name="value"\r\n0123456789\r\n1 \t\r\nx\r\n0;last\r\nExpires: never\r\nx:\r\n\r\n';
    const { body, isComplete, restBytes } = readText(`${CHUNKED}${chunks}HTTP/1.1`);
    equal([body, isComplete, restBytes], ["abc0123456789x", true, 8]);
  });

  it("is put together of chunks that hold what looks like framing", () => {
    equal(readText(`${CHUNKED}7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n`).body, "\r\n0\r\n\r\n");
  });

  it("takes a chunk of 2^32 bytes and none beyond", () => {
    equal(readText(`${CHUNKED}100000000\r\nab`).body, "ab");
    for (const size of ["100000001", "fffffffff", "f".repeat(128)]) {
      throws(() => readText(`${CHUNKED}${size}\r\n`), "corrupt", /a chunk of more than 2\^32 bytes/);
    }
  });

  const refused: readonly (readonly [what: string, chunks: string, words: RegExp])[] = [
    ["a size that is none", "xyz\r\n", /a chunk's size: found byte 120, expected hexadecimal digits/],
    ["no size", "\r\n", /found byte 13/],
    ["a negative size", "-1\r\n", /found byte 45/],
    ["a size of another notation", "0x3\r\nabc", /found byte 120/],
    ["a blank before the size", " 3\r\nabc", /found byte 32/],
    ["a line feed alone behind the size", "3\nabc", /found byte 10/],
    ["a carriage return alone behind the size", "3\rabc", /the end of a chunk's size: found byte 97, expected 10/],
    ["a line feed in an extension", "3;a\nabc", /a line break in a chunk's extension/],
    ["a chunk that is longer than announced", "3\r\nabcd\r\n", /the end of a chunk: found byte 100, expected 13/],
    ["a chunk that ends in CR alone", "3\r\nabc\r0\r\n", /the end of a chunk: found byte 48, expected 10/],
    ["a trailer that ends in LF alone", "0\r\na: b\n\r\n", /a trailer: found LF/],
    ["a trailer that ends in CR alone", "0\r\na: b\rc", /the end of a trailer: found byte 99/],
    ["a size line without end", `1;${"x".repeat(200)}`, /a chunk's size line has more than 128 bytes/],
    ["zeros without end", "0".repeat(200), /a chunk's size line has more than 128 bytes/],
    ["trailers without end", `0\r\n${"a: b\r\n".repeat(200)}`, /trailers of more than 1024 bytes/],
  ];
  for (const [what, chunks, words] of refused) {
    it(`refuses ${what}`, () => {
      throws(() => readText(`${CHUNKED}${chunks}`), "corrupt", words);
    });
  }

  it("is whole only with the last chunk and the line behind it", () => {
    const whole = `${CHUNKED}3\r\nabc\r\n0\r\nx: y\r\n\r\n`;
    for (let length = CHUNKED.length; length < whole.length; length++) {
      equal(readText(whole.slice(0, length)).isComplete, false, whole.slice(CHUNKED.length, length));
    }
    equal(readText(whole).isComplete, true);
  });

  it("is the same wherever it is cut", () => {
    const bytes = bytesOf(`HTTP/1.1 100 \r\n\r\n${CHUNKED}3;a\r\nabc\r\nb\r\n0123456789a\r\n0\r\nx: y\r\n\r\nrest`);
    const whole = readResponse(bytes, { cut: () => bytes.length });
    equal([whole.body, whole.restBytes], ["abc0123456789a", 4]);
    for (let size = 1; size < 20; size++) equal(readResponse(bytes, { cut: () => size }), whole, `segments of ${size}`);
  });
});

/** What the ESP32's HTTP client sends for a request, byte by byte, and what it refuses to send. */
import { decodeLatin1 } from "../../../hosts/esp32/http/latin1.js";
import { planOf } from "../../../hosts/esp32/http/request-plan.js";
import type { HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function headOf(options: HTTPRequestOptions, authority = "updates.example.com:8080"): string {
  const { head } = planOf(options, authority);
  return decodeLatin1(head, 0, head.length);
}

describe("HTTP requests of the ESP32: the head", () => {
  it("is GET / with host and connection where nothing else is said", () => {
    equal(headOf({}), "GET / HTTP/1.1\r\nhost: updates.example.com:8080\r\nconnection: close\r\n\r\n");
  });

  it("has method, path and fields as they are given, with names in lower case", () => {
    const headers = new Map([
      ["Range", "bytes=100-"],
      ["Authorization", "TargetToken 5f3a"],
      ["X-Name", "caf\xe9"],
    ]);
    equal(
      headOf({
        method: "PATCH",
        path: "/DEFAULT/controller/v1/25?a=%20",
        headers: new Map([...headers, ["Content-Length", "3"]]),
      }),
      "PATCH /DEFAULT/controller/v1/25?a=%20 HTTP/1.1\r\nrange: bytes=100-\r\nauthorization: TargetToken 5f3a\r\n" +
        "x-name: caf\xe9\r\ncontent-length: 3\r\nhost: updates.example.com:8080\r\nconnection: close\r\n\r\n",
    );
  });

  it("takes another host, and a connection that is closed as it is anyhow", () => {
    const headers = new Map([
      ["Host", "other"],
      ["Connection", "Close"],
    ]);
    equal(headOf({ headers }), "GET / HTTP/1.1\r\nhost: other\r\nconnection: close\r\n\r\n");
  });

  it("says that there is no body where the method has one", () => {
    for (const method of ["POST", "PUT", "PATCH"])
      equal(headOf({ method }).includes("\r\ncontent-length: 0\r\n"), true, method);
    for (const method of ["GET", "HEAD", "DELETE"]) equal(headOf({ method }).includes("content-length"), false, method);
  });

  it("announces the body: of a length, in chunks, or none", () => {
    const byteLengthOf = (headers: [string, string][]) => planOf({ headers: new Map(headers) }, "a").bodyByteLength;
    equal(byteLengthOf([]), 0);
    equal(byteLengthOf([["content-length", "0"]]), 0);
    equal(byteLengthOf([["Content-Length", "123"]]), 123);
    equal(byteLengthOf([["Transfer-Encoding", "chunked"]]), Number.POSITIVE_INFINITY);
  });
});

describe("HTTP requests of the ESP32: what is refused", () => {
  const refused: readonly (readonly [what: string, options: object | undefined, words: RegExp])[] = [
    ["no options", undefined, /request\(\) without options/],
    ["a method with a blank", { method: "GE T" }, /the method is "GE T"/],
    ["a method with a line break", { method: "GET\r\nx: y" }, /the method is what is not printable/],
    ["CONNECT", { method: "CONNECT" }, /and not CONNECT/],
    ["no method", { method: "" }, /the method is ""/],
    ["a path with a blank", { path: "/a b" }, /the path/],
    ["a path with a line break", { path: "/a\r\nx: y" }, /the path/],
    ["an empty path", { path: "" }, /the path/],
    ["a path beyond bytes", { path: "/\u{1f600}" }, /the path/],
    ["a name with a blank", { headers: new Map([["x y", "1"]]) }, /the header "x y"/],
    ["a name with a colon", { headers: new Map([["x:", "1"]]) }, /the header "x:"/],
    ["an empty name", { headers: new Map([["", "1"]]) }, /the header ""/],
    ["a value with a line break", { headers: new Map([["x", "1\r\ny: 2"]]) }, /the header "x"/],
    ["a value with a line feed", { headers: new Map([["x", "1\ny: 2"]]) }, /the header "x"/],
    ["a value with a zero", { headers: new Map([["x", "1\0"]]) }, /the header "x"/],
    ["a value beyond bytes", { headers: new Map([["x", "\u20ac"]]) }, /the header "x"/],
    ["a value that is no text", { headers: new Map([["x", 1]]) }, /the header "x"/],
    ["a negative length", { headers: new Map([["content-length", "-1"]]) }, /content-length is "-1", expected digits/],
    ["an empty length", { headers: new Map([["content-length", ""]]) }, /content-length is ""/],
    ["another coding", { headers: new Map([["transfer-encoding", "gzip"]]) }, /transfer-encoding is "gzip", expected chunked/],
    [
      "a length beside chunks",
      {
        headers: new Map([
          ["transfer-encoding", "chunked"],
          ["content-length", "1"],
        ]),
      },
      /exclude each other/,
    ],
    ["a mask that is none", { headersMask: "etag" }, /headersMask is no array/],
    ["a callback that is none", { onDone: "done" }, /onDone is not a function/],
  ];
  for (const [what, options, words] of refused) {
    it(`refuses ${what}`, () => {
      throws(() => headOf(options as HTTPRequestOptions), "invalid", words);
    });
  }

  it("refuses what it cannot do", () => {
    throws(() => headOf({ headers: new Map([["Trailer", "x"]]) }), "unsupported", /trailers cannot be sent/);
    throws(
      () => headOf({ headers: new Map([["Connection", "keep-alive"]]) }),
      "unsupported",
      /is "keep-alive", expected close/,
    );
  });
});

/**
 * The obligations of an HTTP client that concern responses and bodies, in both directions. A part of the suite in
 * `http-client.ts`.
 */
import type { HTTPRequest } from "../../src/ports/http-client.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";
import { bytesOf, converse, type HTTPClientSubject, textOf } from "./http-client-conversation.js";

export const RESPONSES: readonly Obligation<HTTPClientSubject>[] = [
  {
    must: "give status, status text and headers with names in lower case",
    async check(subject) {
      const talk = await converse(subject, { status: 418, statusText: "I am a teapot", headers: { "X-Colour": "Blue" } });
      let headers: Map<string, string> | undefined;
      talk.ask({
        onHeaders(status, given, statusText) {
          talk.lines.push(`headers ${status} ${statusText}`);
          headers = given;
        },
      });
      await talk.ends("done");
      equal(talk.lines[0], "headers 418 I am a teapot");
      ok(headers instanceof Map && headers.get("x-colour") === "Blue");
    },
  },
  {
    must: "give only the headers of the mask",
    async check(subject) {
      const talk = await converse(subject, { headers: { "X-A": "1", "X-B": "2" } });
      let headers: Map<string, string> | undefined;
      talk.ask({
        headersMask: ["x-b", "x-c"],
        onHeaders: (_status, given) => {
          headers = given;
        },
      });
      await talk.ends("done");
      equal(headers, new Map([["x-b", "2"]]));
    },
  },
  {
    must: "deliver the body unchanged",
    async check(subject) {
      const body = Array.from({ length: 300 }, (_, index) => String.fromCharCode(32 + (index % 90)).repeat(index)).join("");
      const talk = await converse(subject, { body: [body.slice(0, 20_000), body.slice(20_000)] });
      talk.ask();
      await subject.until(() => talk.received.length === 20_000);
      talk.server.next();
      await talk.ends("done");
      equal(talk.received, body);
    },
  },
  {
    must: "be done only when the last byte was read",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc"] });
      const request = talk.ask({}, false);
      await talk.ends("readable 3");
      await subject.turn();
      equal(textOf(request.read(2)), "ab");
      await subject.turn();
      equal(talk.lines, ["headers 200 OK", "readable 3"]);
      equal(textOf(request.read()), "c");
      await talk.ends("done");
    },
  },
  {
    must: "be done with an empty body",
    async check(subject) {
      const talk = await converse(subject, {});
      talk.ask();
      await talk.ends("done");
      equal(talk.lines, ["headers 200 OK", "done"]);
    },
  },
  {
    must: "tell how many bytes wait, and again when more arrive",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc", "defg", "h"] });
      const request = talk.ask({}, false);
      await talk.ends("readable 3");
      talk.server.next();
      await talk.ends("readable 7");
      equal(textOf(request.read(5)), "abcde");
      await subject.turn();
      equal(talk.lines, ["headers 200 OK", "readable 3", "readable 7"]);
      talk.server.next();
      await talk.ends("readable 3");
      equal(textOf(request.read()), "fgh");
    },
  },
  {
    must: "read no more than is asked for",
    async check(subject) {
      const talk = await converse(subject, { body: ["abcdef"] });
      const request = talk.ask({}, false);
      await talk.ends("readable 6");
      equal([textOf(request.read(4)), textOf(request.read(4))], ["abcd", "ef"]);
    },
  },
  {
    must: "fill a buffer within its bounds and give the count",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc"] });
      const request = talk.ask({}, false);
      await talk.ends("readable 3");
      const whole = new Uint8Array(6);
      equal([request.read(whole.subarray(1, 3)), request.read(whole.subarray(3, 6))], [2, 1]);
      equal(whole, Uint8Array.of(0, 97, 98, 99, 0, 0));
    },
  },
  {
    must: "read undefined where nothing waits",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc", "d"] });
      const request = talk.ask();
      equal([request.read(), request.read(new Uint8Array(1))], [undefined, undefined]);
      await subject.until(() => talk.received === "abc");
      equal([request.read(), request.read(1)], [undefined, undefined]);
      talk.server.next();
      await talk.ends("done");
      equal(request.read(), undefined);
    },
  },
  {
    must: "hold the sender back while the body is not read",
    async check(subject) {
      const byteLength = subject.bufferByteLengthMax;
      const talk = await converse(subject, { body: ["x".repeat(byteLength)] });
      let readLength = 0;
      const read = (request: HTTPRequest) => {
        readLength += request.read()?.byteLength ?? 0;
      };
      let isReading = false;
      const request = talk.ask({
        onReadable() {
          if (isReading) read(this);
        },
      });
      await subject.until(() => talk.server.sentByteLength > 0);
      await subject.turn();
      ok(talk.server.sentByteLength < byteLength, "the whole body was taken");
      isReading = true;
      read(request);
      await talk.ends("done");
      equal([readLength, talk.server.sentByteLength], [byteLength, byteLength]);
    },
  },
  {
    must: "follow no redirect",
    async check(subject) {
      const talk = await converse(subject, { status: 302, statusText: "Found", headers: { Location: "/there" } }, {});
      talk.ask();
      await talk.ends("done");
      equal([talk.lines, talk.server.requests.length], [["headers 302 Found", "done"], 1]);
    },
  },
];

export const BODIES: readonly Obligation<HTTPClientSubject>[] = [
  {
    must: "send a body of a given length",
    async check(subject) {
      const talk = await converse(subject, {});
      const parts = ["abcd", "ef"];
      talk.ask({
        method: "PUT",
        headers: new Map([["content-length", "6"]]),
        onWritable(count) {
          ok(count > 0 && count <= 6);
          for (const part of parts.splice(0)) this.write(bytesOf(part));
        },
      });
      await talk.ends("done");
      equal([talk.server.requests[0]?.method, talk.server.requests[0]?.body], ["PUT", "abcdef"]);
    },
  },
  {
    must: "send a chunked body until write() without bytes",
    async check(subject) {
      const talk = await converse(subject, {});
      const parts = ["abc", "de"];
      talk.ask({
        method: "POST",
        headers: new Map([["transfer-encoding", "chunked"]]),
        onWritable() {
          const part = parts.shift();
          this.write(part === undefined ? undefined : bytesOf(part));
        },
      });
      await talk.ends("done");
      equal(talk.server.requests[0]?.body, "abcde");
    },
  },
  {
    must: "refuse to write where no body is being sent",
    async check(subject) {
      const talk = await converse(subject, { body: ["a", "b"] });
      const request = talk.ask();
      await talk.ends("readable 1");
      throws(() => request.write(Uint8Array.of(1)));
      throws(() => request.write());
    },
  },
  {
    must: "refuse more than may be written, as a whole",
    async check(subject) {
      const talk = await converse(subject, {});
      let room = -1;
      talk.ask({
        method: "POST",
        headers: new Map([["transfer-encoding", "chunked"]]),
        onWritable(count) {
          if (room >= 0) return;
          throws(() => this.write(new Uint8Array(count + 1)));
          room = this.write(bytesOf("abc"));
          ok(room < count && room >= 0, "write gives what is left");
          this.write();
        },
      });
      await talk.ends("done");
      equal(talk.server.requests[0]?.body, "abc");
    },
  },
  {
    must: "keep no reference to a written buffer",
    async check(subject) {
      const talk = await converse(subject, {});
      talk.ask({
        method: "PUT",
        headers: new Map([["content-length", "3"]]),
        onWritable() {
          const bytes = bytesOf("abc");
          this.write(bytes);
          bytes.fill(0);
        },
      });
      await talk.ends("done");
      equal(talk.server.requests[0]?.body, "abc");
    },
  },
];

/**
 * What an HTTP client must do, as obligations: ECMA-419 (20 HTTP Client Class Pattern) and the law of the ports.
 *
 * The subject brings a scripted server, so that a host without one can be judged with its own; nothing here waits for time,
 * only for what has to happen. Of an error only that it came is checked: the standard promises no argument.
 */
import type { HTTPClient, HTTPClientConstructor, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../src/ports/http-client.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

/** What the server does once a request has arrived in full. Text is ASCII. */
export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Default "OK". */
  readonly statusText?: string;
  /** Names as they are to go over the wire. content-length is added. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The first part goes with the head, each other one at `next()`. Default: no body. */
  readonly body?: readonly string[];
  /** Default: the length of the whole body. */
  readonly contentLength?: number;
  /** What follows the last part. Default "close". */
  readonly end?: "close" | "reset" | "hold";
  /** Sent instead of a response. */
  readonly raw?: string;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface ScriptedServer {
  /** Options of a client for it. */
  readonly options: HTTPClientOptions;
  /** What has arrived in full, in order. */
  readonly requests: readonly ScriptedRequest[];
  readonly openConnectionCount: number;
  /** Body bytes that the server got rid of. */
  readonly sentByteLength: number;
  /** Sends the next part of the body under way. */
  next(): void;
}

export interface HTTPClientSubject {
  readonly HTTPClient: HTTPClientConstructor;
  /** More than all buffers between server and client hold. */
  readonly bufferByteLengthMax: number;
  /** A server that gives these answers, one a request. */
  serve(answers: readonly ScriptedAnswer[]): Promise<ScriptedServer>;
  /** Options of a client for a port where nobody listens. */
  nobody(): Promise<HTTPClientOptions>;
  /** Lets things happen until `condition` holds; rejects where it never does. */
  until(condition: () => boolean): Promise<void>;
  /** Lets happen whatever is due. */
  turn(): Promise<void>;
}

/** One server, one client, and what was called back, a line each: "headers 200 OK", "readable 3", "done", "error". */
class Conversation {
  readonly lines: string[] = [];
  readonly client: HTTPClient;
  readonly subject: HTTPClientSubject;
  readonly server: ScriptedServer;
  received = "";

  constructor(subject: HTTPClientSubject, server: ScriptedServer) {
    this.subject = subject;
    this.server = server;
    this.client = new subject.HTTPClient({ ...server.options, onError: () => this.lines.push("error") });
  }

  /** A request that is recorded; it reads what waits at once, unless `reads` says not to. */
  ask(options: HTTPRequestOptions = {}, reads = true): HTTPRequest {
    const conversation = this;
    return this.client.request({
      onHeaders(status, _headers, statusText) {
        conversation.lines.push(`headers ${status} ${statusText}`);
      },
      onReadable(count) {
        conversation.lines.push(`readable ${count}`);
        if (reads) conversation.received += textOf(this.read());
      },
      onDone() {
        conversation.lines.push("done");
      },
      ...options,
    });
  }

  /** Waits until the last line is `line`. */
  async ends(line: string): Promise<void> {
    await this.subject.until(() => this.lines.at(-1) === line);
  }
}

async function converse(subject: HTTPClientSubject, ...answers: ScriptedAnswer[]): Promise<Conversation> {
  return new Conversation(subject, await subject.serve(answers));
}

function textOf(buffer: ArrayBuffer | undefined): string {
  let text = "";
  for (const byte of new Uint8Array(buffer ?? new ArrayBuffer(0))) text += String.fromCharCode(byte);
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const REQUESTS: readonly Obligation<HTTPClientSubject>[] = [
  {
    must: "refuse a construction without options, host, socket or dns",
    async check(subject) {
      const { options } = await subject.serve([]);
      throws(() => new (subject.HTTPClient as unknown as new () => unknown)());
      for (const name of ["host", "socket", "dns"]) {
        const rest = Object.fromEntries(Object.entries(options).filter(([key]) => key !== name));
        throws(() => new subject.HTTPClient(rest as unknown as HTTPClientOptions));
      }
    },
  },
  {
    must: "accept frozen options and change nothing in them",
    async check(subject) {
      const { options } = await subject.serve([{}]);
      const frozen = Object.freeze({ ...options, colour: "blue" });
      const asked = Object.freeze({ headers: new Map([["x-a", "1"]]), headersMask: Object.freeze([]), colour: "blue" });
      const client = new subject.HTTPClient(frozen);
      client.request(asked);
      client.close();
      equal([frozen, asked.headers], [{ ...options, colour: "blue" }, new Map([["x-a", "1"]])]);
    },
  },
  {
    must: "send method, path and headers",
    async check(subject) {
      const talk = await converse(subject, {});
      talk.ask({ method: "DELETE", path: "/A/b?c=D", headers: new Map([["X-Key", "Some Value"]]) });
      await talk.ends("done");
      const request = talk.server.requests[0];
      equal([request?.method, request?.path, request?.headers.get("x-key")], ["DELETE", "/A/b?c=D", "Some Value"]);
    },
  },
  {
    must: "ask GET / where nothing else is said",
    async check(subject) {
      const talk = await converse(subject, {});
      talk.ask();
      await talk.ends("done");
      equal([talk.server.requests[0]?.method, talk.server.requests[0]?.path], ["GET", "/"]);
    },
  },
  {
    must: "run requests one after another, in their order",
    async check(subject) {
      const talk = await converse(subject, { body: ["a", "A"] }, { body: ["b"] });
      talk.ask({ path: "/a" });
      talk.ask({ path: "/b" });
      await talk.ends("readable 1");
      await subject.turn();
      equal(talk.server.requests.length, 1);
      talk.server.next();
      await subject.until(() => talk.lines.filter((line) => line === "done").length === 2);
      equal(talk.server.requests.map((request) => request.path), ["/a", "/b"]);
      const one = ["headers 200 OK", "readable 1"];
      equal([talk.lines, talk.received], [[...one, "readable 1", "done", ...one, "done"], "aAb"]);
    },
  },
  {
    must: "call back with the request as this, and with the client for its error",
    async check(subject) {
      const { options } = await subject.serve([{ body: ["a"] }]);
      const receivers: unknown[] = [];
      function note(this: unknown): void {
        receivers.push(this);
        if (receivers.length === 2) request.read();
      }
      const client = new subject.HTTPClient({ ...options, onError: note });
      const request = client.request({ onHeaders: note, onReadable: note, onDone: note });
      await subject.until(() => receivers.length === 3);
      ok(receivers.every((receiver) => receiver === request));
      const failing = new subject.HTTPClient({ ...(await subject.nobody()), onError: note });
      failing.request({});
      await subject.until(() => receivers.length === 4);
      ok(receivers[3] === failing);
    },
  },
  {
    must: "never call back from inside request() or read()",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc"] }, {});
      let isInside = false;
      let isViolated = false;
      const note = () => {
        isViolated ||= isInside;
      };
      const inside = <T>(call: () => T): T => {
        isInside = true;
        const result = call();
        isInside = false;
        return result;
      };
      let doneCount = 0;
      const onDone = () => {
        note();
        doneCount += 1;
      };
      const request = inside(() => talk.client.request({ onHeaders: note, onReadable: note, onDone }));
      inside(() => talk.client.request({ onHeaders: note, onDone }));
      await subject.until(() => inside(() => request.read(1)) !== undefined);
      inside(() => request.read());
      await subject.until(() => doneCount === 2);
      ok(!isViolated, "a callback ran inside a call");
    },
  },
];

const RESPONSES: readonly Obligation<HTTPClientSubject>[] = [
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

const ERRORS: readonly Obligation<HTTPClientSubject>[] = [
  {
    must: "report a body that ends early",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc"], contentLength: 4 });
      talk.ask();
      await subject.until(() => talk.lines.length > 0 && /done|error/.test(talk.lines.at(-1)!));
      equal([talk.lines.at(-1), talk.lines.includes("done")], ["error", false]);
    },
  },
  {
    must: "report a connection that is reset",
    async check(subject) {
      const talk = await converse(subject, { body: ["abc"], contentLength: 4, end: "reset" });
      talk.ask();
      await talk.ends("error");
    },
  },
  {
    must: "report a connection that is refused",
    async check(subject) {
      const lines: string[] = [];
      const client = new subject.HTTPClient({ ...(await subject.nobody()), onError: () => lines.push("error") });
      client.request({ onHeaders: () => lines.push("headers") });
      await subject.until(() => lines.length > 0);
      equal(lines, ["error"]);
    },
  },
  {
    must: "report what is no HTTP response",
    async check(subject) {
      const talk = await converse(subject, { raw: "SSH-2.0-OpenSSH\r\n\r\n" });
      talk.ask();
      await subject.until(() => talk.lines.length > 0);
      equal(talk.lines, ["error"]);
    },
  },
  {
    must: "report one error and nothing after it",
    async check(subject) {
      const talk = await converse(subject, { body: ["a"], contentLength: 2 }, {});
      talk.ask();
      talk.ask();
      await talk.ends("error");
      await subject.turn();
      equal([talk.lines, talk.server.requests.length], [["headers 200 OK", "readable 1", "error"], 1]);
    },
  },
  {
    must: "refuse requests after an error",
    async check(subject) {
      const talk = await converse(subject, { contentLength: 1 }, {});
      talk.ask();
      await talk.ends("error");
      throws(() => talk.ask());
      talk.client.close();
    },
  },
];

const CLOSING: readonly Obligation<HTTPClientSubject>[] = [
  {
    must: "call nothing back after close",
    async check(subject) {
      // A client is closed at every stage that it can be in.
      for (const stage of ["", "headers 200 OK", "readable 1"]) {
        const talk = await converse(subject, { body: ["a", "b"] }, {});
        const request = talk.ask({}, false);
        talk.ask();
        if (stage !== "") await subject.until(() => talk.lines.includes(stage));
        talk.client.close();
        const before = [...talk.lines];
        talk.server.next();
        await subject.turn();
        equal([talk.lines, request.read()], [before, undefined]);
      }
    },
  },
  {
    must: "end the connection on close",
    async check(subject) {
      const talk = await converse(subject, { body: ["a", "b"], end: "hold" });
      talk.ask();
      await talk.ends("readable 1");
      equal(talk.server.openConnectionCount, 1);
      talk.client.close();
      await subject.until(() => talk.server.openConnectionCount === 0);
    },
  },
  {
    must: "close any number of times and refuse requests afterwards",
    async check(subject) {
      const talk = await converse(subject, {});
      talk.client.close();
      talk.client.close();
      throws(() => talk.ask());
    },
  },
];

const BODIES: readonly Obligation<HTTPClientSubject>[] = [
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

export const HTTP_CLIENT_OBLIGATIONS: readonly Obligation<HTTPClientSubject>[] = Object.freeze([
  ...REQUESTS,
  ...RESPONSES,
  ...ERRORS,
  ...CLOSING,
  ...BODIES,
]);

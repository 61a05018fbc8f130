/**
 * What an HTTP client must do, as obligations: ECMA-419 (20 HTTP Client Class Pattern) and the law of the ports.
 *
 * Here are its requests, its errors and its end; what concerns responses and bodies is in `http-client-body.ts`. Of an error
 * only that it came is checked: the standard promises no argument.
 */
import type { HTTPClientOptions } from "../../src/ports/http-client.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";
import { BODIES, RESPONSES } from "./http-client-body.js";
import { converse, type HTTPClientSubject } from "./http-client-conversation.js";

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
      equal(
        talk.server.requests.map((request) => request.path),
        ["/a", "/b"],
      );
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

export const HTTP_CLIENT_OBLIGATIONS: readonly Obligation<HTTPClientSubject>[] = Object.freeze([
  ...REQUESTS,
  ...RESPONSES,
  ...ERRORS,
  ...CLOSING,
  ...BODIES,
]);

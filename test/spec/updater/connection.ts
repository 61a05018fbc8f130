/** One exchange at a time: what a server does is noted in callbacks and done in tasks, a slice at a time. */
import { AssertionError } from "../../../src/assert.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Bench, TIMEOUT_MS } from "./connection-bench.js";

describe("a connection asks", () => {
  it("the server that it is made for, with the options of the host's class and one client", () => {
    const bench = new Bench();
    equal(bench.clients.length, 0, "not before the first request");
    bench.send({ headers: new Map([["accept", "*/*"]]) });
    const { host, port, socket, dns } = bench.client.options;
    equal([host, port, socket, dns], ["updates.example.com", 8080, { kind: "socket" }, { kind: "dns" }]);
    const { method, path, headers, headersMask } = bench.request.options;
    equal([method, path, headers], ["GET", "/a", new Map([["accept", "*/*"]])]);
    equal(headersMask, ["content-length", "content-range", "etag", "retry-after", "date"]);
  });

  it("by TLS with its own roots, where the server has it", () => {
    const tls = { roots: ["a root"], serverName: "updates" };
    const bench = new Bench({ host: "h", port: 443, tls });
    bench.send();
    equal(bench.client.options.socket, { kind: "socket", secure: tls });
  });

  it("with a body by telling its length, and sends it as there is room, each part once", () => {
    const bench = new Bench();
    const headers = new Map([["authorization", "TargetToken a"]]);
    bench.send({ method: "POST", body: '{"ü":1}', headers });
    const sent = [...headers, ["content-type", "application/json"], ["content-length", "8"]] as [string, string][];
    equal([bench.request.options.method, bench.request.options.headers], ["POST", new Map(sent)]);
    equal(headers.size, 1, "what it was given is not changed");
    bench.turn();
    equal(bench.request.written, [], "nobody asked for it");
    bench.request.wantBody(0);
    for (const count of [3, 1, 100, 100]) {
      bench.request.wantBody(count);
      bench.turn();
      bench.request.deliver(); // Something else happens.
      bench.turn();
    }
    equal(bench.request.written, ['{"\u00c3', "\u00bc", '":1}'], "and no more than there was room for");
  });

  it("with no more of a body once the server has answered: it does not want the rest", () => {
    const bench = new Bench();
    bench.send({ method: "POST", body: "{12345678}" });
    bench.request.wantBody(3);
    bench.turn();
    bench.request.head(413);
    bench.request.wantBody(3);
    bench.turn();
    equal(bench.request.written, ["{12"]);
  });

  it("one thing at a time", () => {
    const bench = new Bench();
    bench.send();
    ok(throws(() => bench.send({ path: "/b" })) instanceof AssertionError);
    equal(bench.client.requests.length, 1);
  });

  it("nothing that the client refuses, and lets whoever asked know", () => {
    const bench = new Bench();
    throws(() => bench.send({ path: "/refused" }), "invalid", /no such path/);
    equal([bench.client.state, bench.turn(10 * TIMEOUT_MS)], ["closed", []], "and no word of it later");
    bench.send();
    equal(bench.clients.length, 2);
  });
});

describe("a connection delivers", () => {
  it("head, body and end from a task, nothing from within a callback of the client", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head(200, { "content-length": "6" });
    bench.request.deliver(1, 2, 3, 4, 5, 6);
    bench.request.done();
    equal(bench.log, []);
    equal(bench.turn(), ["head 200 content-length,6", "bytes 1 2 3 4", "bytes 5 6", "end"]);
    equal(bench.turn(10 * TIMEOUT_MS), [], "the end is the end");
  });

  it("no two slices of a body without a turn of the scheduler between them", () => {
    const bench = new Bench();
    bench.roomBytes = 1;
    const other = bench.scheduler.task({ name: "other", run: () => bench.log.push("another task") });
    const lowest = bench.scheduler.task({ name: "lowest", priority: "low", run: () => bench.log.push("as low a task") });
    bench.onNote = (line) => {
      if (!line.startsWith("bytes")) return;
      other.post();
      lowest.post();
    };
    bench.send();
    bench.request.head();
    bench.request.deliver(1, 2, 3);
    const turns = ["another task", "as low a task"];
    equal(bench.turn(), ["head 200 ", "bytes 1", ...turns, "bytes 2", ...turns, "bytes 3", ...turns]);
  });

  it("nothing of a body that nobody has room for, until there is some", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head();
    bench.request.deliver(1, 2, 3, 4, 5);
    bench.roomBytes = 2;
    equal(bench.turn(), ["head 200 ", "bytes 1 2", "bytes 3 4", "bytes 5"]);
    equal(
      bench.request.wantedBytes.every((count) => count === 2),
      true,
    );
  });

  it("an answer without a body, and one whose end comes with its last bytes", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head(204);
    bench.request.done();
    equal(bench.turn(), ["head 204 ", "end"]);
    bench.send();
    bench.request.head();
    bench.request.deliver(1);
    bench.request.done();
    equal(bench.turn(), ["head 200 ", "bytes 1", "end"]);
    equal(bench.clients.length, 1, "over the same client");
  });

  it("the end of one exchange, from which the next may be sent", () => {
    const bench = new Bench();
    bench.onEnd = () => {
      bench.onEnd = () => {};
      bench.send({ path: "/b" }, "b: ");
    };
    bench.send({}, "a: ");
    bench.request.head();
    bench.request.done();
    equal(bench.turn(), ["a: head 200 ", "a: end"]);
    equal(bench.request.options.path, "/b");
    bench.request.head();
    bench.request.done();
    equal([bench.turn(), bench.clients.length], [["b: head 200 ", "b: end"], 1]);
  });
});

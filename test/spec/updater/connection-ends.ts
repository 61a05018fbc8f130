/** Every exchange has an end: stalled, slow, cut, refused or hung up, it is told once and leaves nothing open. */
import { AssertionError } from "../../../src/assert.js";
import { FirmwareError } from "../../../src/errors.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Bench, STALL_MS, TIMEOUT_MS } from "./connection-bench.js";

describe("a connection gives up", () => {
  it("what delivers nothing for the stall timeout, before the head, after it and after a part of the body", () => {
    const starts: readonly ((bench: Bench) => void)[] = [
      () => {},
      (bench) => bench.request.head(),
      (bench) => {
        bench.request.head();
        bench.request.deliver(1);
      },
    ];
    for (const start of starts) {
      const bench = new Bench();
      bench.send();
      bench.turn(STALL_MS / 2);
      start(bench);
      bench.turn();
      const isSilent = start === starts[0];
      equal(bench.turn(STALL_MS / 2 - 1), []);
      const expected = ["fail timeout the server sent nothing in time"];
      if (isSilent) equal(bench.turn(1), expected, "counted from the request");
      else equal([bench.turn(STALL_MS / 2), bench.turn(1)], [[], expected], "counted from the last sign of life");
      equal([bench.client.state, bench.turn(10 * TIMEOUT_MS)], ["closed", []]);
    }
  });

  it("what takes longer than the whole of it may, however much it delivers", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head();
    let count = 0;
    while (bench.time.nowMs < TIMEOUT_MS - STALL_MS / 2) {
      bench.turn(STALL_MS / 2);
      bench.request.deliver(count++);
    }
    equal(bench.turn(STALL_MS / 2 - 1), [`bytes ${count - 1}`]);
    equal(bench.turn(1), ["fail timeout the server took longer than it may"]);
    equal([bench.time.nowMs, bench.client.state], [TIMEOUT_MS, "closed"]);
  });

  it("what ends with an error of the client, with its words or without any, and says so once", () => {
    for (const [error, message] of [
      [new Error("reset by peer"), "fail io reset by peer"],
      [undefined, "fail io the connection ended early"],
    ] as const) {
      const bench = new Bench();
      bench.send();
      bench.request.head();
      bench.turn();
      bench.client.end(error);
      equal(bench.log, [], "not from within the callback");
      equal(bench.turn(), [message]);
      equal([bench.turn(10 * TIMEOUT_MS), bench.client.state], [[], "closed"]);
    }
  });

  it("what the sink refuses, at any of its calls, with the sink's own error", () => {
    for (const [count, lines] of [
      [0, ["head 200 "]],
      [1, ["head 200 ", "bytes 1"]],
      [2, ["head 200 ", "bytes 1", "end"]],
    ] as const) {
      const bench = new Bench();
      bench.onNote = () => {
        if (bench.log.length === count + 1) bench.thrown = new FirmwareError("corrupt", "not what was signed");
      };
      bench.send();
      bench.request.head();
      bench.request.deliver(1);
      bench.request.done();
      equal(bench.turn(), [...lines, "fail corrupt not what was signed"]);
      equal([bench.client.state, bench.turn(10 * TIMEOUT_MS)], ["closed", []]);
    }
  });

  it("nothing on account of an assertion that failed in a sink: that is a fault of the child", () => {
    const bench = new Bench();
    bench.onNote = () => {
      bench.thrown = new AssertionError("a promise of ours");
      bench.onNote = () => {};
    };
    bench.send();
    bench.request.head();
    equal(bench.turn(), ["head 200 ", "fault a promise of ours"]);
    bench.connection.close();
    equal([bench.client.state, bench.turn(10 * TIMEOUT_MS), bench.scheduler.taskCount], ["closed", [], 0]);
  });

  it("once, even where whoever hears of it fails in turn", () => {
    const reset = (bench: Bench): string[] => {
      bench.client.end();
      return bench.turn();
    };
    for (const end of [(bench: Bench) => bench.turn(STALL_MS), reset]) {
      const bench = new Bench();
      bench.thrownByFail = new FirmwareError("io", "the journal takes nothing");
      bench.send();
      const lines = [...end(bench), ...bench.turn()];
      equal(lines.filter((line) => line.startsWith("fail")).length, 1, lines.join(", "));
      equal(lines[lines.length - 1], "fault the journal takes nothing");
    }
  });

  it("and asks anew over another client", () => {
    const bench = new Bench();
    bench.send({}, "a: ");
    bench.turn(STALL_MS);
    bench.send({}, "b: ");
    bench.request.head();
    bench.request.done();
    equal([bench.turn(), bench.clients.length], [["b: head 200 ", "b: end"], 2]);
  });
});

describe("a connection that was hung up", () => {
  it("says no more of what was under way, whatever its client still calls", () => {
    const bench = new Bench();
    bench.send({}, "old: ");
    const { client, request } = bench;
    bench.connection.hangUp();
    equal(client.state, "closed");
    const callLate = (): void => {
      request.head();
      request.deliver(1, 2);
      request.wantBody(5);
      request.done();
      client.end(new Error("late"));
    };
    callLate();
    equal(bench.turn(10 * TIMEOUT_MS), []);
    bench.send({}, "new: ");
    callLate();
    equal(bench.turn(), []);
    bench.request.head();
    callLate();
    bench.request.done();
    equal(bench.turn(), ["new: head 200 ", "new: end"]);
    equal(request.written, []);
  });

  it("from within a sink delivers nothing after that", () => {
    for (const word of ["head", "bytes"]) {
      const bench = new Bench();
      bench.onNote = (line) => {
        if (line.startsWith(word)) bench.connection.hangUp();
      };
      bench.send();
      bench.request.head();
      bench.request.deliver(1);
      bench.request.done();
      const lines = bench.turn(10 * TIMEOUT_MS);
      ok(lines[lines.length - 1]!.startsWith(word), lines.join(", "));
      bench.send();
      equal(bench.clients.length, 2);
    }
  });

  it("from within a sink may ask anew at once, and the new exchange has all its time", () => {
    for (const word of ["old: head", "old: bytes"]) {
      const bench = new Bench();
      bench.onNote = (line) => {
        if (!line.startsWith(word)) return;
        bench.connection.hangUp();
        bench.send({ timeoutMs: 2 * TIMEOUT_MS }, "new: ");
      };
      bench.send({ timeoutMs: STALL_MS / 2 }, "old: ");
      bench.turn(STALL_MS / 2 - 1);
      bench.request.head();
      bench.request.deliver(1);
      bench.turn();
      equal(bench.turn(STALL_MS - 1), []);
      equal(bench.turn(1), ["fail timeout the server sent nothing in time"], word);
    }
  });

  it("may be hung up and closed again, at any time", () => {
    const bench = new Bench();
    bench.connection.hangUp();
    bench.send();
    bench.connection.close();
    bench.connection.close();
    bench.request.head();
    bench.client.end();
    equal([bench.turn(10 * TIMEOUT_MS), bench.scheduler.taskCount], [[], 0]);
  });
});

describe("a server that ends a connection", () => {
  function answered(): Bench {
    const bench = new Bench();
    bench.send();
    bench.request.head();
    bench.request.done();
    bench.turn();
    return bench;
  }

  it("is no failure while nothing is asked: the next request connects anew", () => {
    const bench = answered();
    bench.client.end(new Error("idle for too long"));
    equal([bench.turn(10 * TIMEOUT_MS), bench.client.state], [[], "closed"]);
    bench.send();
    equal(bench.clients.length, 2);
  });

  it("is no failure where the next request is sent before anybody noticed", () => {
    const bench = answered();
    bench.client.end(new Error("idle for too long"));
    bench.send({}, "next: ");
    equal(bench.clients.length, 2);
    bench.request.head();
    bench.request.done();
    equal(bench.turn(10 * TIMEOUT_MS), ["next: head 200 ", "next: end"]);
  });

  it("is no failure right behind an answer that is complete", () => {
    const bench = new Bench();
    bench.send({}, "a: ");
    bench.request.head();
    bench.request.done();
    bench.client.end(new Error("connection: close"));
    equal(bench.turn(), ["a: head 200 ", "a: end"]);
    bench.send({}, "b: ");
    equal(bench.clients.length, 2);
    bench.request.head();
    bench.request.done();
    equal(bench.turn(10 * TIMEOUT_MS), ["b: head 200 ", "b: end"]);
  });
});

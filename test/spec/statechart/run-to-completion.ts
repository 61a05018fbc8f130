/** One event at a time: what callbacks send and raise waits its turn, in a queue with a bound. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Trace } from "./support.js";

function trace(line: string) {
  return (context: Trace): void => void context.lines.push(line);
}

describe("statechart: run to completion", () => {
  it("an event sent within a transition waits until that transition is complete", () => {
    const chart = defineChart({
      initial: "a",
      events: ["GO", "NEXT"],
      states: {
        a: {
          exit(context: Trace, machine) {
            context.lines.push("-a");
            machine.send("NEXT", "sent in the exit");
          },
          on: { GO: { target: "b", action: trace("go") }, NEXT: { action: trace("next in a") } },
        },
        b: {
          entry: trace("+b"),
          on: { NEXT: { target: "c", action: (context, payload) => void context.lines.push(`next in b: ${payload}`) } },
        },
        c: { entry: trace("+c") },
      },
    });
    const context = new Trace();
    const machine = new Machine(chart, { name: "m", context });
    machine.start();
    machine.send("GO");
    context.expect(
      [
        ["-a", "the exit sends NEXT"],
        ["go", "the action of GO goes first"],
        ["+b", "and the entry"],
        ["next in b: sent in the exit", "NEXT finds the state that GO led to"],
        ["+c", "its target"],
      ],
      "GO",
    );
  });

  it("eventless transitions come before raised events, and those before sent ones", () => {
    let isDue = false;
    const chart = defineChart({
      initial: "a",
      events: ["GO", "RAISED_1", "RAISED_2", "SENT_1", "SENT_2"],
      states: {
        a: {
          on: {
            GO: {
              action(context: Trace, _payload, machine) {
                machine.send("SENT_1");
                machine.raise("RAISED_1");
                machine.send("SENT_2");
                machine.raise("RAISED_2");
                isDue = true;
                context.lines.push("go");
              },
            },
            RAISED_1: {
              action(context, _payload, machine) {
                context.lines.push("raised 1");
                machine.raise("RAISED_2");
              },
            },
            RAISED_2: { action: trace("raised 2") },
            SENT_1: {
              action(context, _payload, machine) {
                context.lines.push("sent 1");
                machine.raise("RAISED_2");
              },
            },
            SENT_2: { action: trace("sent 2") },
          },
          always: [
            {
              guard: () => isDue,
              action(context) {
                isDue = false;
                context.lines.push("always");
              },
            },
          ],
        },
      },
    });
    const context = new Trace();
    const machine = new Machine(chart, { name: "m", context });
    machine.start();
    machine.send("GO");
    context.expect(
      [
        ["go", "the event itself"],
        ["always", "eventless before any queued event"],
        ["raised 1", "raised events in their order, before the sent one that was queued earlier"],
        ["raised 2", "raised by GO"],
        ["raised 2", "raised by RAISED_1, behind it"],
        ["sent 1", "sent events in their order"],
        ["raised 2", "raised by SENT_1: before SENT_2, which was there before"],
        ["sent 2", "last"],
      ],
      "GO",
    );
  });

  it("what the start's entries send is handled before start returns", () => {
    const chart = defineChart({
      initial: "a",
      states: { a: { entry: (_context, machine) => machine.send("GO"), on: { GO: "b" } }, b: {} },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    equal(machine.state, "b");
  });

  it("two machines that send to each other do not run inside each other's transitions", () => {
    const context = new Trace();
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          on: {
            PING: {
              target: "b",
              action: (context: { trace: Trace; peer(): void; name: string }) => {
                context.trace.lines.push(`${context.name} action`);
                context.peer();
                context.trace.lines.push(`${context.name} action ends`);
              },
            },
          },
        },
        b: { entry: (context) => void context.trace.lines.push(`${context.name} in b`), on: { PING: "a" } },
      },
    });
    const left = new Machine(chart, {
      name: "left",
      context: { trace: context, name: "left", peer: () => right.send("PING") },
    });
    const right = new Machine(chart, {
      name: "right",
      context: { trace: context, name: "right", peer: () => left.send("PING") },
    });
    left.start();
    right.start();
    left.send("PING");
    context.expect(
      [
        ["left action", "left handles PING"],
        ["right action", "right runs within left's action, it is at rest"],
        ["right action ends", "its PING to left waited in left's queue"],
        ["right in b", "right is complete"],
        ["left action ends", "left goes on"],
        ["left in b", "left completes PING before it handles the one from right"],
      ],
      "PING",
    );
    equal(left.state, "a", "the second PING");
  });
});

describe("statechart: the queue's bound", () => {
  /** A chart whose action on FILL does `body` and that counts ITEMs. */
  function filler(body: (context: number[], machine: { send(event: "ITEM", payload: number): void }) => void) {
    return defineChart({
      initial: "a",
      events: ["FILL", "ITEM"],
      states: {
        a: {
          on: {
            FILL: { action: (context: number[], _payload, machine) => body(context, machine) },
            ITEM: { action: (context, payload) => void context.push(payload as number) },
          },
        },
      },
    });
  }

  it("refuses the event that does not fit, to its sender, and loses none of those before", () => {
    const context: number[] = [];
    const chart = filler((_context, machine) => {
      for (let item = 1; item <= 3; item++) machine.send("ITEM", item);
      throws(() => machine.send("ITEM", 4), "full", /machine m: no room for ITEM in state "a"/);
    });
    const machine = new Machine(chart, { name: "m", context, queueCountMax: 3 });
    machine.start();
    machine.send("FILL");
    equal(context, [1, 2, 3]);
    machine.send("FILL");
    equal(context, [1, 2, 3, 1, 2, 3], "the room is there again");
  });

  it("is 8 events where nothing else is asked for", () => {
    const context: number[] = [];
    const chart = filler((_context, machine) => {
      for (let item = 1; item <= 8; item++) machine.send("ITEM", item);
      throws(() => machine.send("ITEM", 9), "full");
    });
    const machine = new Machine(chart, { name: "m", context });
    machine.start();
    machine.send("FILL");
    equal(context.length, 8);
  });

  it("a full queue still takes the error of the action that filled it", () => {
    const errors: unknown[] = [];
    const chart = filler((_context, machine) => {
      for (;;) machine.send("ITEM", 1);
    });
    const context: number[] = [];
    const machine = new Machine(chart, { name: "m", context, queueCountMax: 2, onError: (error) => errors.push(error) });
    machine.start();
    machine.send("FILL");
    equal(context, [1, 1], "what was accepted is handled");
    equal(errors.length, 1, "the refusal, which the action did not catch");
  });

  it("a machine that answers its own events for ever is refused the next, so that its run ends", () => {
    let handled = 0;
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          on: {
            AGAIN: {
              action(_context: undefined, _payload, machine) {
                handled++;
                machine.send("AGAIN");
              },
            },
          },
        },
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined, microstepCountMax: 10 });
    machine.start();
    throws(() => machine.send("AGAIN"), "full", /no room for AGAIN/);
    equal(handled, 11, "the event from outside and ten of its own");
  });
});

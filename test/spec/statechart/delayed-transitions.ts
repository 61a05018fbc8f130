/** Transitions that are taken when their state has been active for a time. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualDelays } from "./support.js";

const chart = defineChart({
  initial: "idle",
  events: ["START", "STOP", "TICK", "AGAIN", "INSIDE"],
  states: {
    idle: { on: { START: "running" } },
    running: {
      initial: "warm",
      after: [{ delayMs: 20_000, target: "idle", action: (context: string[]) => void context.push("gave up") }],
      on: { STOP: "idle", AGAIN: "running", INSIDE: { target: "warm", internal: true } },
      states: {
        warm: {
          on: { TICK: {} },
          after: [
            { delayMs: 1000, action: (context) => void context.push("still warm") },
            { delayMs: 5000, guard: (context) => !context.includes("hold"), target: "hot" },
          ],
        },
        hot: {},
      },
    },
  },
});

function startRunning(context: string[] = []) {
  const delays = new ManualDelays();
  const machine = new Machine(chart, { name: "heater", context, scheduler: delays });
  machine.start();
  machine.send("START");
  return { delays, machine, context };
}

describe("statechart: delayed transitions", () => {
  it("have one task each, made with the machine and named after both", () => {
    const delays = new ManualDelays();
    const machine = new Machine(chart, { name: "heater", context: [], scheduler: delays });
    const names = ["heater after.running.0", "heater after.running.warm.0", "heater after.running.warm.1"];
    equal(
      delays.tasks.map((task) => task.name),
      names,
    );
    equal(delays.armedCount, 0, "none runs before its state is entered");
    machine.start();
    machine.send("START");
    equal(delays.armedCount, 3);
    machine.send("STOP");
    machine.send("START");
    equal(delays.tasks.length, 3, "entering again makes no new ones");
  });

  it("are taken after their delay and not before", () => {
    const { delays, machine, context } = startRunning();
    delays.advance(4999);
    equal([machine.state, context], ["running.warm", ["still warm"]], "the one without a target leaves its state alone");
    delays.advance(1);
    equal(machine.state, "running.hot");
  });

  it("are cancelled when their state is left, and those of the states around it are not", () => {
    const { delays, machine, context } = startRunning();
    delays.advance(5000);
    equal(delays.armedCount, 1, "running's own is armed still");
    delays.advance(15_000);
    equal([machine.state, context], ["idle", ["still warm", "gave up"]]);
    equal(delays.armedCount, 0);
  });

  it("start anew when their state is entered again", () => {
    const { delays, machine } = startRunning();
    delays.advance(4000);
    machine.send("STOP");
    delays.advance(60_000);
    equal(machine.state, "idle", "nothing of the first time is left");
    machine.send("START");
    delays.advance(4999);
    equal(machine.state, "running.warm", "the first 4 s do not count");
    delays.advance(1);
    equal(machine.state, "running.hot");
  });

  it("start anew in a state that is left and entered by one transition, and only there", () => {
    const { delays, machine } = startRunning();
    delays.advance(4000);
    machine.send("INSIDE");
    delays.advance(4999);
    equal(machine.state, "running.warm", "warm was entered again");
    delays.advance(1);
    equal(machine.state, "running.hot");
    delays.advance(10_999);
    equal(machine.state, "running.hot");
    delays.advance(1);
    equal(machine.state, "idle", "running was not left: its 20 s go on");
  });

  it("are not disturbed by events that leave nothing", () => {
    const { delays, machine } = startRunning();
    delays.advance(4000);
    machine.send("TICK");
    delays.advance(1000);
    equal(machine.state, "running.hot");
  });

  it("are not tried again once their guard was false", () => {
    const { delays, machine, context } = startRunning(["hold"]);
    delays.advance(5000);
    context.length = 0;
    delays.advance(10_000);
    equal(machine.state, "running.warm");
  });

  it("are not answered by a state inside that answers any event", () => {
    const delays = new ManualDelays();
    const any = defineChart({
      initial: "a",
      states: { a: { initial: "b", after: [{ delayMs: 10, target: "c" }], states: { b: { on: { "*": {} } } } }, c: {} },
    });
    const machine = new Machine(any, { name: "m", context: undefined, scheduler: delays });
    machine.start();
    delays.advance(10);
    equal(machine.state, "c");
  });

  it("of one state at one time are taken in the order of the document, unless the first leaves it", () => {
    const delays = new ManualDelays();
    const seen: string[] = [];
    const both = defineChart({
      initial: "a",
      states: {
        a: {
          after: [
            { delayMs: 10, action: () => void seen.push("first") },
            { delayMs: 10, target: "b" },
            { delayMs: 10, action: () => void seen.push("third") },
          ],
        },
        b: {},
      },
    });
    const machine = new Machine(both, { name: "m", context: undefined, scheduler: delays });
    machine.start();
    delays.advance(10);
    equal([machine.state, seen], ["b", ["first"]]);
  });

  it("that come due within a callback wait until its run is complete", () => {
    const delays = new ManualDelays();
    const seen: string[] = [];
    const nested = defineChart({
      initial: "a",
      states: {
        a: {
          after: [{ delayMs: 10, action: () => void seen.push("delayed") }],
          on: {
            GO: {
              action() {
                delays.advance(10);
                seen.push("go");
              },
            },
            LEAVE: { target: "b", action: () => delays.advance(10) },
          },
        },
        b: { entry: () => void seen.push("+b"), on: { GO: "a" } },
      },
    });
    const machine = new Machine(nested, { name: "m", context: undefined, scheduler: delays });
    machine.start();
    // The manual clock would run a task that asks for "now" over and over: ask one step at a time.
    const task = delays.tasks[0]!;
    delays.advance = (delayMs: number) => {
      delays.nowMs += delayMs;
      task.run();
    };
    machine.send("GO");
    equal(seen, ["go"], "it did not run within the action");
    equal(task.dueMs, delays.nowMs, "it is due at once");
    task.run();
    equal(seen, ["go", "delayed"]);
  });

  it("need a scheduler, and say so", () => {
    throws(
      () => new Machine(chart, { name: "heater", context: [] }),
      "invalid",
      /machine heater: after\.running\.0 needs a scheduler/,
    );
  });

  it("that cannot be armed are an error of the entry, which is done all the same", () => {
    const seen: string[] = [];
    const broken = defineChart({
      initial: "a",
      states: {
        a: {
          entry: () => void seen.push("+a"),
          exit: () => void seen.push("-a"),
          after: [{ delayMs: 10, target: "b" }],
          on: { "error.execution": "b" },
        },
        b: {},
      },
    });
    const delays = new ManualDelays();
    const machine = new Machine(broken, { name: "m", context: undefined, scheduler: delays });
    delays.tasks[0]!.runAfter = () => {
      throw new Error("no more room");
    };
    machine.start();
    equal([machine.state, seen], ["b", ["+a", "-a"]]);
  });
});

/** A chart's delays on the real scheduler: it is a source of delays as it is, and takes a machine's fault. */
import { Scheduler } from "../../../src/scheduler/index.js";
import { type Delays, defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../scheduler/manual-time.js";

const chart = defineChart({
  initial: "warm",
  events: ["AGAIN", "BREAK"],
  states: {
    warm: {
      on: { AGAIN: "warm" },
      after: [
        { delayMs: 5000, action: (context: string[]) => void context.push("first") },
        { delayMs: 5000, target: "hot" },
        { delayMs: 5000, action: (context) => void context.push("never") },
      ],
    },
    hot: {
      after: [
        {
          delayMs: 10,
          target: "cold",
          action() {
            throw new Error("no fan");
          },
        },
      ],
    },
    cold: {},
  },
});

function make(taskCountMax: number) {
  const time = new ManualTime();
  const faults: string[] = [];
  const scheduler = new Scheduler({
    clock: time.clock,
    Timer: time.Timer,
    taskCountMax,
    onFault: (task, error) => faults.push(`${task.name}: ${(error as Error).message}`),
  });
  scheduler.start();
  return { time, scheduler, faults };
}

describe("statechart: delays on the scheduler", () => {
  it("run in time and in the order of the document, and not once their state is left", () => {
    const { time, scheduler } = make(8);
    const delays: Delays = scheduler;
    const context: string[] = [];
    const machine = new Machine(chart, { name: "fan", context, scheduler: delays });
    machine.start();
    time.advance(4000);
    machine.send("AGAIN");
    time.advance(4999);
    equal(context, []);
    time.advance(1);
    equal([machine.state, context], ["hot", ["first"]], "all three were due: the second left the state of the third");
    time.advance(60_000);
    equal(context, ["first"]);
  });

  it("give what nobody answered to the scheduler's dispatch point, with a legal configuration", () => {
    const { time, scheduler, faults } = make(8);
    const machine = new Machine(chart, { name: "fan", context: [], scheduler });
    machine.start();
    time.advance(5010);
    equal([machine.state, faults], ["cold", ["fan after.hot.0: no fan"]]);
  });

  it("give their places back when the machine is closed", () => {
    const { scheduler } = make(8);
    const machine = new Machine(chart, { name: "fan", context: [], scheduler });
    equal(scheduler.taskCount, 4);
    machine.start();
    machine.close();
    equal(scheduler.taskCount, 0);
  });

  it("take all places or none", () => {
    const { scheduler } = make(3);
    throws(() => new Machine(chart, { name: "fan", context: [], scheduler }), "full");
    equal(scheduler.taskCount, 0);
  });
});

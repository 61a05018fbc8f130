/** What `on` may say instead of an event's name: any event, a prefix, the machine's own events. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

describe("statechart: event descriptors", () => {
  function note(line: string) {
    return { action: (context: string[]) => void context.push(line) };
  }
  const chart = defineChart({
    initial: "outer",
    events: ["door.opened", "door.closed", "doorbell", "door", "BREAK"],
    states: {
      outer: {
        initial: "a",
        on: { "*": note("any"), doorbell: note("too late") },
        states: {
          a: {
            on: {
              "door.opened": note("opened"),
              "door.*": note("door"),
              "error.*": note("error"),
              BREAK: {
                action() {
                  throw new Error("broken");
                },
              },
            },
          },
        },
      },
    },
  });
  const context: string[] = [];
  const machine = new Machine(chart, { name: "m", context });
  function answer(event: "door.opened" | "door.closed" | "doorbell" | "door" | "BREAK"): string[] {
    if (!machine.isRunning) machine.start();
    context.length = 0;
    machine.send(event);
    return [...context];
  }

  it("an exact name", () => equal(answer("door.opened"), ["opened"]));
  it("a prefix, up to a dot", () => equal(answer("door.closed"), ["door"]));
  it("a prefix, which also fits itself", () => equal(answer("door"), ["door"]));
  it("any event; the first in the document is taken, exact or not", () => equal(answer("doorbell"), ["any"]));
  it("the machine's own events", () => equal(answer("BREAK"), ["error"]));

  it("a name without a star fits longer names too, as in SCXML", () => {
    const prefix = defineChart({
      initial: "a",
      events: ["door", "door.opened"],
      states: { a: { on: { door: note("door") } } },
    });
    const seen: string[] = [];
    const other = new Machine(prefix, { name: "m", context: seen });
    other.start();
    other.send("door.opened");
    equal(seen, ["door"]);
  });
});

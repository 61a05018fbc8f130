/** The ring in which events wait: raised ones before sent ones, and a bound. */
import { EventQueue } from "../../../src/statechart/event-queue.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function drain(queue: EventQueue): unknown[] {
  const taken: unknown[] = [];
  while (!queue.isEmpty) {
    taken.push([queue.headEvent, queue.headPayload, queue.hasRaised]);
    queue.drop();
  }
  return taken;
}

describe("statechart: the event queue", () => {
  it("gives raised events first, each kind in its order", () => {
    const queue = new EventQueue(4);
    queue.send(1, "one");
    queue.raise(2, "two");
    queue.send(3, "three");
    queue.raise(4, "four");
    equal(drain(queue), [
      [2, "two", true],
      [4, "four", true],
      [1, "one", false],
      [3, "three", false],
    ]);
  });

  it("is right at every place of the ring", () => {
    const queue = new EventQueue(3);
    for (let turn = 0; turn < 20; turn++) {
      equal([queue.send(1, turn), queue.send(2, turn), queue.raise(3, turn)], [true, true, true]);
      equal(drain(queue), [
        [3, turn, true],
        [1, turn, false],
        [2, turn, false],
      ]);
      queue.send(9, turn);
      queue.drop();
    }
  });

  it("refuses what is over its bound and keeps what it has", () => {
    const queue = new EventQueue(2);
    equal([queue.send(1, 0), queue.raise(2, 0), queue.send(3, 0), queue.raise(4, 0)], [true, true, false, false]);
    equal(drain(queue), [
      [2, 0, true],
      [1, 0, false],
    ]);
  });

  it("has two more places for the machine's own events", () => {
    const queue = new EventQueue(1);
    queue.send(1, 0);
    equal([queue.raiseOwn(2, 0), queue.raiseOwn(3, 0), queue.raiseOwn(4, 0), queue.raise(5, 0)], [true, true, false, false]);
    equal(drain(queue), [
      [2, 0, true],
      [3, 0, true],
      [1, 0, false],
    ]);
  });

  it("does not answer when it is empty", () => {
    const queue = new EventQueue(1);
    throws(() => queue.headEvent);
    throws(() => queue.headPayload);
    throws(() => queue.drop());
  });
});

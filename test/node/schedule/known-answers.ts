/** Task sets whose worst responses are known, and that the real scheduler reaches to the eighth of a millisecond. */
import { analyse } from "../../../cli/schedule/analysis.js";
import type { TaskRow, TaskTable } from "../../../cli/schedule/task-table.js";
import type { Priority } from "../../../src/scheduler/task.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { live } from "./task-sets.js";

type Short = readonly [priority: Priority, periodMs: number, runMs: number, deadlineMs?: number];

function table(rows: readonly Short[], timerLatenessMs = 0): TaskTable {
  const tasks = rows.map(
    ([priority, periodMs, runMs, deadlineMs = periodMs], index): TaskRow => ({
      name: `task ${index}`,
      ...{ priority, periodMs, runMs, deadlineMs },
    }),
  );
  return { tasks, timerLatenessMs };
}

function responses(set: TaskTable): (number | undefined)[] {
  return analyse(set).tasks.map(({ responseMs }) => responseMs);
}

/** The worst that the real scheduler shows from these phases on. */
function seen({ tasks }: TaskTable, phasesMs: readonly number[] = tasks.map(() => 0)): number[] {
  return live(tasks, { phasesMs, drawRunMs: (runMs) => runMs }, () => 0).map(({ responseMs }) => responseMs);
}

describe("schedule: known answers", () => {
  it("a task alone ends after its run, and after the timer's lateness", () => {
    equal(responses(table([["normal", 10, 4]])), [4]);
    equal(responses(table([["normal", 10, 4]], 1)), [5]);
  });

  it("the longest less important run blocks, however important the task", () => {
    const set = table([
      ["high", 10, 2],
      ["normal", 40, 3],
      ["low", 60, 7],
    ]);
    const [high] = analyse(set).tasks;
    equal([high!.blockedMs, high!.blockedBy, high!.responseMs], [7, "task 2", 9]);
    // The low one has just begun: an eighth of the seven is over.
    equal(seen(set, [0.125, 40, 0])[0], 8.875);
  });

  it("equals wait for each other, in whichever order they are due", () => {
    const set = table([
      ["normal", 10, 2],
      ["normal", 20, 3],
      ["normal", 40, 4],
    ]);
    equal(responses(set), [9, 9, 9]);
    equal(seen(set), [2, 5, 9]);
  });

  it("what is more important and due at the very moment of a begin goes first", () => {
    // high 0–2, normal 2–4, and at 4 high is due again: low begins at 6.
    const set = table([
      ["high", 4, 2],
      ["normal", 20, 2],
      ["low", 20, 1],
    ]);
    equal(responses(set), [4, 5, 7]);
    equal(seen(set), [2, 4, 7]);
  });

  it("the second run of a busy period may be the worst: the example that refuted the old analysis of CAN", () => {
    // R. Davis, A. Burns, R. Bril, J. Lukkien, "Controller Area Network (CAN) schedulability analysis: Refuted, revisited and
    // revised", Real-Time Systems 35, 2007; times doubled. The first run of the third task takes 6, its second 7.
    const set = table([
      ["high", 5, 2],
      ["normal", 7, 2, 6.5],
      ["low", 7, 2, 6.5],
    ]);
    equal(responses(set), [4, 6, 7]);
    equal(seen(set)[2], 7);
    equal(analyse(set).isMet, false);
  });

  it("the worst run may be due with another of the same priority, not with the first", () => {
    const set = table([
      ["high", 5, 2],
      ["normal", 7, 2],
      ["low", 70, 0.5],
      ["low", 7, 2],
    ]);
    equal(responses(set)[3], 7.5);
    equal(seen(set)[3], 7.5);
  });

  it("what wants more than all the time has no bound, and what is more important has one still", () => {
    const set = table([
      ["high", 10, 6],
      ["normal", 10, 3],
      ["low", 20, 4],
    ]);
    // The normal one waits 4 for low, then for the runs of high that are due at 0 and 10.
    equal(responses(set), [10, 19, undefined]);
    equal(
      analyse(set).tasks.map(({ isMet }) => isMet),
      [true, false, false],
    );
  });

  it("all the time, and not more, is enough where nothing blocks", () => {
    const set = table([
      ["normal", 4, 2],
      ["normal", 8, 4],
    ]);
    equal(
      [responses(set), seen(set)],
      [
        [6, 6],
        [4, 6],
      ],
    );
    equal(analyse(table([["normal", 4, 4]])).isMet, true);
    equal(analyse(table([["normal", 4, 4]], 1)).tasks[0]!.responseMs, undefined);
  });

  it("a verdict comes soon, whatever the periods", () => {
    const set = table([
      ["high", 1, 0.999],
      ["normal", 1e12, 1e9],
      ["low", 1e12, 0.001],
    ]);
    equal(responses(set), [undefined, undefined, undefined]);
    const many = { tasks: Array.from({ length: 100 }, (_, index) => row(index)), timerLatenessMs: 1 };
    equal(analyse(many).isMet, true);
  });

  it("periods and deadlines are rounded down to microseconds, runs up, and decimal fractions are taken as written", () => {
    equal(responses(table([["normal", 33.3, 1.1]])), [1.1]);
    const thirds = analyse(table([["normal", 1000 / 3, 1 / 3]]));
    equal(thirds.tasks[0]!.responseMs, 0.334);
    equal(analyse(table([["normal", 10, 0.0009, 0.0009]])).isMet, false, "rounded apart: no promise below a microsecond");
  });

  it("utilisation and the bound of Liu and Layland are told", () => {
    const { utilisation, liuLaylandBound } = analyse(
      table([
        ["high", 10, 2],
        ["low", 20, 5],
      ]),
    );
    ok(Math.abs(utilisation - 0.45) < 1e-12 && Math.abs(liuLaylandBound - 0.8284) < 1e-4);
  });
});

function row(index: number): TaskRow {
  const periodMs = 1000 + index;
  return { name: `task ${index}`, priority: "normal", periodMs, runMs: 9, deadlineMs: periodMs };
}

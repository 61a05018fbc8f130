/** A task table with a fault is refused with one sentence: where it is, what was found, what was expected. */
import { parseTaskTable } from "../../../cli/schedule/task-table.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const SAMPLE = { name: "sample", priority: "high", periodMs: 10, runMs: 1 };
const SEND = { name: "send", priority: "normal", periodMs: 100, runMs: 20, deadlineMs: 50 };

describe("schedule: refused tables", () => {
  it("each fault has its sentence", () => {
    const refusals: readonly (readonly [content: unknown, stderr: string | RegExp])[] = [
      ["{", /^found no JSON \(.*\), expected \{ "tasks": \[ … \] \}$/],
      ["\u001b\n\u009b", /^found no JSON \([\x20-\x7e]*\), expected/],
      ["[]", 'the file: found a list, expected { "tasks": [ … ] }'],
      [{}, "tasks: found nothing, expected a list of tasks"],
      [{ tasks: [] }, "tasks: found 0 of them, expected 1 to 100"],
      [{ task: [SAMPLE] }, 'the file: found the member "task", expected only tasks, timerLatenessMs'],
      [{ tasks: [SAMPLE], timerLatenessMs: -1 }, "timerLatenessMs: found -1, expected 0 to 1000000000000 ms"],
      [{ tasks: [7] }, /^task 1: found 7, expected \{ "name"/],
      [{ tasks: [{ ...SAMPLE, name: "" }] }, 'task 1, name: found "", expected a text that is not empty'],
      [{ tasks: [SAMPLE, SEND, SAMPLE] }, 'task 3, name: found "sample", expected another name than that of task 1'],
      [{ tasks: [{ ...SAMPLE, deadline: 5 }] }, /^task 1: found the member "deadline", expected only name, priority/],
      [{ tasks: [{ ...SAMPLE, priority: "urgent" }] }, 'task "sample", priority: found "urgent", expected high, normal or low'],
      [{ tasks: [{ name: "a", periodMs: 1, runMs: 1 }] }, 'task "a", priority: found nothing, expected high, normal or low'],
      [{ tasks: [{ ...SAMPLE, periodMs: 0 }] }, /^task "sample", periodMs: found 0, expected 1 to /],
      [{ tasks: [{ ...SAMPLE, periodMs: -5 }] }, /^task "sample", periodMs: found -5, expected 1 to /],
      [{ tasks: [{ ...SAMPLE, periodMs: "10" }] }, /^task "sample", periodMs: found "10", expected 1 to /],
      [{ tasks: [{ ...SAMPLE, runMs: 0 }] }, /^task "sample", runMs: found 0, expected more than 0 ms and at most the period/],
      [{ tasks: [{ ...SAMPLE, runMs: 10.5 }] }, /^task "sample", runMs: found 10\.5, expected .* at most the period, 10 ms$/],
      [{ tasks: [{ ...SAMPLE, deadlineMs: 11 }] }, /^task "sample", deadlineMs: found 11, expected .* the period, 10 ms$/],
      [{ tasks: [{ ...SAMPLE, deadlineMs: 0 }] }, /^task "sample", deadlineMs: found 0, /],
      [{ tasks: [{ ...SAMPLE, deadlineMs: null }] }, /^task "sample", deadlineMs: found null, /],
    ];
    for (const [content, expected] of refusals) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      const { message } = throws(() => parseTaskTable(text), "corrupt") as Error;
      ok(typeof expected === "string" ? message === expected : expected.test(message), `${text}: ${message}`);
    }
  });

  it("a name cannot write to the terminal, nor fill it", () => {
    const named = (name: string) => parseTaskTable(JSON.stringify({ tasks: [{ ...SAMPLE, name, periodMs: 0 }] }));
    const { message } = throws(() => named(`\u009b31m\u202e${"x".repeat(1000)}`), "corrupt") as Error;
    ok(message.startsWith('task "?31m?xxx') && message.length < 120, message);
  });

  it("what is left out has its default, and the limits themselves are taken", () => {
    const tasks = [SAMPLE, { ...SEND, runMs: 100, periodMs: 100, deadlineMs: 100 }, { ...SAMPLE, name: "a", periodMs: 1 }];
    equal(parseTaskTable(JSON.stringify({ tasks })), {
      tasks: [{ ...SAMPLE, deadlineMs: 10 }, tasks[1], { ...SAMPLE, name: "a", periodMs: 1, deadlineMs: 1 }],
      timerLatenessMs: 1,
    });
    equal(parseTaskTable(JSON.stringify({ tasks, timerLatenessMs: 0 })).timerLatenessMs, 0);
  });
});

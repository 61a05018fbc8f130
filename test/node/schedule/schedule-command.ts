/** `holdfast schedule`: a verdict to read, one for programs, an exit code, and one line for what is no task table. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { after, describe, it } from "../../harness/spec.js";
import { CommandLine } from "../command/command-line.js";

const SAMPLE = { name: "sample", priority: "high", periodMs: 10, runMs: 1 };
const SEND = { name: "send", priority: "normal", periodMs: 100, runMs: 20, deadlineMs: 50 };
const LOG = { name: "log", priority: "low", periodMs: 1000, runMs: 5 };

describe("schedule: the command", () => {
  const line = new CommandLine();
  after(() => line.close());

  const schedule = (content: unknown, ...words: string[]) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(line.folder, "tasks.json"), text);
    return line.run(["schedule", "tasks.json", ...words]);
  };

  it("says of each task what it waits for and how it ends, and exits 0 where all is met", async () => {
    const { exitCode, stdout, stderr } = await schedule({ tasks: [LOG, SAMPLE] });
    equal([exitCode, stderr], [0, ""]);
    const rows = stdout.split("\n").map((row) => row.trim().split(/ {2,}/));
    equal(rows[1], ["sample", "high", "10", "1", "10", "10.0", "5", "log", "6", "met, 4 to spare"]);
    equal(rows[2], ["log", "low", "1000", "5", "1000", "0.5", "1", "the timer", "7", "met, 993 to spare"]);
    ok(/^all tasks together use 10\.5 % of the time$/m.test(stdout), stdout);
    ok(/up to 82\.8 % \(Liu and Layland, 2 tasks\)/.test(stdout), stdout);
    ok(stdout.endsWith("every deadline is met\n"), stdout);
  });

  it("exits 1 where a deadline may be missed, and says which and by how much", async () => {
    const { exitCode, stdout, stderr } = await schedule({ tasks: [SAMPLE, SEND, LOG] });
    equal([exitCode, stderr], [1, ""]);
    ok(/^sample +high .* send +21 +missed by 11$/m.test(stdout), stdout);
    ok(stdout.endsWith("1 of 3 tasks may miss: sample\n"), stdout);
  });

  it("says where there is more to do than time", async () => {
    const { exitCode, stdout } = await schedule({ tasks: [SAMPLE, { ...SEND, runMs: 100, deadlineMs: 100 }] });
    equal(exitCode, 1);
    ok(/no bound: at this priority and above 110\.0 % of the time is wanted$/m.test(stdout), stdout);
  });

  it("--json gives the same to a program", async () => {
    const { exitCode, stdout } = await schedule({ tasks: [SAMPLE, LOG], timerLatenessMs: 0 }, "--json");
    const verdict = JSON.parse(stdout) as { tasks: unknown[] } & Record<string, unknown>;
    equal([exitCode, verdict["isMet"], Math.round(1000 * (verdict["utilisation"] as number))], [0, true, 105]);
    const sample = { ...SAMPLE, deadlineMs: 10, utilisation: 0.1, blockedMs: 5, blockedBy: "log", responseMs: 6, isMet: true };
    equal(verdict.tasks[0], sample);
    const failed = await schedule({ tasks: [SAMPLE, SEND] }, "--json");
    equal([failed.exitCode, (JSON.parse(failed.stdout) as { isMet: boolean }).isMet], [1, false]);
  });

  it("a name says nothing to the terminal itself", async () => {
    const { stdout } = await schedule({ tasks: [{ ...SAMPLE, name: "\u001b[31mred\n" }] });
    ok(stdout.includes("?[31mred?") && !stdout.includes("\u001b[31m"), stdout);
  });

  it("refuses, in one line, what is no task table", async () => {
    const bad = await schedule({ tasks: [{ ...SAMPLE, periodMs: 0 }] });
    equal([bad.exitCode, bad.stdout], [1, ""]);
    ok(/^holdfast: tasks\.json: task "sample", periodMs: found 0, expected 1 to \d+ ms\n$/.test(bad.stderr), bad.stderr);
    const absent = await line.run(["schedule", "nowhere.json"]);
    ok(
      absent.exitCode === 1 && /^holdfast: nowhere\.json: .*expected a task table in JSON\n$/.test(absent.stderr),
      absent.stderr,
    );
  });

  it("a wrong word on the command line is 2", async () => {
    equal((await line.run(["schedule"])).exitCode, 2);
    equal((await line.run(["schedule", "tasks.json", "--fast"])).exitCode, 2);
  });
});

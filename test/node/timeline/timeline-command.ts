/** `holdfast timeline`: the picture of what a device wrote, its window, its place, and one line for what cannot be drawn. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { CommandLine } from "../command/command-line.js";
import { sceneTrace } from "./scene.js";

describe("timeline: the command", () => {
  const line = new CommandLine();
  const timeline = (...words: string[]) => line.run(["timeline", ...words]);
  const read = (name: string): string => readFileSync(join(line.folder, name), "utf8");

  before(() => {
    writeFileSync(join(line.folder, "trace.json"), sceneTrace());
    const events = [
      { name: "a", ph: "i", ts: 5000, pid: 1, tid: 1 },
      { name: "b", ph: "B", ts: 1 },
    ];
    writeFileSync(join(line.folder, "moment"), JSON.stringify(events));
  });
  after(() => line.close());

  it("draws a trace beside it, and says what is in it", async () => {
    const { exitCode, stdout, stderr } = await timeline("trace.json");
    equal([exitCode, stderr, stdout], [0, "", "trace.svg: 28 runs and 6 marks in 5 lanes\n"]);
    ok(read("trace.svg").startsWith("<svg ") && read("trace.svg").includes("sensor-node"), "the picture");
  });

  it("draws a window of it where it is told to, and makes the folder", async () => {
    const { exitCode, stdout } = await timeline("trace.json", "--out", "pictures/late.svg", "--from", "200", "--to", "240.5");
    equal([exitCode, stdout], [0, "pictures/late.svg: 5 runs and 6 marks in 5 lanes\n"]);
    ok(read("pictures/late.svg").includes("200 ms to 241 ms, 40.5 ms"), read("pictures/late.svg").slice(0, 800));
  });

  it("draws a trace of one moment, and says what it passed over", async () => {
    const { exitCode, stdout } = await timeline("moment");
    const passedOver = "passed over: 1 events that are neither X, i nor M\n";
    equal([exitCode, stdout], [0, `moment.svg: 0 runs and 1 marks in 1 lanes\n${passedOver}`]);
  });

  it("refuses, in one line and before it writes, what cannot be drawn", async () => {
    writeFileSync(join(line.folder, "bad.json"), '{"traceEvents":[{"name":"a","ph":"X","dur":1}]}');
    const refusals: readonly (readonly [words: readonly string[], stderr: RegExp])[] = [
      [["bad.json"], /^holdfast: bad\.json: traceEvents\[0\] "a": found ts: nothing, expected microseconds, a number$/],
      [["nowhere.json"], /^holdfast: nowhere\.json: .*expected a Chrome trace in JSON$/],
      [
        ["trace.json", "--from", "9", "--to", "5"],
        /^holdfast: trace\.json: found a window from 9 to 5 ms, expected from < to;/,
      ],
      [["trace.json", "--from", "7000"], /found a window from 7000 to \d+ ms/],
      [["trace.json", "--from", "7000", "--to", "8000"], /found nothing from 7000 to 8000 ms, .*; the trace has 2 to \d+ ms$/],
      [["trace.json", "--out", "./trace.json"], /^holdfast: \.\/trace\.json: the trace is there, expected another --out$/],
    ];
    for (const [words, expected] of refusals) {
      const { exitCode, stdout, stderr } = await timeline(...words);
      const isOneLine = stderr.endsWith("\n") && stderr.indexOf("\n") === stderr.length - 1;
      ok(exitCode === 1 && stdout === "" && isOneLine && expected.test(stderr.trimEnd()), `${words}: ${stderr}`);
    }
    ok(!existsSync(join(line.folder, "bad.svg")), "nothing was written");
    ok(read("trace.json").startsWith("{"), "the trace is as it was");
  });

  it("refuses a time that is none", async () => {
    const { exitCode, stderr } = await timeline("trace.json", "--from", "soon");
    ok(exitCode === 2 && /Expected milliseconds of the trace's clock/.test(stderr), stderr);
    equal((await timeline("trace.json", "--to", "1e3")).exitCode, 2);
    equal((await timeline()).exitCode, 2);
  });
});

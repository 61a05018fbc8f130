/** The loop: wakes when asked, gives each event once and in order, sleeps otherwise, and ends with the chip. */
import { readFileSync } from "node:fs";
import { encodeFrame } from "../../../hosts/node/simulator/rpc.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { type EngineRig, engineOrSkip, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();
const ECHO = `
  export default ({ native, say }) => {
    native.listen(() => {}, (code, first, second, bytes) => {
      const sum = new Uint8Array(bytes).reduce((total, byte) => total + byte, 0);
      say(["event", code, first, second, bytes.byteLength, sum].join(" "));
    });
    say("up");
  };`;

/** Ticks of CPU that the process has used: 100 a second. */
function cpuTicks(rig: EngineRig): number {
  const fields = readFileSync(`/proc/${rig.process.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function specs(bench: RigBench): void {
  afterEach(() => bench.stop());

  it("wakes once at the time asked for, not before it", async () => {
    const rig = bench.start(`
      export default ({ native, say }) => {
        const dueMs = native.now() + 20;
        let count = 0;
        native.listen(() => {
          const nowMs = native.now();
          if (++count === 1) { say("late " + (nowMs - dueMs)); native.wakeAt(nowMs + 5); }
          else { say("count " + count); native.wakeAt(undefined); }
        }, () => {});
        native.wakeAt(dueMs);
      };`);
    ok(Number(await rig.line("late ")) >= 0);
    equal(await rig.line("count "), "2");
  });

  it("wakes at once for a time that has passed, and not at all for Infinity", async () => {
    const rig = bench.start(`
      export default ({ native, say }) => {
        let wakes = 0;
        native.listen(() => { say("wake " + ++wakes); native.wakeAt(Infinity); }, () => say("wakes " + wakes));
        native.wakeAt(-1);
      };`);
    equal(await rig.line("wake "), "1");
    rig.event(encodeFrame(1));
    equal(await rig.line("wakes "), "1");
  });

  it("gives events in order, with numbers and bytes, however they are cut on the way", async () => {
    const rig = bench.start(ECHO);
    await rig.line("up");
    const large = encodeFrame(3, 0xffffffff, 7, new Uint8Array(100_000).fill(1));
    rig.event(Buffer.concat([encodeFrame(1), encodeFrame(2, 5, 6, Uint8Array.of(1, 2, 3)), large.subarray(0, 70_000)]));
    equal(await rig.line("event 2 "), "5 6 3 6");
    rig.event(large.subarray(70_000));
    equal(await rig.line("event 3 "), "4294967295 7 100000 100000");
    equal(rig.lines[1], "event 1 0 0 0 0");
  });

  it("runs all promise jobs of a turn before the next event", async () => {
    const rig = bench.start(`
      export default ({ native, say }) => {
        native.listen(() => {}, async (code) => {
          for (let step = 0; step < 3; step++) { await undefined; say("order " + code + step); }
        });
        say("up");
      };`);
    await rig.line("up");
    rig.event(Buffer.concat([encodeFrame(1), encodeFrame(2)]));
    await rig.line("order 22");
    equal(
      rig.lines.slice(1).map((line) => line.slice(6)),
      ["10", "11", "12", "20", "21", "22"],
    );
  });

  it("aborts for an event longer than any device could hold", async () => {
    const rig = bench.start(ECHO);
    await rig.line("up");
    const head = Buffer.alloc(4);
    head.writeUInt32LE(0x7fffffff);
    rig.event(head);
    equal(await rig.abort(), "an event of the chip has 2147483647 bytes; expected 9 to 1048585");
  });

  it("uses no CPU while it waits: before an event, after the events' end, after an abort", async () => {
    const waiting = bench.start(ECHO);
    const finished = bench.start(ECHO);
    const aborted = bench.start("throw 1;");
    await Promise.all([waiting.line("up"), finished.line("up"), aborted.abort()]);
    finished.event(encodeFrame(1));
    await finished.line("event 1 ");
    finished.endEvents();
    const before = [waiting, finished, aborted].map(cpuTicks);
    // Three boots take the time in which a loop that does not sleep would show.
    for (let boot = 0; boot < 3; boot++) await bench.start(ECHO).line("up");
    const after = [waiting, finished, aborted].map(cpuTicks);
    ok(
      after.every((ticks, index) => ticks - before[index]! <= 1),
      `${before} → ${after}`,
    );
  });

  it("ignores what comes over the tether", async () => {
    const rig = bench.start(ECHO);
    await rig.line("up");
    rig.writeToTether("x");
    rig.event(encodeFrame(1));
    await rig.line("event 1 ");
    rig.writeToTether("y");
    rig.event(encodeFrame(2));
    await rig.line("event 2 ");
    equal(rig.ended, undefined);
  });

  it("ends when the tether ends: asleep, in an endless loop, and in the middle of a request", async () => {
    const firmwares = [
      "export default ({ say }) => { say('up'); };",
      "export default ({ say }) => { say('up'); for (;;); };",
      "export default ({ native, say }) => { say('up'); native.call(99, 0, 0); };",
    ];
    for (const application of firmwares) {
      const rig = bench.start(application);
      await rig.line("up");
      rig.releaseTether();
      await rig.exit();
    }
  });
}

if (program !== undefined) describe("engine: event loop", () => specs(new RigBench(program)));

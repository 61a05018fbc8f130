/** However a firmware ends, the chip starts it again, and both the observer and the next start are told why. */
import childProcess, { type ChildProcess } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import sinon from "sinon";
import type { ChipEvent } from "../../../hosts/node/index.js";
import { equal, ok } from "../../harness/expect.js";
import { after, afterEach, before, describe, it } from "../../harness/spec.js";
import { SMALL_FLASH_SIZE_BYTES } from "../../sim/small-flash.js";
import { ProbeLab } from "./probe-device.js";

/** Turns of the loop after which an event will not come any more: seconds of a busy loop. */
const TURN_COUNT_MAX = 2_000_000;

describe("simulator: reset reasons", () => {
  let lab: ProbeLab;

  before(async () => {
    lab = await ProbeLab.open();
  });

  after(async () => {
    await lab.close();
  });

  /** The lines of an abort, and what the start after the deed says of itself. */
  async function aftermath(deed: string, reason: string): Promise<readonly string[]> {
    const device = lab.powerOn(lab.flash(deed));
    await device.line(`probe: ${reason}, `);
    await device.process.stop();
    equal(device.resetReasons, ["powerOn", reason]);
    return device.events.flatMap((event) => (event.kind === "line" && event.text.startsWith("abort") ? [event.text] : []));
  }

  it("ends an endless loop by the watchdog, from outside", async () => {
    equal(await aftermath("loop", "watchdog"), []);
  });

  it("restarts after an exception at start that nobody caught, with its words and the reason software", async () => {
    const [line, ...more] = await aftermath("throw", "software");
    ok(line?.startsWith("abort: unhandled exception: thrown at start"), line);
    equal(more, []);
  });

  it("restarts after an exception in a timer", async () => {
    const [line] = await aftermath("throwLater", "software");
    ok(line?.startsWith("abort: unhandled exception: thrown in a timer"), line);
  });

  it("restarts after a rejection that nobody handled", async () => {
    const [line] = await aftermath("reject", "software");
    ok(line?.startsWith("abort: unhandled exception: rejected, and nobody looks"), line);
  });

  it("restarts where the firmware asks for it, without a word of abort", async () => {
    equal(await aftermath("restart", "software"), []);
  });

  it("wakes up from deep sleep", async () => {
    equal(await aftermath("sleep", "deepSleep"), []);
  });

  it("starts with the reason that the reset line was pulled for", async () => {
    const device = lab.powerOn(lab.flash("idle"));
    await device.line("probe: powerOn, ");
    device.process.pullReset("brownOut");
    await device.line("probe: brownOut, ");
    await device.process.stop();
    equal(device.resetReasons, ["powerOn", "brownOut"]);
  });
});

describe("simulator: the chip in this process", () => {
  let lab: ProbeLab;
  let spawned: sinon.SinonSpy;

  before(async () => {
    lab = await ProbeLab.open();
    spawned = sinon.spy(childProcess, "spawn");
    syncBuiltinESMExports();
  });

  afterEach(() => sinon.clock?.restore());

  after(async () => {
    sinon.restore();
    syncBuiltinESMExports();
    await lab.close();
  });

  function start(deed: string): {
    readonly chip: { stop(): void; pullReset(reason: "brownOut"): void };
    readonly events: ChipEvent[];
  } {
    const events: ChipEvent[] = [];
    const chip = new lab.shipped.SimulatedChip({
      file: lab.flash(deed),
      flashSizeBytes: SMALL_FLASH_SIZE_BYTES,
      onEvent: (event) => events.push(event),
    });
    chip.start();
    return { chip, events };
  }

  async function until(what: string, condition: () => boolean): Promise<void> {
    for (let count = 0; count < TURN_COUNT_MAX; count++) {
      if (condition()) return;
      await nextTurn();
    }
    throw new Error(`it never happened: ${what}`);
  }

  const says = (events: readonly ChipEvent[], start: string): boolean =>
    events.some((event) => event.kind === "line" && event.text.startsWith(start));
  const processor = (): ChildProcess => spawned.lastCall.returnValue as ChildProcess;

  it("takes an end of the engine itself for a panic", async () => {
    const { chip, events } = start("idle");
    try {
      await until("the first start", () => says(events, "probe: powerOn"));
      processor().kill("SIGABRT");
      await until("the start after the panic", () => says(events, "probe: panic"));
      ok(says(events, "processor ended by itself (SIGABRT)"));
    } finally {
      chip.stop();
    }
  });

  // It used to end by itself, which the chip took for a panic: a firmware that waits for nothing was restarted for ever.
  it("lets a firmware idle that waits for nothing, until the watchdog of the bootloader bites", async () => {
    const clock = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { chip, events } = start("idle");
    let other: ReturnType<typeof start> | undefined;
    try {
      await until("the start", () => says(events, "probe: powerOn"));
      const first = processor();
      other = start("idle");
      await until("the start of another chip, as a measure of time", () => says(other!.events, "probe: powerOn"));
      other.chip.stop();
      equal([first.exitCode, first.signalCode], [null, null]);
      clock.tick(8_999);
      equal(events.filter(({ kind }) => kind === "reset").length, 1);
      clock.tick(1);
      await until("the start after it", () => says(events, "probe: watchdog"));
    } finally {
      other?.chip.stop();
      chip.stop();
    }
  });

  // A reset during sleep used to leave the alarm on: the chip was reset once more in the middle of its next life.
  it("forgets to wake up where it is reset while it sleeps", async () => {
    const clock = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { chip, events } = start("sleepLong");
    try {
      await until("the start", () => says(events, "probe: powerOn"));
      await until("sleep, in which there is no processor", () => processor().signalCode === "SIGKILL");
      equal(clock.countTimers(), 1, "the alarm is on");
      chip.pullReset("brownOut");
      equal(clock.countTimers(), 1, "the watchdog of the bootloader, and no alarm beside it");
      clock.tick(1000);
      equal(
        events.flatMap((event) => (event.kind === "reset" ? [event.reason] : [])),
        ["powerOn", "brownOut"],
      );
    } finally {
      chip.stop();
    }
  });

  it("ends the processor where the chip is switched off", async () => {
    const { chip, events } = start("loop");
    await until("the start", () => says(events, "probe: powerOn"));
    const last = processor();
    chip.stop();
    await until("the end of the processor", () => last.signalCode === "SIGKILL");
  });
});

/**
 * The story on a terminal: what is told, what the device says, bars while an update goes on, a table at the end.
 *
 * Without a terminal the bars become a line at each quarter, so a log of a build shows progress too.
 */
import { MultiBar, type SingleBar } from "cli-progress";
import { deviceLine } from "../device-line.js";
import { bold, columns, dim, green, grouped, red, table } from "../terminal.js";
import type { StepReport, StoryReport, StoryTeller } from "./story.js";

const BARS = ["erase", "download", "verify"] as const;
type BarName = (typeof BARS)[number];
type Progress = Parameters<StoryTeller["onProgress"]>[0];

export class TerminalTeller implements StoryTeller {
  readonly #isTerminal = process.stdout.isTTY === true;
  readonly #quarters = new Map<BarName, number>();
  #multi: MultiBar | undefined;
  #bars = new Map<BarName, SingleBar>();

  onStep(number: number, told: string): void {
    this.#print(bold(`\n${number}. ${told}`));
  }

  onStepEnd(step: StepReport): void {
    this.#endBars();
    const verdict = step.outcome === "as told" ? green("✓ as told") : red(`✗ ${step.because}`);
    this.#print(`   ${verdict} ${dim(`(${grouped(step.durationMs)} ms)`)}`);
  }

  onLine(source: "firmware" | "bootloader" | "chip", text: string): void {
    for (const line of text.split("\n")) this.#print(deviceLine(source, line));
  }

  onProgress(progress: Progress): void {
    if (this.#isTerminal) this.#draw(progress);
    else this.#say(progress);
  }

  #draw(progress: Progress): void {
    if (!this.#multi) {
      const format = "      {name} {bar} {percentage} % {value}/{total} bytes";
      this.#multi = new MultiBar({ format, barsize: 30, hideCursor: true, clearOnComplete: false });
      for (const name of BARS) {
        this.#bars.set(name, this.#multi.create(progress.sizeBytes, 0, { name: name.padEnd(8) }));
      }
    }
    for (const name of BARS) this.#bars.get(name)!.update(progress[name]);
  }

  #say(progress: Progress): void {
    for (const name of BARS) {
      const quarter = progress.sizeBytes === 0 ? 0 : Math.floor((4 * progress[name]) / progress.sizeBytes);
      if (quarter <= (this.#quarters.get(name) ?? 0)) continue;
      this.#quarters.set(name, quarter);
      this.#print(`      ${name.padEnd(8)} ${25 * quarter} % of ${grouped(progress.sizeBytes)} bytes`);
    }
  }

  /** Lines go above the bars while there are any. */
  #print(text: string): void {
    if (this.#multi) this.#multi.log(`${text.slice(0, 4 * columns())}\n`);
    else console.log(text);
  }

  #endBars(): void {
    this.#multi?.stop();
    this.#multi = undefined;
    this.#bars = new Map();
    this.#quarters.clear();
  }
}

/** Says nothing: for `--json`. */
export class SilentTeller implements StoryTeller {
  onStep(): void {}
  onStepEnd(): void {}
  onLine(): void {}
  onProgress(): void {}
}

/** The table at the end of the story. */
export function summary(report: StoryReport): string {
  const head = ["step", "outcome", "bytes fetched", "erases", "programs", "reads", "boots", "ms"];
  const rows = report.steps.map(({ name, outcome, fetchedBytes, counters, durationMs }) => [
    name,
    outcome,
    grouped(fetchedBytes),
    grouped(counters.eraseCount),
    grouped(counters.programCount),
    grouped(counters.readCount),
    grouped(counters.bootCount),
    grouped(durationMs),
  ]);
  const verdict = report.ok ? green("The story ended as told.") : red("The story did not end as told.");
  return `\n${table([head, ...rows])}\n\n${verdict}`;
}

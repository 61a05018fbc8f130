/** `holdfast chaos`: an application is updated from one build of itself to the next, and the power fails in between. */

import { deviceLine } from "../device-line.js";
import { type HostName, processorOf } from "../host.js";
import { dim, green, red, table } from "../terminal.js";
import { drawOperations } from "./draw.js";
import type { Cut } from "./powered-chip.js";
import { makeProduct } from "./product.js";
import { type LifeOutcome, type LifeTeller, UpdateChaos } from "./update-chaos.js";

export interface ChaosCommandOptions {
  readonly cuts: number;
  readonly seed?: number;
  /** The name of one life. */
  readonly replay?: LifeName;
  readonly jobs: number;
  /** Seconds for each power-on. */
  readonly limit: number;
  readonly vendor: string;
  readonly class?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly host: HostName;
}

/** All that it takes to live a life again: SEED:STEP. */
export interface LifeName {
  readonly seed: number;
  /** The operation at which the power goes. */
  readonly step: number;
}

const SECOND_MS = 1000;
const DOT_COUNT_MAX = 50;

/** Lives them all, or the one. Gives the exit code: 1 where one failed. */
export async function chaosCommand(folder: string, options: ChaosCommandOptions): Promise<number> {
  const { vendor, class: deviceClass, set, limit, replay } = options;
  const product = await makeProduct({ folder, vendor, deviceClass });
  const processor = await processorOf(options.host);
  const chaos = new UpdateChaos({ product, settings: set, processor, limitMs: limit * SECOND_MS });
  const onSignal = (): void => {
    chaos.close();
    process.exit(130); // 128 + SIGINT, as a shell expects it.
  };
  process.once("SIGINT", onSignal);
  try {
    const { old, next, application } = product;
    console.log(`${application.name} ${old.version} → ${next.version}, images of ${old.image.length} bytes`);
    await chaos.prepare();
    return replay === undefined ? await liveAll(chaos, options) : await liveAgain(chaos, replay);
  } finally {
    process.removeListener("SIGINT", onSignal);
    chaos.close();
  }
}

async function liveAll(chaos: UpdateChaos, options: ChaosCommandOptions): Promise<number> {
  const seed = options.seed ?? Date.now() % 2 ** 32;
  const startedMs = performance.now();
  const { length } = await chaos.measure();
  const steps = drawOperations({ seed, limit: length, count: options.cuts });
  console.log(`seed ${seed}: power cuts at ${steps.length} of the ${length} flash operations of an update`);
  const outcomes: LifeOutcome[] = [];
  const waiting = [...steps];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const outcome = await chaos.live(seed, step);
      outcomes.push(outcome);
      process.stdout.write(lineOf(outcome, { seed, count: outcomes.length }));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return conclude(outcomes, (performance.now() - startedMs) / SECOND_MS);
}

/** A dot for a life that passed; for one that failed, why and how to see it again. */
function lineOf(outcome: LifeOutcome, { seed, count }: { readonly seed: number; readonly count: number }): string {
  if (outcome.because === undefined) return count % DOT_COUNT_MAX === 0 ? `. ${count}\n` : ".";
  const again = `with the same options and --replay ${seed}:${outcome.operation}`;
  return `\n${red("violation")} ${cutWords(outcome)}: ${outcome.because}\n  again: ${again}\n`;
}

function cutWords({ operation, cut, partition }: LifeOutcome): string {
  if (cut === undefined) return `before operation ${operation}`;
  const { kind, byteLength } = cut.operation;
  return `cut "${cut.mode}" at operation ${operation}, a ${kind} of ${byteLength} bytes in ${partition || "no partition"}`;
}

function conclude(outcomes: readonly LifeOutcome[], durationS: number): number {
  const failedCount = outcomes.filter(({ because }) => because !== undefined).length;
  const uncutCount = outcomes.filter(({ because, cut }) => because === undefined && cut === undefined).length;
  console.log(`\n${table(rowsOf(outcomes))}`);
  if (uncutCount > 0) console.log(dim(`${uncutCount} were over before their operation came`));
  const passed = `${outcomes.length - failedCount} passed, ${failedCount} failed`;
  console.log(`${failedCount === 0 ? green(passed) : red(passed)} ${dim(`in ${durationS.toFixed(1)} s`)}`);
  return failedCount === 0 ? 0 : 1;
}

/** How many cuts of which mode there were in which partition. */
function rowsOf(outcomes: readonly LifeOutcome[]): string[][] {
  const modes = [...new Set(outcomes.map(({ cut }) => cut?.mode ?? "uncut"))].sort();
  const partitions = [...new Set(outcomes.map(({ partition }) => partition))].sort();
  const count = (partition: string, mode: string): number =>
    outcomes.filter((outcome) => outcome.partition === partition && (outcome.cut?.mode ?? "uncut") === mode).length;
  return [
    ["cuts in", ...modes],
    ...partitions.map((partition) => [partition || "none", ...modes.map((mode) => String(count(partition, mode)))]),
  ];
}

/** One life, told from power-on to its end. */
async function liveAgain(chaos: UpdateChaos, { seed, step }: LifeName): Promise<number> {
  const outcome = await chaos.live(seed, step, teller(chaos, step));
  if (outcome.because === undefined) {
    console.log(green(outcome.cut === undefined ? "passed; the update was over before that operation" : "passed"));
    return 0;
  }
  console.log(`${red("violation")}: ${outcome.because}`);
  return 1;
}

function teller(chaos: UpdateChaos, step: number): LifeTeller {
  return {
    onEvent: (event) => {
      if (event.kind === "line") for (const line of event.text.split("\n")) console.log(deviceLine("firmware", line));
      if (event.kind === "bootloader") console.log(deviceLine("bootloader", event.line));
      if (event.kind === "reset") console.log(deviceLine("chip", `reset: ${event.reason}`));
      if (event.kind === "halt") console.log(deviceLine("chip", event.because));
    },
    onCut: (cut: Cut) => {
      const partition = chaos.partitionAt(cut.operation.offset);
      console.log(deviceLine("chip", cutWords({ operation: step, cut, partition, because: undefined })));
      if (cut.unstable) console.log(deviceLine("chip", `${cut.unstable.noise.length} bytes of it will read as noise later`));
    },
  };
}

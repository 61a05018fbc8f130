/** One process of the chaos: lives, one after another, as they are asked for. */
import { CONFIGURATIONS } from "./configuration.js";
import { runLife } from "./life.js";
import type { LifeName } from "./life-name.js";
import type { LifeReport } from "./life-report.js";
import { followedBy } from "./plan.js";
import { prepareScenario, type Scenario } from "./scenario.js";
import { type Cells, count, rowOf } from "./survival-table.js";

/** Every so many-th life of a process is repeated in another one. */
const REPEAT_PERIOD = 1000;

export interface Work {
  readonly lives: readonly LifeName[];
  /** Each of them, and then each again with every cut of the records that may follow. */
  readonly isFollowed: boolean;
  /** Whether the trace of each is asked for. Default: of some. */
  readonly isTraced?: boolean;
  /** Ends with the first life that breaks a promise. Default: no. */
  readonly isUntilFirst?: boolean;
}

/** What became of some lives. */
export interface Outcome {
  readonly lifeCount: number;
  readonly bootCount: number;
  readonly cells: Cells;
  readonly violations: readonly Violation[];
  /** Of some of them, to be compared. */
  readonly traces: readonly Trace[];
}

export interface Violation {
  readonly life: LifeName;
  readonly what: string;
}

export interface Trace {
  readonly life: LifeName;
  readonly trace: string;
}

const scenarios = new Map<number, Scenario>();
let livedCount = 0;

/** Made once a process. */
export function scenarioOf(configuration: number): Scenario {
  let scenario = scenarios.get(configuration);
  if (scenario === undefined) {
    scenario = prepareScenario(CONFIGURATIONS[configuration]!);
    scenarios.set(configuration, scenario);
  }
  return scenario;
}

/** Lives one. */
export function liveOne({ configuration, story, faults, seed }: LifeName, tell?: (line: string) => void): LifeReport {
  return runLife({ scenario: scenarioOf(configuration), story, faults, seed, ...(tell ? { tell } : {}) });
}

/** Lives them all. */
export function live({ lives, isFollowed, isTraced = false, isUntilFirst = false }: Work): Outcome {
  const violations: Violation[] = [];
  const traces: Trace[] = [];
  const cells: Cells = {};
  let [lifeCount, bootCount] = [0, 0];
  const one = (life: LifeName): LifeReport => {
    const report = liveOne(life);
    lifeCount++;
    bootCount += report.bootCount;
    count(cells, rowOf(life.story, life.faults, report), report);
    for (const what of report.violations) violations.push({ life, what });
    if (livedCount++ % REPEAT_PERIOD === 0 || isTraced) traces.push({ life, trace: report.trace });
    return report;
  };
  for (const life of lives) {
    const { operations } = one(life);
    if (isFollowed) for (const { faults } of followedBy(life, operations)) one({ ...life, faults });
    if (isUntilFirst && violations.length > 0) break;
  }
  return { lifeCount, bootCount, cells, violations, traces };
}

/** The violation with fewer faults, where it takes fewer. */
export function shrink(violation: Violation): Violation {
  const { life, what } = violation;
  for (let index = 0; index < life.faults.length; index++) {
    const fewer = { ...life, faults: life.faults.filter((_, at) => at !== index) };
    if (liveOne(fewer).violations.includes(what)) return shrink({ life: fewer, what });
  }
  return violation;
}

process.on("message", (work: Work) => process.send?.(live(work)));

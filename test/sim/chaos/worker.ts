/** One process of the chaos: lives, one after another, as they are asked for. */
import type { Fault, Operation } from "../../../hosts/node/chaos/fault.js";
import { runLife } from "./life.js";
import { followedBy } from "./plan.js";
import { CONFIGURATIONS, prepareScenario, type Scenario } from "./scenario.js";

/** Lives of one configuration. */
export interface Work {
  readonly configuration: number;
  readonly lives: readonly { readonly faults: readonly Fault[]; readonly seed: number }[];
  /** Each of them, and then each again with every cut of the records that may follow. */
  readonly isFollowed: boolean;
}

/** What became of some lives. */
export interface Outcome {
  readonly lifeCount: number;
  readonly bootCount: number;
  readonly updatedCount: number;
  readonly violations: readonly Violation[];
  /** Of a life without faults, where one was asked for. */
  readonly operations: readonly Operation[];
}

export interface Violation {
  readonly configuration: number;
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly what: string;
}

const scenarios = new Map<number, Scenario>();

/** Lives them all. */
export function live({ configuration, lives, isFollowed }: Work): Outcome {
  let scenario = scenarios.get(configuration);
  if (scenario === undefined) {
    scenario = prepareScenario(CONFIGURATIONS[configuration]!);
    scenarios.set(configuration, scenario);
  }
  const violations: Violation[] = [];
  let [lifeCount, bootCount, updatedCount] = [0, 0, 0];
  let operations: readonly Operation[] = [];
  const one = (faults: readonly Fault[], seed: number): readonly Operation[] => {
    const report = runLife({ scenario, faults, seed });
    lifeCount++;
    bootCount += report.bootCount;
    if (report.isUpdated) updatedCount++;
    for (const what of report.violations) violations.push({ configuration, faults, seed, what });
    if (faults.length === 0) operations = report.operations;
    return report.operations;
  };
  for (const { faults, seed } of lives) {
    const after = one(faults, seed);
    if (isFollowed) for (const pair of followedBy(faults, after)) one(pair, seed);
  }
  return { lifeCount, bootCount, updatedCount, violations, operations };
}

/** The violation with fewer faults, where it takes fewer. */
export function shrink(violation: Violation): Violation {
  const { configuration, faults, seed, what } = violation;
  for (let index = 0; index < faults.length; index++) {
    const fewer = faults.filter((_, at) => at !== index);
    const lives = [{ faults: fewer, seed }];
    const again = live({ configuration, lives, isFollowed: false }).violations;
    if (again.some((found) => found.what === what)) return shrink({ ...violation, faults: fewer });
  }
  return violation;
}

process.on("message", (work: Work) => process.send?.(live(work)));

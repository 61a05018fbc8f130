/** What the analysis passes, the real scheduler never misses: 1,000 random task sets, each in eight scenes. */
import { analyse } from "../../../cli/schedule/analysis.js";
import type { TaskRow } from "../../../cli/schedule/task-table.js";
import { createSeededChance } from "../../../hosts/node/random.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type Chance, drawScenes, drawTasks, live, type Witness } from "./task-sets.js";

const SET_COUNT = 1000;
const TIMER_LATENESS_MS = 1;

/** The worst of all scenes, task by task. */
function worstOf(tasks: readonly TaskRow[], below: Chance): Witness[] {
  const lives = drawScenes(tasks, below).map((scene) => live(tasks, scene, below));
  return tasks.map((_, index) => ({
    responseMs: Math.max(...lives.map((witnesses) => witnesses[index]!.responseMs)),
    missedCount: Math.max(...lives.map((witnesses) => witnesses[index]!.missedCount)),
  }));
}

/** What came of all sets. A miss is a run that ended too late, or none at all. */
interface Count {
  passed: number;
  /** Refused, and a scene missed. */
  failed: number;
  /** Refused, and no scene missed. */
  doubted: number;
  /** Passed, and a scene missed. */
  unsafe: string[];
  /** Worst response by the analysis / seen, of the tasks that passed. */
  ratios: number[];
}

function judgeSets(seed: number, timerLatenessMs: number): Count {
  const count: Count = { passed: 0, failed: 0, doubted: 0, unsafe: [], ratios: [] };
  for (let index = 0; index < SET_COUNT; index++) {
    const below = createSeededChance(seed + index);
    const tasks = drawTasks(below);
    const verdict = analyse({ tasks, timerLatenessMs });
    const worst = worstOf(tasks, below);
    const hasMissed = tasks.some(({ deadlineMs }, task) => {
      const { responseMs, missedCount } = worst[task]!;
      return responseMs > deadlineMs || missedCount > 0;
    });
    if (!verdict.isMet) count[hasMissed ? "failed" : "doubted"]++;
    else {
      count.passed++;
      verdict.tasks.forEach(({ responseMs, name }, task) => {
        const seenMs = worst[task]!.responseMs;
        count.ratios.push(responseMs! / seenMs);
        if (seenMs > responseMs!) count.unsafe.push(`seed ${seed + index}, ${name}: ${seenMs} ms, bound ${responseMs} ms`);
      });
      if (hasMissed) count.unsafe.push(`seed ${seed + index}: a deadline was missed`);
    }
  }
  return count;
}

describe("schedule: the analysis is safe", () => {
  it("no set that passes misses a deadline, and no response is longer than its bound", () => {
    const { passed, failed, doubted, unsafe, ratios } = judgeSets(1, TIMER_LATENESS_MS);
    equal(unsafe, []);
    // The figures of docs/guide/schedulability.md: it passes many, and nearly all that it refuses do miss.
    equal({ passed, failed, doubted }, { passed: 317, failed: 651, doubted: 32 });
    const medianRatio = ratios.sort((one, other) => one - other)[ratios.length >> 1]!;
    ok(medianRatio > 1.05 && medianRatio < 1.07, `median of bound / seen: ${medianRatio}`);
  });

  it("the scenes are hard enough to tell: without the timer's lateness it would not be safe", () => {
    ok(judgeSets(1, 0).unsafe.length > 0, "a bound was exceeded");
  });
});

/**
 * The processes of the chaos: work is handed to whichever is free, and what comes back is added up.
 *
 * Processes and not threads, because the sources are TypeScript and Node's worker threads do not load them.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LifeName } from "./life-name.js";
import { add, type Cells } from "./survival-table.js";
import type { Outcome, Trace, Violation, Work } from "./worker.js";

const PROGRAM = fileURLToPath(new URL("./worker.ts", import.meta.url));

export interface Totals {
  lifeCount: number;
  bootCount: number;
  readonly cells: Cells;
  readonly violations: Violation[];
  readonly traces: Trace[];
}

export interface PoolOptions {
  readonly processCount: number;
  /** Ends where the first promise is broken. */
  readonly isUntilFirst: boolean;
}

export class Pool {
  readonly totals: Totals = { lifeCount: 0, bootCount: 0, cells: {}, violations: [], traces: [] };
  readonly #workers: ChildProcess[];
  readonly #isUntilFirst: boolean;

  constructor({ processCount, isUntilFirst }: PoolOptions) {
    this.#isUntilFirst = isUntilFirst;
    this.#workers = Array.from({ length: processCount }, startWorker);
  }

  /** Lives all of it. `onProgress` after each piece. */
  async run(works: readonly Work[], onProgress: (share: number) => void): Promise<void> {
    const queue = [...works];
    let doneCount = 0;
    const serve = async (worker: ChildProcess): Promise<void> => {
      for (let work = queue.shift(); work !== undefined; work = queue.shift()) {
        const outcome = await ask(worker, { ...work, isUntilFirst: this.#isUntilFirst });
        this.totals.lifeCount += outcome.lifeCount;
        this.totals.bootCount += outcome.bootCount;
        this.totals.violations.push(...outcome.violations);
        this.totals.traces.push(...outcome.traces);
        add(this.totals.cells, outcome.cells);
        onProgress(++doneCount / works.length);
        if (this.#isUntilFirst && this.totals.violations.length > 0) queue.length = 0;
      }
    };
    await Promise.all(this.#workers.map(serve));
  }

  close(): void {
    for (const worker of this.#workers) worker.kill();
  }
}

/** Lives some lives again, each configuration's in a process that was just started. Gives those that differ. */
export async function repeatFreshly(traces: readonly Trace[]): Promise<LifeName[]> {
  const different: LifeName[] = [];
  for (const configuration of new Set(traces.map(({ life }) => life.configuration))) {
    const own = traces.filter(({ life }) => life.configuration === configuration);
    const worker = startWorker();
    try {
      for (const { life, trace } of own) {
        const { traces: again } = await ask(worker, { lives: [life], isFollowed: false, isTraced: true });
        if (again[0]?.trace !== trace) different.push(life);
      }
    } finally {
      worker.kill();
    }
  }
  return different;
}

function startWorker(): ChildProcess {
  return fork(PROGRAM, { execArgv: ["--import", "tsx/esm"] });
}

function ask(worker: ChildProcess, work: Work): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error("a process of the chaos ended; expected an outcome"));
    worker.once("exit", onExit);
    worker.once("message", (outcome) => {
      worker.off("exit", onExit);
      resolve(outcome as Outcome);
    });
    worker.send(work);
  });
}

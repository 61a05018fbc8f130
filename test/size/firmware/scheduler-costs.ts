/** What tasks and their runs cost, at four sizes of the table. */
import { assert, Scheduler, type Task } from "holdfast";
import type { Ruler } from "./ruler.js";
import { StandingTime } from "./standing-time.js";

/** Runs are a multiple of each, so that every task has its turn equally often. */
const TASK_COUNTS: readonly number[] = Object.freeze([8, 32, 100, 1000]);
const DISPATCH_COUNT_MIN = 1000;
const TASK_COUNT = 32;

function work(): void {}

/** One task a millisecond, in turn: each turn of the scheduler takes the first of the heap and puts it at its end. */
function measureDispatch(ruler: Ruler, taskCount: number): void {
  const time = new StandingTime();
  const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: taskCount });
  const tasks: Task[] = [];
  for (let index = 0; index < taskCount; index++) {
    tasks.push(scheduler.every({ name: `task ${index}`, periodMs: taskCount, phaseMs: index, run: work }));
  }
  scheduler.start();
  const dispatchCount = taskCount * Math.ceil(DISPATCH_COUNT_MIN / taskCount);
  ruler.perOperation(`dispatch at ${taskCount} tasks`, dispatchCount, () => time.expire());
  assert(tasks[0]!.runCount === (2 * dispatchCount) / taskCount, "costs: the tasks took turns, in the warm-up and after it");
}

function measureTasks(ruler: Ruler): void {
  const time = new StandingTime();
  const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: TASK_COUNT });
  const options = new Array<{ name: string; run: () => void }>(TASK_COUNT);
  for (let index = 0; index < TASK_COUNT; index++) options[index] = { name: `task ${index}`, run: work };
  const kept = new Array<Task | undefined>(TASK_COUNT).fill(undefined);
  ruler.perThing("task", TASK_COUNT, (index) => {
    kept[index] = scheduler.task(options[index]!);
  });
  scheduler.start();
  const task = kept[0]!;
  ruler.perOperation("post and its run", DISPATCH_COUNT_MIN, () => {
    task.post();
    time.expire();
  });
}

/** Measures all of them. */
export function measureScheduler(ruler: Ruler): void {
  for (const taskCount of TASK_COUNTS) measureDispatch(ruler, taskCount);
  measureTasks(ruler);
}

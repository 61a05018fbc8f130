/** What a supervised child costs, added and started, with nothing of its own in its scope. */
import { type Child, Scheduler, Supervisor } from "holdfast";
import type { Ruler } from "./ruler.js";
import { StandingTime } from "./standing-time.js";

const CHILD_COUNT = 16;

/** Adding and starting are measured one after the other; both are a child's. */
export function measureSupervisor(ruler: Ruler): void {
  const time = new StandingTime();
  const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: 1 });
  const supervisor = new Supervisor({
    clock: time.clock,
    scheduler,
    childCountMax: CHILD_COUNT,
    intensity: { restartCountMax: 3, periodMs: 1000 },
    onEscalate: () => {},
  });
  const options = new Array<{ name: string; restart: "permanent"; start: () => void }>(CHILD_COUNT);
  for (let index = 0; index < CHILD_COUNT; index++) {
    options[index] = { name: `child ${index}`, restart: "permanent", start: () => {} };
  }
  const kept = new Array<Child | undefined>(CHILD_COUNT).fill(undefined);
  ruler.perThing("child, added", CHILD_COUNT, (index) => {
    kept[index] = supervisor.add(options[index]!);
  });
  ruler.perThing("child, started", CHILD_COUNT, (index) => {
    if (index === 0) supervisor.start();
  });
}

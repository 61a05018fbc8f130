/** The time that the scheduler's specs are driven by keeps the law of the ports that it stands for. */

import { describePort } from "../../harness/port-suite.js";
import { clockObligations } from "../../ports/clock.js";
import { timerObligations } from "../../ports/timer.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

function open() {
  const time = new ManualTime();
  return { clock: time.clock, Timer: time.Timer, advance: (durationMs: number) => time.advance(durationMs) };
}

describePort("Clock of ManualTime", clockObligations, open);
describePort("Timer of ManualTime", timerObligations, open);

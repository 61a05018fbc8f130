/** The Timer suite over virtual time, over real time driven by sinon, and over broken timers. */
import sinon from "sinon";
import { RealTime } from "../../../hosts/node/real-time.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenTimers } from "../../ports/broken/timer.js";
import { type TimerSubject, timerObligations } from "../../ports/timer.js";

function openVirtual(): TimerSubject {
  const time = new VirtualTime();
  return { Timer: time.Timer, clock: time.clock, advance: (durationMs) => time.advance(durationMs) };
}

function openReal(): TimerSubject {
  const fake = sinon.useFakeTimers();
  const { Timer, clock } = new RealTime();
  return { Timer, clock, advance: (durationMs) => void fake.tick(durationMs) };
}

describePort("Timer of VirtualTime", timerObligations, openVirtual);
describePort("Timer of RealTime", timerObligations, openReal, () => sinon.restore());
describeBroken("Timer", timerObligations, brokenTimers(openVirtual));

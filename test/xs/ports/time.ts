/**
 * Clock, timer and wall clock of the XS host: the whole law over a wire whose time is driven, and over the real one what is
 * true on a busy computer too.
 */
import { createWallClock } from "../../../hosts/simulated/wall-clock.js";
import { XSTime } from "../../../hosts/xs/xs-time.js";
import { describePort } from "../../harness/port-suite.js";
import { type ClockSubject, clockObligations } from "../../ports/clock.js";
import { type TimerSubject, timerObligations } from "../../ports/timer.js";
import { wallClockObligations } from "../../ports/wall-clock.js";
import { hostUnderTest, waitOn } from "../host.js";
import { ScriptedWire } from "./rig/scripted-wire.js";

function openDriven(): ClockSubject & TimerSubject {
  const wire = new ScriptedWire();
  const time = new XSTime(wire);
  wire.listen(() => time.wake());
  return { clock: time.clock, Timer: time.Timer, advance: (durationMs) => wire.advance(durationMs) };
}

function openReal(): ClockSubject & TimerSubject {
  const host = hostUnderTest();
  return { clock: host.clock, Timer: host.Timer, advance: (durationMs) => waitOn(host, durationMs) };
}

describePort("Clock of hosts/xs, driven", clockObligations, openDriven);
describePort("Timer of hosts/xs, driven", timerObligations, openDriven);
describePort("WallClock of hosts/xs, driven", wallClockObligations, () => {
  const { clock, advance } = openDriven();
  return { wallClock: createWallClock({ clock }), advance };
});
describePort("Clock of hosts/xs, real", clockObligations, openReal);
describePort("Timer of hosts/xs, real", timerObligations, openReal);

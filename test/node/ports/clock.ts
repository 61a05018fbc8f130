/** The Clock suite over virtual time, over real time driven by sinon, and over broken clocks. */
import sinon from "sinon";
import { RealTime } from "../../../hosts/node/real-time.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenClocks } from "../../ports/broken/clock.js";
import { type ClockSubject, clockObligations } from "../../ports/clock.js";

function openVirtual(): ClockSubject {
  const time = new VirtualTime();
  return { clock: time.clock, advance: (durationMs) => time.advance(durationMs) };
}

function openReal(): ClockSubject {
  const fake = sinon.useFakeTimers();
  return { clock: new RealTime().clock, advance: (durationMs) => void fake.tick(durationMs) };
}

describePort("Clock of VirtualTime", clockObligations, openVirtual);
describePort("Clock of RealTime", clockObligations, openReal, () => sinon.restore());
describeBroken("Clock", clockObligations, brokenClocks(openVirtual));

/** A virtual device ends a life as a chip does, and tells a fault of the firmware from one of the spec that runs it. */
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Host, Main } from "../../../src/ports/host.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { factorySnapshot } from "./rig.js";

function deviceWith(main: Main): VirtualDevice {
  const device = new VirtualDevice({ flash: NorFlash.from(factorySnapshot()), firmware: () => main });
  device.powerOn();
  return device;
}

function runAfter(host: Host, delayMs: number, run: () => void): void {
  new host.Timer({ onExpire: run }).arm(delayMs);
}

function crash(): never {
  throw new Error("nobody catches this");
}

describe("a virtual device", () => {
  it("restarts after an exception that leaves main or a timer, as XS restarts its chip", () => {
    let startCount = 0;
    const device = deviceWith((host) => {
      startCount++;
      if (startCount === 1) runAfter(host, 50, crash);
      if (startCount === 2) crash();
    });
    device.advance(100);
    equal(
      device.lives.map((life) => [life.resetReason, life.endedBy]),
      [
        ["powerOn", "software"],
        ["software", "software"],
        ["software", undefined],
      ],
    );
    equal(device.lines, ["abort: nobody catches this", "abort: nobody catches this"]);
  });

  it("lets out what a spec's predicate throws, and has not restarted", () => {
    const device = deviceWith(() => {});
    throws(() => device.runUntil(crash, 100), /nobody catches this/);
    equal([device.lives.length, device.lines], [1, []]);
  });

  it("does not wait for a firmware that restarts without end", () => {
    // Where each life ended before any time had passed, runUntil went from one to the next for ever.
    const looping: readonly Main[] = [
      crash,
      (host) => runAfter(host, 0, crash),
      (host) => runAfter(host, 0, () => host.system.restart()),
    ];
    for (const main of looping) throws(() => deviceWith(main).advance(1000), /restarts without end/);
  });

  it("keeps retained memory over each reset but the loss of power", () => {
    const found: string[] = [];
    const device = deviceWith((host) => {
      found.push(host.retainedMemory.read(0, 4).join("."));
      host.retainedMemory.write(0, Uint8Array.of(1, 2, 3, 4));
    });
    for (const reason of ["brownOut", "watchdog", "panic", "software", "powerOn"] as const) device.reset(reason);
    equal(found.slice(1, 5), Array(4).fill("1.2.3.4"));
    ok(found[5] !== "1.2.3.4", "noise");
  });
});

/** `holdfast boot status`: what a flash tells of its device, in words and as JSON, and one line for what is no flash. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FlashStatus, flashStatusOf } from "../../../cli/boot/flash-status.js";
import type { StartCause } from "../../../cli/boot/next-start.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { after, describe, it } from "../../harness/spec.js";
import { idOf, makeImage, type Rig, SLOT_SIZE_BYTES, startedRig } from "../ota/rig.js";
import { CommandLine } from "./command-line.js";

const OTHER = makeImage("2.0.0");

function statusOf(rig: Rig): FlashStatus {
  return flashStatusOf(rig.flash.snapshot(), "dump.bin");
}

/** The starts behind a reset of a kind, as "0 run full". */
function foreseen({ next }: FlashStatus, cause: StartCause): string[] {
  const { starts } = next.find((foresight) => foresight.cause === cause)!;
  return starts.map(({ slot, decision, level }) => `${slot} ${decision} ${level}`);
}

describe("command: boot status", () => {
  const line = new CommandLine();
  after(() => line.close());

  it("tells an image in quarantine by its hash and release, and whose verdict was the last", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "crashAtStart" } });
    rig.offer(OTHER, { version: "2.0.0" });
    ok(rig.runUntilLine(", quarantine"));
    const status = statusOf(rig);
    equal(status.quarantine, [{ imageId: idOf(OTHER), releaseNumber: 1 }]);
    equal(status.lastVerdict, { verdict: "quarantined", imageId: idOf(OTHER), because: undefined });
    const [old, bad] = status.slots;
    equal([old!.version, old!.state, old!.fault], ["1.0.0", "valid", undefined]);
    equal([bad!.version, bad!.state, bad!.releaseNumber], ["2.0.0", "aborted", 1]);
    equal(foreseen(status, "power"), ["0 run full"]);
  });

  it("follows a trial that power ended, and one that a crash ended, to the start that stays", () => {
    const rig = startedRig();
    rig.offer(OTHER, { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots"));
    const status = statusOf(rig);
    const { imageId, slot, attemptCount, attemptCountMax, hasBooted, endedBy } = status.trial!;
    equal([imageId, slot, attemptCount, attemptCountMax], [idOf(OTHER), 1, 1, 5]);
    equal([hasBooted, endedBy], [true, undefined]);
    equal(foreseen(status, "power"), ["0 re-arm full", "1 trial full"]);
    equal(foreseen(status, "crash"), ["0 quarantine full"]);
  });

  it("counts unhealthy starts, and says what the next one starts after each kind of reset", () => {
    const rig = startedRig();
    for (let count = 0; count < 3; count++) rig.device.reset("panic");
    const status = statusOf(rig);
    equal(status.streak, { count: 3, isFallbackTaken: false });
    equal(foreseen(status, "power"), ["0 run essential"]);
    equal(foreseen(status, "wanted"), ["0 run full"]);
    equal(
      status.next.map(({ starts }) => starts[0]!.crashCount),
      [3, 3, 4],
    );
  });

  it("says what is wrong with an image, and still what it calls itself", () => {
    const rig = startedRig();
    rig.offer(OTHER, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
    rig.flash.flipBit(2 * SLOT_SIZE_BYTES + 5000, 3);
    const status = statusOf(rig);
    const { version, stated, fault } = status.slots[1]!;
    equal([version, stated], [undefined, { version: "2.0.0", imageId: idOf(OTHER) }]);
    ok(/checksum/.test(fault!), fault!);
    ok(status.next[0]!.starts[0]!.bootloader.some((text) => /^ota_1 does not boot: .*checksum/.test(text)));
    equal(foreseen(status, "power"), ["0 run, other lost after repair full"]);
  });

  it("prints words or JSON of a file, and leaves it as it is", async () => {
    const rig = startedRig();
    const before = rig.flash.snapshot();
    const file = join(line.folder, "device.flash");
    writeFileSync(file, before);
    const words = await line.run(["boot", "status", "device.flash"]);
    equal([words.exitCode, words.stderr], [0, ""]);
    ok(/^ota_0 {13}1\.0\.0, image [0-9a-f]{16}, whole$/m.test(words.stdout), words.stdout);
    ok(/^switched on {7}ota_0 boots, level full \(rung ground\); run: nothing is open$/m.test(words.stdout), words.stdout);
    const json = JSON.parse((await line.run(["boot", "status", "device.flash", "--json"])).stdout) as FlashStatus;
    equal([json.flashSizeBytes, json.bootCount, json.slots[0]!.version], [before.length, 1, "1.0.0"]);
    equal(Buffer.compare(readFileSync(file), before), 0);
  });

  it("refuses what is no flash, in one line", async () => {
    const { exitCode, stdout, stderr } = await line.run(["boot", "status"]);
    equal([exitCode, stdout], [1, ""]);
    ok(/^holdfast: out\/sim\.flash: .*expected a flash image; `holdfast sim` makes one\n$/.test(stderr), stderr);
    const whole = startedRig().flash.snapshot();
    const cases: readonly (readonly [bytes: Uint8Array, message: RegExp])[] = [
      [new Uint8Array(4096), /^x: has 4096 bytes, too short for a partition table; expected all of a flash/],
      [whole.slice(0, 0x20000 - 1), /^x: has 131071 bytes, no whole number of sectors/],
      [new Uint8Array(0x10000).fill(0xff), /^x: no partition table: 0x8000 is blank/],
      [new Uint8Array(0x10000), /^x: no partition table: 0x8000 holds something else/],
      [whole.slice(0, 0x20000), /^x: .*"ota_1" ends at 0x30000, expected at most 0x20000; expected all of a flash/],
    ];
    for (const [bytes, message] of cases) throws(() => flashStatusOf(bytes, "x"), "corrupt", message);
  });
});

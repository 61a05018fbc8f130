/**
 * A flash file belongs to one chip at a time, and has to be the flash of such a chip: else one clear line, and nothing is
 * written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { equal, ok, rejects } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { SMALL_FLASH_SIZE_BYTES } from "../../sim/small-flash.js";
import { ProbeLab } from "./probe-device.js";

const TABLE_OFFSET = 0x8000;
/** Of the first row's name. */
const LABEL_OFFSET = 12;

describe("simulator: one chip a flash file", () => {
  let lab: ProbeLab;

  before(async () => {
    lab = await ProbeLab.open();
  });

  after(async () => {
    await lab.close();
  });

  it("refuses a second chip, names who has the file, and leaves the first alone", async () => {
    const file = lab.flash("idle");
    const first = lab.powerOn(file);
    await first.line("probe: powerOn");
    const second = lab.powerOn(file);
    await rejects(
      second.line("probe: "),
      "closed",
      /^\S+\.flash\.lock: process \d+ holds the file; expected it to be closed there first$/,
    );
    await second.process.ended;
    first.process.pullReset("brownOut");
    await first.line("probe: brownOut");
    await first.process.stop();
  });

  it("gives the file back at stop", async () => {
    const file = lab.flash("idle");
    const first = lab.powerOn(file);
    await first.line("probe: powerOn");
    ok(existsSync(`${file}.lock`));
    await first.process.stop();
    ok(!existsSync(`${file}.lock`));
    const second = lab.powerOn(file);
    await second.line("probe: powerOn");
    await second.process.stop();
  });

  it("takes the file over from a chip that lost its power", async () => {
    const file = lab.flash("idle");
    const first = lab.powerOn(file);
    await first.line("probe: powerOn");
    await first.process.cutPower();
    ok(existsSync(`${file}.lock`), "a killed process leaves its lock");
    const second = lab.powerOn(file);
    await second.line("probe: powerOn");
    await second.process.stop();
  });

  it("refuses a file of another size and does not touch it", async () => {
    const file = lab.newFile();
    writeFileSync(file, "too short");
    const device = lab.powerOn(file);
    const expected = new RegExp(`the file has 9 bytes, expected ${SMALL_FLASH_SIZE_BYTES}, the flash's size$`);
    await rejects(device.line("probe: "), "closed", expected);
    equal(readFileSync(file, "utf8"), "too short");
    ok(!existsSync(`${file}.lock`));
  });

  it("halts on a blank flash, as a new chip does", async () => {
    const file = lab.newFile();
    writeFileSync(file, new Uint8Array(SMALL_FLASH_SIZE_BYTES).fill(0xff));
    const device = lab.powerOn(file);
    await device.event("the halt", ({ kind }) => kind === "halt");
    await device.process.stop();
    equal(
      device.events.flatMap((event) => (event.kind === "bootloader" ? [event.line] : [])),
      ["no bootable partition"],
    );
  });

  it("refuses a flash with a damaged partition table", async () => {
    const file = lab.flash("idle");
    const bytes = readFileSync(file);
    bytes[TABLE_OFFSET + LABEL_OFFSET]! ^= 1;
    writeFileSync(file, bytes);
    await rejects(lab.powerOn(file).line("probe: "), "closed", /^partition table: .*MD5/);
    ok(!existsSync(`${file}.lock`));
  });
});

/** What runs is what lies in the slot, and it sees the language, its host, and nothing of the computer underneath. */
import { readFileSync, writeFileSync } from "node:fs";
import type { ChipEvent } from "../../../hosts/node/index.js";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { ProbeLab } from "./probe-device.js";

/** Slot 0 of the small flash. */
const SLOT_OFFSET = 0x20000;

describe("simulator: the firmware comes from the slot", () => {
  let lab: ProbeLab;

  before(async () => {
    lab = await ProbeLab.open();
  });

  after(async () => {
    await lab.close();
  });

  /** Changes a text of the firmware in the flash file, and neither checksum nor hash. */
  function patch(file: string, from: string, to: string): void {
    const bytes = readFileSync(file);
    const offset = bytes.indexOf(from, SLOT_OFFSET, "latin1");
    ok(offset > 0 && from.length === to.length, `${from} is in the image`);
    bytes.write(to, offset, "latin1");
    writeFileSync(file, bytes);
  }

  it("runs the very bytes that lie there", async () => {
    const file = lab.flash("idle");
    patch(file, "probe: ", "other: ");
    const device = lab.powerOn(file, { validation: "skipped" });
    equal(await device.line("other: "), "other: powerOn, ram 1, retained 1, kept 1");
    await device.process.stop();
  });

  it("halts after twenty starts in a row that ended at once, and says so", async () => {
    const device = lab.powerOn(lab.flash("crashAlways"));
    const halt = await device.event("the halt", ({ kind }) => kind === "halt");
    const { because, atMs } = halt as ChipEvent & { readonly kind: "halt" };
    equal(because, "20 starts in a row ended within 2000 ms, the last one by software");
    ok(atMs > 0);
  });

  it("halts in the bootloader where the only image is damaged, and says what is wrong with it", async () => {
    const file = lab.flash("idle");
    patch(file, "probe: ", "other: ");
    const device = lab.powerOn(file);
    const halt = await device.event("the halt", ({ kind }) => kind === "halt");
    equal((halt as ChipEvent & { readonly kind: "halt" }).because, "the bootloader found no image to boot");
    const lines = device.events.flatMap((event) => (event.kind === "bootloader" ? [event.line] : []));
    ok(
      lines.some((line) => line.includes("ota_0") && /checksum|hash|SHA-256/.test(line)),
      lines.join("\n"),
    );
    ok(
      device.events.every(({ kind }) => kind !== "boot" && kind !== "line"),
      "nothing of it was run",
    );
    await device.process.stop();
  });

  it("ends in a restart where the module does not even load", async () => {
    const file = lab.flash("idle");
    patch(file, "let ramCount", "let let.ount");
    const device = lab.powerOn(file, { validation: "skipped" });
    const line = await device.line("abort: ");
    ok(line.startsWith("abort: unhandled exception: Unexpected"), line);
    await device.event("the reset", (event) => event.kind === "reset" && event.reason === "software");
    await device.process.stop();
  });

  it("gives the firmware the language and no global of Node", async () => {
    const device = lab.powerOn(lab.flash("globals"));
    const names = (await device.line("globals: ")).split(" ").slice(1);
    await device.process.stop();
    ok(names.includes("Promise") && names.includes("Uint8Array"), "the language is there");
    const node = Object.getOwnPropertyNames(globalThis).filter((name) => !names.includes(name));
    for (const name of ["process", "setTimeout", "console", "fetch", "Buffer", "TextEncoder", "WebAssembly", "Intl"]) {
      ok(node.includes(name), `${name} is a global of Node; expected to be none of the firmware's`);
    }
    for (const name of ["require", "module", "global", "queueMicrotask", "structuredClone", "performance", "crypto"]) {
      ok(!names.includes(name), `the firmware sees ${name}`);
    }
  });
});

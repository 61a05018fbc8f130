/** A power cut is SIGKILL: at a chosen flash step or at any time, and the processor never outlives its chip. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { equal, ok, rejects } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { ProbeLab } from "./probe-device.js";

/** The first thing written at the first start is the bootloader's entry: a sector erased in 8 steps, then 8 words. */
const OTADATA_OFFSET = 0xf000;
const ERASE_STEP_COUNT = 8;

describe("simulator: power cuts", () => {
  let lab: ProbeLab;
  let server: Server | undefined;

  before(async () => {
    lab = await ProbeLab.open();
  });

  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await lab.close();
  });

  it("cuts inside a write, says where, and leaves what was written until then", async () => {
    const file = lab.flash("idle");
    const device = lab.powerOn(file, { cutAtStep: ERASE_STEP_COUNT + 3 });
    await rejects(device.line("probe: "), "closed", /^the device lost its power$/);
    equal(device.process.cut, { kind: "program", offset: OTADATA_OFFSET + 8, isInside: true });
    ok(!device.process.isRunning);
    const [slot] = lab.shipped.inspectFlash(file).slots;
    equal(slot?.state, undefined, "the entry is torn: three of its eight words are there");
    const next = lab.powerOn(file);
    equal(await next.line("probe: "), "probe: powerOn, ram 1, retained 1, kept 1");
    await next.process.stop();
    equal(next.process.cut, undefined);
  });

  it("counts the flash steps from power-on", async () => {
    const file = lab.flash("idle");
    const device = lab.powerOn(file);
    await device.line("probe: ");
    await device.process.stop();
    const whole = device.process.stepCount;
    ok(whole > ERASE_STEP_COUNT + 8, `${whole} steps; expected the bootloader's and those of a setting`);
    const cut = lab.powerOn(lab.flash("idle"), { cutAtStep: whole });
    await cut.process.ended;
    equal(cut.process.cut?.isInside, false, "the last step ends its operation");
  });

  it("takes the processor with it, even out of an endless loop", async () => {
    let held: Socket | undefined;
    const listening = createServer();
    server = listening;
    const closed = new Promise<void>((resolve) => {
      listening.on("request", (request: IncomingMessage, response: ServerResponse) => {
        held = request.socket;
        held.on("error", () => {}); // How the connection ends is not the question.
        held.on("close", () => resolve());
        response.writeHead(200, { "content-length": 1 }).flushHeaders();
      });
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const port = String((listening.address() as AddressInfo).port);
    const device = lab.powerOn(lab.flash("connectAndLoop", { "probe.port": port }));
    await device.line("spinning");
    equal(held?.destroyed, false, "the processor holds its connection");
    await device.process.cutPower();
    await closed; // By the kernel: a process in an endless loop closes nothing.
  });
});

/**
 * The processor's process: boots once from the running slot's bytes, and ends only when the chip kills it.
 *
 * A fresh process is a fresh RAM: nothing survives a reset but what lies in flash and retained memory. An exception that nobody
 * catches ends as on XS, by a restart that looks like a wanted one. A thread holds a pipe to the chip and kills this process
 * when the chip is gone, even while the firmware spins in an endless loop. Started by simulated-chip.ts only.
 */
import { Worker } from "node:worker_threads";
import { messageOf } from "../../../src/errors.js";
import { WireChip } from "../../simulated/wire-chip.js";
import { openHost, readPartitions } from "../open-host.js";
import { RealTime } from "../real-time.js";
import { readFirmwareBundles } from "./firmware-image.js";
import { runFirmware } from "./realm.js";
import { SocketWire } from "./socket-wire.js";

/** File descriptors that the chip's process opens for this one. */
const CHIP_SOCKET = 3;
const TETHER_PIPE = 4;

/** Blocks on the pipe until the other end is closed, which nothing but the end of the chip's process does. */
const TETHER = `
const { readSync } = require("node:fs");
try { readSync(${TETHER_PIPE}, Buffer.alloc(1)); } catch {}
process.kill(process.pid, "SIGKILL");
`;

// The thread also keeps this process alive: a firmware that waits for nothing idles, as on the chip, until a watchdog bites.
new Worker(TETHER, { eval: true, stdout: false, stderr: false });
const wire = new SocketWire(CHIP_SOCKET);
const chip = new WireChip(wire);
const abort = (error: unknown): void => {
  const where = error instanceof Error ? (error.stack?.split("\n")[1]?.trim() ?? "") : "";
  wire.abort(`unhandled exception: ${messageOf(error)} ${where}`.trim());
};
process.on("uncaughtException", abort);
process.on("unhandledRejection", abort);

const slot = readPartitions(chip.flash).find((partition) => partition.label === `ota_${chip.runningSlot}`);
if (!slot) {
  wire.abort(`there is no partition ota_${chip.runningSlot}`);
} else {
  const bundles = readFirmwareBundles(chip.flash.read(slot.offset, slot.size));
  await runFirmware(bundles, openHost({ chip, time: new RealTime() }));
}

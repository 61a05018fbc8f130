/**
 * How much heap an update takes above a firmware at rest, on the real engine, with the 16-byte slots of a microcontroller where
 * this computer can build it.
 *
 * An image of 96 chunks comes over loopback from the DDI server, signed by keys of the moment; the firmware beside this file
 * tells the heap at its highest point of each phase. See docs/sizes.md for how the engine is counted.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChipEvent } from "../../hosts/node/index.js";
import { errorCodeOf } from "../../src/errors.js";
import { loadShipped, type Shipped } from "../../test/sim/shipped.js";
import type { HeapReading } from "./heap-reading.js";

const ENTRY = fileURLToPath(new URL("firmware/measured.ts", import.meta.url));
const APPLICATION = fileURLToPath(new URL("../../test/fixtures/firmware/updatable/", import.meta.url));
const DEVICE_CLASS = "updatable";
/** Of ballast: an image of 96 chunks. */
const BALLAST_SIZE_BYTES = 1_560_000;
/** Room enough for the modules, which lie in flash on a device. */
const HEAP_SIZE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 60_000;
const PHASES = Object.freeze(["rest", "offer", "download", "verify", "arm"] as const);

type Desk = InstanceType<Shipped["ReleaseDesk"]>;
type Processor = Awaited<ReturnType<Shipped["xsProcessor"]>>;

export interface UpdateHeap {
  /** 16: as on a device. 32: this computer builds for 64 bits only, and the bytes below are counted with 16 in their place. */
  readonly slotSizeBytes: number;
  readonly chunkCount: number;
  readonly restBytes: number;
  /** Above it, by phase. */
  readonly growthBytes: Readonly<Record<"offer" | "download" | "verify" | "arm", number>>;
}

/** Throws `missing` where there is no C compiler at all. */
export async function measureUpdateHeap(log: (line: string) => void): Promise<UpdateHeap> {
  const shipped = await loadShipped();
  const processor = await processorFor(shipped, log);
  const folder = mkdtempSync(join(tmpdir(), "holdfast-update-heap-"));
  const desk = new shipped.ReleaseDesk();
  try {
    const port = await desk.server.listen();
    const application = { ...shipped.readApplication(APPLICATION), keys: desk.keys };
    const { image } = await shipped.buildApplicationImage({ ...application, version: "1.0.0", entry: ENTRY });
    const file = join(folder, "update.flash");
    shipped.flashFactory({ file, image, settings: { "update.port": String(port) } });
    const large = largeUpdate(shipped);
    const readings = await follow(shipped, { file, processor, onRest: () => offer(desk, large) });
    return heapOf(readings, Math.ceil(large.length / 16_384));
  } finally {
    await desk.server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function processorFor(shipped: Shipped, log: (line: string) => void): Promise<Processor> {
  const options = { heapSizeBytes: HEAP_SIZE_BYTES, log };
  try {
    return await shipped.xsProcessor({ ...options, variant: "slots16" });
  } catch (error) {
    if (errorCodeOf(error) !== "missing") throw error;
    return shipped.xsProcessor(options);
  }
}

function largeUpdate(shipped: Shipped): Uint8Array {
  const application = `export default () => {}; // ${"holdfast ".repeat(BALLAST_SIZE_BYTES / 9)}`;
  const bundles = { preload: "export {};", application };
  return shipped.buildFirmwareImage({ bundles, project: DEVICE_CLASS, version: "2.0.0", chip: "esp32c3" });
}

async function offer(desk: Desk, image: Uint8Array): Promise<void> {
  const sha256 = Buffer.from(image.subarray(image.length - 32)).toString("hex");
  await desk.offer(
    { version: "2.0.0", image, sha256, bundles: { preload: "", application: "" } },
    { deviceClass: DEVICE_CLASS },
  );
}

interface FollowOptions {
  readonly file: string;
  readonly processor: Processor;
  /** Once the firmware is at rest. */
  readonly onRest: () => Promise<void>;
}

/** Until the image is armed. */
function follow(shipped: Shipped, { file, processor, onRest }: FollowOptions): Promise<HeapReading[]> {
  return new Promise((resolve, reject) => {
    const readings: HeapReading[] = [];
    const lines: string[] = [];
    const end = (finish: () => void): void => {
      clearTimeout(patience);
      setImmediate(() => {
        chip.stop();
        finish();
      });
    };
    const fail = (because: string): void => end(() => reject(new Error(`${because}: ${lines.slice(-4).join(" · ")}`)));
    const patience = setTimeout(() => fail("no update on the engine"), PATIENCE_MS);
    const chip = new shipped.SimulatedChip({
      file,
      flashSizeBytes: shipped.DEFAULT_FLASH_SIZE_BYTES,
      processor,
      onEvent: (event: ChipEvent) => {
        if (event.kind === "halt") fail(event.because);
        if (event.kind !== "line") return;
        lines.push(event.text);
        if (event.text === "at rest") void onRest().catch((error: unknown) => fail(String(error)));
        if (!event.text.startsWith("{")) return;
        const reading = JSON.parse(event.text) as HeapReading;
        readings.push(reading);
        if (reading.phase === "arm") end(() => resolve(readings));
      },
    });
    chip.start();
  });
}

function heapOf(readings: readonly HeapReading[], chunkCount: number): UpdateHeap {
  const [rest, ...phases] = PHASES.map((phase) => {
    const reading = readings.findLast((candidate) => candidate.phase === phase);
    if (reading === undefined) throw new Error(`the heap in "${phase}" was not told`);
    return reading.slots * 16 + reading.chunkBytes;
  });
  const [offered, download, verify, arm] = phases.map((bytes) => bytes - rest!);
  return {
    slotSizeBytes: readings[0]!.slotSizeBytes,
    chunkCount,
    restBytes: rest!,
    growthBytes: { offer: offered!, download: download!, verify: verify!, arm: arm! },
  };
}

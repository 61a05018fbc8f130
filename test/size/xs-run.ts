/**
 * Runs a measuring firmware on XS, all the shipped way, and gives what it told: bundles, an image, a slot of a flash file, a
 * simulated chip, and the engine as its processor.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChipEvent } from "../../hosts/node/index.js";
import { Operation } from "../../hosts/simulated/wire.js";
import { loadShipped, type Shipped } from "../sim/shipped.js";
import type { Reading } from "./firmware/reading.js";

const FIRMWARE_FOLDER = join(dirname(fileURLToPath(import.meta.url)), "firmware");
/** Room for 1,000 tasks beside all else. Slots are counted, whatever the room. */
const HEAP_SIZE_BYTES = 16 * 1024 * 1024;
/** Nobody answers there: the update client fails at once and waits for its next poll. */
const SETTINGS: Readonly<Record<string, string>> = Object.freeze({ "update.host": "127.0.0.1", "update.port": "9" });

/** Stands in for the adapters where they would be counted: it tells the counters and never calls main. */
const COUNTING_HOST = `
const say = (native, text) => native.send(${Operation.trace}, 0, 0, native.utf8Encode(text));
export function boot(native) {
  native.collect();
  const { slots, chunkBytes } = native.statistics();
  say(native, JSON.stringify({ name: "modules", count: 1, slots, chunkBytes, collections: 0, meter: 0 }));
  say(native, "end");
}
`;

type Processor = Awaited<ReturnType<Shipped["xsProcessor"]>>;

/** Follows the chip until the firmware says "end". Throws where it restarts instead, with its last lines. */
function follow(shipped: Shipped, file: string, processor: Processor): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let bootCount = 0;
    let isOver = false;
    const end = (finish: () => void): void => {
      if (isOver) return;
      isOver = true;
      setImmediate(() => {
        chip.stop();
        finish();
      });
    };
    const chip = new shipped.SimulatedChip({
      file,
      processor,
      flashSizeBytes: shipped.DEFAULT_FLASH_SIZE_BYTES,
      onEvent: (event: ChipEvent) => {
        if (event.kind === "boot") bootCount++;
        if (event.kind === "line") lines.push(event.text);
        if (event.kind === "line" && event.text === "end") end(() => resolve(lines));
        else if (event.kind === "halt" || (event.kind === "reset" && bootCount > 0)) {
          end(() => reject(new Error(`the measuring firmware restarted: ${lines.slice(-3).join(" · ")}`)));
        }
      },
    });
    chip.start();
  });
}

/** The engine's processor; with `host.js` in `folder` instead of the adapters where `isAlone`. */
async function processorFor(shipped: Shipped, folder: string, isAlone: boolean): Promise<Processor> {
  const processor = await shipped.xsProcessor({ heapSizeBytes: HEAP_SIZE_BYTES, log: (line) => console.error(line) });
  if (!isAlone) return processor;
  const hostFile = join(folder, "host.js");
  writeFileSync(hostFile, COUNTING_HOST);
  return { ...processor, args: processor.args.map((value, index, all) => (all[index - 1] === "--host" ? hostFile : value)) };
}

async function run(entry: string, isAlone: boolean): Promise<readonly Reading[]> {
  const shipped = await loadShipped();
  const application = { folder: FIRMWARE_FOLDER, name: "costs", version: "1.0.0", entry, chip: "esp32c3" } as const;
  const { image } = await shipped.buildApplicationImage(application);
  const folder = mkdtempSync(join(tmpdir(), "holdfast-costs-"));
  try {
    const file = join(folder, "costs.flash");
    shipped.flashFactory({ file, image, settings: SETTINGS });
    const lines = await follow(shipped, file, await processorFor(shipped, folder, isAlone));
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Reading);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The readings of one firmware in test/size/firmware, by the name of its file without ".ts". */
export function measureOnXS(firmware: string): Promise<readonly Reading[]> {
  return run(join(FIRMWARE_FOLDER, `${firmware}.ts`), false);
}

/** What the modules of a firmware have in use once evaluated, with no host beside them and its main not called. */
export async function measureModules(entry: string): Promise<Reading> {
  const [reading] = await run(entry, true);
  if (reading === undefined) throw new Error(`${entry}: its modules were not measured; expected one reading`);
  return reading;
}

/**
 * Runs the portable specs on XS and reports as mocha does: `npm run test:xs`.
 *
 * Everything is the shipped way: the specs become the application bundle of an image, the framework its preload bundle, the
 * image lies in a slot of a flash file, and the simulated chip boots it on the engine. What the engine says comes back as
 * traced lines. An argument names a part of the paths of the specs to be run.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChipEvent } from "../../hosts/node/index.js";
import { loadShipped, type Shipped } from "../sim/shipped.js";
import { bundleSpecs } from "./bundle.js";
import { NETWORK_PORT_KEY } from "./host.js";
import { ScriptedNetwork } from "./scripted-network.js";
import { SKIPS } from "./skips.js";

const FLASH_SIZE_BYTES = 0x800000;
/** Room for the specs, which are larger than any firmware. */
const PARTITIONS = `nvs, data, nvs, 0x9000, 0x6000
otadata, data, ota, 0xf000, 0x2000
ota_0, app, ota_0, 0x20000, 0x300000
ota_1, app, ota_1, 0x320000, 0x300000
journal, data, 0x40, 0x620000, 0x4000
storage, data, 0x41, 0x630000, 0x10000
`;
const HEAP_SIZE_BYTES = 64 * 1024 * 1024;
/** Files in one firmware. Every word at their top is a slot of the engine's stack, which has 1,024 as on a device. */
const FILE_COUNT_MAX = 60;

interface Tally {
  passed: number;
  readonly failures: { readonly title: string; readonly message: string }[];
  readonly skipped: Set<string>;
  running: string | undefined;
  ended: boolean;
}

function specFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Boots the flash file on XS and follows it to the end, or to the first restart. */
async function follow(shipped: Shipped, file: string, tally: Tally): Promise<void> {
  const processor = await shipped.xsProcessor({ heapSizeBytes: HEAP_SIZE_BYTES, log: (line: string) => console.error(line) });
  await new Promise<void>((done) => {
    let bootCount = 0;
    const chip = new shipped.SimulatedChip({
      file,
      flashSizeBytes: FLASH_SIZE_BYTES,
      processor,
      onEvent: (event: ChipEvent) => {
        if (event.kind === "boot") bootCount++;
        if (event.kind === "line") hear(event.text, tally);
        const isOver = tally.ended || event.kind === "halt" || (event.kind === "reset" && bootCount > 0);
        if (!isOver) return;
        if (event.kind === "reset" && !tally.ended) lose(`the device restarted: ${event.reason}`, tally);
        setImmediate(() => {
          chip.stop();
          done();
        });
      },
    });
    chip.start();
  });
}

function hear(line: string, tally: Tally): void {
  const text = line.slice(line.indexOf(" ") + 1);
  if (line.startsWith("start ")) tally.running = text;
  else if (line.startsWith("pass ")) tally.passed++;
  else if (line.startsWith("skip ")) tally.skipped.add(text);
  else if (line.startsWith("fail ")) {
    const [title = "", ...message] = text.split("\n");
    tally.failures.push({ title, message: message.join("\n") });
  } else if (line === "end") tally.ended = true;
  else console.error(line);
}

function lose(why: string, tally: Tally): void {
  tally.failures.push({ title: tally.running ?? "before the first spec", message: why });
}

/** The portable specs, and the port suites over this host. The rig of the suites holds no specs. */
function wantedFiles(root: string, wanted: string): string[] {
  const suites = join(root, "test", "xs", "ports");
  const files = [...specFiles(join(root, "test", "spec")), ...specFiles(suites)];
  return files.filter((file) => file.includes(wanted) && !file.startsWith(join(suites, "rig")));
}

/** Runs the files as the firmware of a new device, in a folder that is gone afterwards. */
async function runOnXS(files: readonly string[], tally: Tally): Promise<void> {
  const shipped = await loadShipped();
  tally.ended = false;
  const image = shipped.buildFirmwareImage({ bundles: await bundleSpecs(files), project: "specs", version: "0.0.0" });
  const folder = mkdtempSync(join(tmpdir(), "holdfast-xs-"));
  const network = await ScriptedNetwork.open();
  try {
    const file = join(folder, "specs.flash");
    const settings = { [NETWORK_PORT_KEY]: String(network.port) };
    shipped.flashFactory({ file, image, partitionsCSV: PARTITIONS, flashSizeBytes: FLASH_SIZE_BYTES, settings });
    await follow(shipped, file, tally);
  } finally {
    network.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A skip that no spec answered to: the spec was renamed or is gone, and the reason with it. */
function judgeSkips(tally: Tally): void {
  for (const { spec } of SKIPS) {
    if (!tally.skipped.has(spec))
      tally.failures.push({ title: spec, message: "skipped in test/xs/skips.ts, but no such spec ran" });
  }
}

async function main(): Promise<number> {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
  const wanted = process.argv[2] ?? "";
  const files = wantedFiles(root, wanted);
  console.log(`xs: ${files.length} files of specs`);
  const tally: Tally = { passed: 0, failures: [], skipped: new Set(), running: undefined, ended: true };
  for (let from = 0; from < files.length && tally.ended; from += FILE_COUNT_MAX) {
    await runOnXS(files.slice(from, from + FILE_COUNT_MAX), tally);
  }
  if (wanted === "" && tally.ended) judgeSkips(tally);
  for (const { title, message } of tally.failures) console.log(`\n  ✗ ${title}\n    ${message.replaceAll("\n", "\n    ")}`);
  for (const { spec, reason } of SKIPS) if (tally.skipped.has(spec)) console.log(`  - ${spec}: ${reason}`);
  const skipped = tally.skipped.size > 0 ? `, ${tally.skipped.size} skipped` : "";
  console.log(`\nxs: ${tally.passed} passed, ${tally.failures.length} failed${skipped}`);
  return tally.failures.length === 0 && tally.ended && tally.passed > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

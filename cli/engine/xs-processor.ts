/**
 * The real engine as the processor of a simulated device: the built program, and our adapters as the bundle that it loads
 * first.
 */
import { fileURLToPath } from "node:url";
import type { ProcessorProgram } from "../../hosts/node/simulator/simulated-chip.js";
import { type EngineVariant, ensureEngine } from "./ensure-engine.js";

/** Bytes for the application's heap: slots and chunks together, as on a device without external RAM. */
const HEAP_SIZE_BYTES = 256 * 1024;

export interface XSProcessorOptions {
  /** Told what is fetched and built, the first time. */
  readonly log: (line: string) => void;
  /** Default 256 KiB. On a 64-bit build a slot takes twice the room that it takes on the device. */
  readonly heapSizeBytes?: number;
  /** Default "release". */
  readonly variant?: EngineVariant;
}

/** Builds the engine where it is not built yet. Throws `missing` where there is no C compiler, or none for the variant. */
export async function xsProcessor(options: XSProcessorOptions): Promise<ProcessorProgram> {
  const { log, variant = "release" } = options;
  const command = await ensureEngine({ log, variant });
  const host = fileURLToPath(new URL("../../bundles/xs-host.js", import.meta.url)); // Made by rollup.config.js.
  return { command, args: ["--host", host, "--heap", String(options.heapSizeBytes ?? HEAP_SIZE_BYTES)] };
}

/** Which engine runs the firmware of a simulated device, by the name that the command's `--host` takes. */
import type { ProcessorProgram } from "../hosts/node/simulator/simulated-chip.js";

export const HOST_NAMES = Object.freeze(["node", "xs"] as const);
export type HostName = (typeof HOST_NAMES)[number];

/** The program; `undefined` for Node, which needs none. Builds the XS engine the first time, and says so on stderr. */
export async function processorOf(host: HostName): Promise<ProcessorProgram | undefined> {
  if (host === "node") return undefined;
  const { xsProcessor } = await import("./engine/xs-processor.js");
  return xsProcessor({ log: (line) => console.error(line) });
}

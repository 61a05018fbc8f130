/**
 * The XS host's entry: opens every port over the C part's wire and starts the firmware on it.
 *
 * Evaluated in the application's machine as `host.js`, before the application; it comes from the host, not from the slot, as
 * the `embedded:` modules of a board come with its runtime.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Host, Main } from "../../src/ports/host.js";
import { openHost } from "../simulated/open-host.js";
import { WireChip } from "../simulated/wire-chip.js";
import type { EngineStatistics, Native } from "./native.js";
import { createDigest } from "./xs-digest.js";
import { XSNetwork } from "./xs-network.js";
import { createRandom } from "./xs-random.js";
import { XSTime } from "./xs-time.js";
import { createVerifier } from "./xs-verifier.js";

/** What an XS host gives beside the ports: the engine's counters, for budgets. */
export interface EngineCounters {
  statistics(target: EngineStatistics): EngineStatistics;
  collect(): void;
  meter(): number;
}

export type XSHost = Host & { readonly engine: EngineCounters };

/** Called once by the C part. */
export function boot(native: Native, main: unknown): void {
  if (typeof main !== "function") {
    throw new FirmwareError("corrupt", "the application exports no main; expected a function as its default export");
  }
  const time = new XSTime(native);
  const network = new XSNetwork(native);
  native.listen(
    () => time.wake(),
    (code, first, second, bytes) => network.receive(code, first, second, bytes),
  );
  const host = openHost({
    chip: new WireChip(native, native.hello),
    time,
    random: createRandom(native),
    Digest: createDigest(native),
    verifier: createVerifier(native),
    HTTPClient: network.HTTPClient,
    HTTPSClient: network.HTTPSClient,
  });
  const engine: EngineCounters = Object.freeze({
    statistics: (target: EngineStatistics) => native.statistics(target),
    collect: () => native.collect(),
    meter: () => native.meter(),
  });
  (main as Main)(Object.freeze({ ...host, engine }) as XSHost);
}

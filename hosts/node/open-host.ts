/**
 * The host of a firmware under Node: the ports over a simulated chip, with Node's randomness, digest and network.
 *
 * The same function opens the host in a simulated device's processor process (a remote chip, real time) and inside a mocha test
 * (a VirtualChip, virtual time).
 */
import type { Host } from "../../src/ports/host.js";
import type { HTTPClientConstructor } from "../../src/ports/http-client.js";
import type { Random } from "../../src/ports/random.js";
import { openHost as openSimulatedHost, type OpenHostOptions as SimulatedHostOptions } from "../simulated/open-host.js";
import { Digest } from "./digest.js";
import { HTTPClient, HTTPSClient } from "./http-client.js";
import { createRandom } from "./random.js";
import { verifier } from "./verifier.js";

export { readPartitions } from "../simulated/open-host.js";

export interface OpenHostOptions extends Omit<SimulatedHostOptions, "random" | "Digest" | "verifier" | "HTTPClient"> {
  /** Default: the computer's. */
  readonly random?: Random;
  /** Default: HTTP over the computer's network. */
  readonly HTTPClient?: HTTPClientConstructor;
  /** Default: the same over TLS; but none where HTTPClient is given, which may be a network of its own. */
  readonly HTTPSClient?: HTTPClientConstructor | undefined;
}

/** Opens all ports. Throws `corrupt` for a flash without a partition table, `missing` for one without `nvs`. */
export function openHost(options: OpenHostOptions): Host {
  return openSimulatedHost({
    ...options,
    random: options.random ?? createRandom(),
    HTTPClient: options.HTTPClient ?? HTTPClient,
    HTTPSClient: options.HTTPSClient ?? (options.HTTPClient === undefined ? HTTPSClient : undefined),
    Digest,
    verifier,
  });
}

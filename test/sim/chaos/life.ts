/**
 * One life: a device at rest, one offer, a list of faults, and all that happens until it is quiet again.
 *
 * The shipped modules run, RAM is lost by building them anew at each start, and everything is judged from outside: by the bytes
 * of the flash, by what boots, and by what the server was told. See docs/design/chaos.md.
 */
import { createHash } from "node:crypto";
import { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import { type Fault, isCut, type Operation } from "../../../hosts/node/chaos/fault.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Node } from "../../node/ota/firmware.js";
import { Fleet } from "../../node/ota/fleet.js";
import { PowerCut } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";
import { Judge } from "./judge.js";
import { makeDevice, type Scenario, startFirmware } from "./scenario.js";

/** Virtual time in which every life has to come to its end. */
const LIMIT_MS = 600_000;
/** How long the end has to last. */
const REST_MS = 30_000;

export interface LifeReport {
  readonly violations: readonly string[];
  /** Every operation of the flash, in order. */
  readonly operations: readonly Operation[];
  readonly bootCount: number;
  /** Of the image. */
  readonly fetchedBytes: number;
  /** The new release runs, confirmed, and the server knows. */
  readonly isUpdated: boolean;
  /** Of everything that was seen: the same for the same life. */
  readonly trace: string;
  readonly lines: readonly string[];
}

export interface LifeOptions {
  readonly scenario: Scenario;
  readonly faults: readonly Fault[];
  readonly seed: number;
}

/** Runs it. Never throws for what the device does: that is in the report. */
export function runLife({ scenario, faults, seed }: LifeOptions): LifeReport {
  const fleet = new Fleet();
  const operations: Operation[] = [];
  const trace = createHash("sha256");
  let device: VirtualDevice | undefined;
  const judge = new Judge(scenario, fleet);
  const traffic = new Traffic(() => judge.isOnTrial);
  const flash = new ChaosFlash({
    image: scenario.image,
    faults,
    seed,
    onOperation: (operation) => {
      operations.push(operation);
      trace.update(`${operation.kind}${operation.offset},`);
      judge.onOperation(operation, device!);
    },
    onCut: () => {
      judge.onCut();
      device!.cutPower();
      throw new PowerCut("the power is cut");
    },
  });
  const image = scenario.images[scenario.newVersion]!;
  const path = fleet.serve(scenario.update, { bytes: image, version: scenario.newVersion, answer: { chunkSizeBytes: 4096 } });
  device = makeDevice(scenario.configuration, flash, { fleet, traffic }, (version) => (host) => {
    judge.onStart(version, flash, device!);
    startFirmware(host, version, (node: Node) => judge.onCore(node));
  });
  try {
    device.powerOn();
    device.runUntil(() => judge.isDone(device!), LIMIT_MS);
    device.advance(REST_MS);
    judge.demandWhole(flash, device);
    if (faults.every(({ mode }) => isCut(mode))) judge.demandUpdate(flash, device, traffic.downloadedBytes(path));
  } catch (error) {
    judge.violate(`the simulation ended with ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const line of device.lines) trace.update(line);
  return {
    violations: judge.violations,
    operations,
    bootCount: device.lives.length,
    fetchedBytes: traffic.downloadedBytes(path),
    isUpdated: judge.isDone(device),
    trace: trace.digest("hex").slice(0, 16),
    lines: device.lines,
  };
}

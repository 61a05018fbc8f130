/**
 * A device at rest with an old release, and a new one that is offered to it: where every life of the chaos begins.
 *
 * Prepared once in each configuration, by the shipped code on a flash without faults; its lives begin with a copy of the flash
 * that costs nothing. See docs/design/chaos.md.
 */
import { type ChaosFlash, type FlashImage, flashImageOf } from "../../../hosts/node/chaos/chaos-flash.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { writeFactory } from "../../../hosts/node/simulator/factory.js";
import { verifier } from "../../../hosts/node/verifier.js";
import { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Host } from "../../../src/ports/host.js";
import { type Node, startNode } from "../../node/ota/firmware.js";
import { Fleet, IDENTITY } from "../../node/ota/fleet.js";
import { rememberingVerifier } from "../../node/ota/remembering-verifier.js";
import { makeImage } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";

export const FLASH_SIZE_BYTES = 0x80000;
export const SLOT_SIZE_BYTES = 0x20000;
export const SLOT_OFFSETS: readonly [number, number] = Object.freeze([0x20000, 0x40000]);
export const OTADATA_OFFSET = 0xd000;
export const JOURNAL_OFFSET = 0x60000;
const PARTITIONS_CSV = `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000
ota_0,   app,  ota_0, 0x20000, 0x20000
ota_1,   app,  ota_1, 0x40000, 0x20000
journal, data, 0x40,  0x60000, 0x4000
`;
/** Short, so that lives are: what is proved does not depend on it. */
const SETTINGS = Object.freeze({
  trialUptimeMs: 300,
  pollPeriodMs: 2000,
  pollPeriodMaxMs: 8000,
  retryRejectedMs: 30_000,
});
/** A little more than four chunks. */
const NEW_SECTOR_COUNT = 17;
const LIMIT_MS = 300_000;
/** Records that still fit where the journal is called full: those of a start, and the first ones of an update. */
const PLACES_LEFT = 4;
const RECORD_SIZE_BYTES = 32;
const HALF_SIZE_BYTES = 0x2000;

export interface Configuration {
  readonly runningSlot: 0 | 1;
  readonly validation: "always" | "skipped";
  /** Whether the bootloader takes a trial back by itself. */
  readonly rollback: boolean;
  /** Whether the journal changes halves in the middle of the update. */
  readonly isJournalFull: boolean;
}

/** All that there are, in a fixed order: a life is named by the number of its configuration. */
export const CONFIGURATIONS: readonly Configuration[] = Object.freeze(
  ([0, 1] as const).flatMap((runningSlot) =>
    (["always", "skipped"] as const).flatMap((validation) =>
      [true, false].flatMap((rollback) =>
        [false, true].map((isJournalFull) => Object.freeze({ runningSlot, validation, rollback, isJournalFull })),
      ),
    ),
  ),
);

export function describeConfiguration({ runningSlot, validation, rollback, isJournalFull }: Configuration): string {
  const words = [validation === "always" ? "images validated" : "validation skipped", rollback ? "rollback" : "no rollback"];
  if (isJournalFull) words.push("the journal about to change halves");
  return `slot ${runningSlot} runs, ${words.join(", ")}`;
}

export interface Scenario {
  readonly configuration: Configuration;
  /** At rest: confirmed, settled, before the start that finds the offer. */
  readonly image: FlashImage;
  readonly oldVersion: string;
  readonly newVersion: string;
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** The signed update of the new release. */
  readonly update: Uint8Array;
}

const VERIFIER = rememberingVerifier(verifier);

/** The firmware of every release here: healthy, and eager. */
export const startFirmware = (host: Host, version: string, onNode: (node: Node) => void): void => {
  startNode(host, {
    version,
    behaviour: "healthy",
    settings: SETTINGS,
    identity: IDENTITY,
    verifier: VERIFIER,
    onCore: onNode,
  });
};

/** A device of the scenario's configuration on a flash, its traffic watched. */
export function makeDevice(
  configuration: Configuration,
  flash: ChaosFlash | NorFlash,
  { fleet, traffic }: { readonly fleet: Fleet; readonly traffic: Traffic },
  firmware: (version: string) => (host: Host) => void,
): VirtualDevice {
  return new VirtualDevice({
    flash,
    network: (time) => traffic.watch(fleet.server.clientOn(time), time),
    rollback: configuration.rollback,
    validation: configuration.validation,
    firmware,
  });
}

/** The device out of the factory, with an update behind it where slot 1 is to run. */
export function prepareScenario(configuration: Configuration): Scenario {
  const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  const images: Record<string, Uint8Array> = {
    "1.0.0": makeImage("1.0.0"),
    "1.1.0": makeImage("1.1.0"),
    "2.0.0": makeImage("2.0.0", { sectorCount: NEW_SECTOR_COUNT }),
  };
  writeFactory(flash, { image: images["1.0.0"]!, partitionsCSV: PARTITIONS_CSV });
  const fleet = new Fleet();
  let node: Node | undefined;
  const device = makeDevice(configuration, flash, { fleet, traffic: new Traffic(() => false) }, (version) => (host) => {
    node = undefined;
    startFirmware(host, version, (made) => {
      node = made;
    });
  });
  const oldVersion = configuration.runningSlot === 0 ? "1.0.0" : "1.1.0";
  if (configuration.runningSlot === 1) fleet.offer(images["1.1.0"]!, { version: "1.1.0" });
  device.powerOn();
  const isAtRest = (): boolean => device.life.version === oldVersion && node?.core.slots.mayWriteOther === true;
  if (!device.runUntil(isAtRest, LIMIT_MS)) throw new Error(`no ${oldVersion} at rest: ${device.lines.join("\n")}`);
  // Each start leaves a record.
  while (configuration.isJournalFull && blankPlaceCount(flash) > PLACES_LEFT) device.reset("powerOn");
  device.advance(3 * SETTINGS.pollPeriodMs);
  const update = fleet.sign(images["2.0.0"]!, { version: "2.0.0" });
  return {
    configuration,
    image: flashImageOf(flash.snapshot()),
    oldVersion,
    newVersion: "2.0.0",
    images,
    update,
  };
}

/** Of the half that is written to: the other one is blank, or full from before. */
function blankPlaceCount(flash: NorFlash): number {
  const counts = [0, 1].map((half) => {
    const bytes = flash.read(JOURNAL_OFFSET + half * HALF_SIZE_BYTES, HALF_SIZE_BYTES);
    let count = 0;
    for (let offset = 0; offset < bytes.length; offset += RECORD_SIZE_BYTES) if (bytes[offset] === 0xff) count++;
    return count;
  });
  return Math.min(...counts);
}

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
import { type Life, VirtualDevice } from "../../../hosts/node/virtual-device.js";
import { encodeOtaEntry, nextSequence, OtaState, readOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import type { GateVerdict } from "../../../src/ota/health-gate.js";
import type { Host } from "../../../src/ports/host.js";
import { type Behaviour, type Node, startNode } from "../../node/ota/firmware.js";
import { Fleet, IDENTITY } from "../../node/ota/fleet.js";
import { rememberingVerifier } from "../../node/ota/remembering-verifier.js";
import { makeImage } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";
import type { Configuration } from "./configuration.js";

export const FLASH_SIZE_BYTES = 0x80000;
export const SECTOR_SIZE_BYTES = 4096;
export const SLOT_SIZE_BYTES = 0x20000;
export const SLOT_OFFSETS: readonly [number, number] = Object.freeze([0x20000, 0x40000]);
export const NVS_OFFSET = 0x9000;
export const OTADATA_OFFSET = 0xd000;
export const OTADATA_SIZE_BYTES = 0x2000;
export const JOURNAL_OFFSET = 0x60000;
export const JOURNAL_SIZE_BYTES = 0x4000;
/** What an encrypted flash encrypts: the slots and otadata, not the journal. */
const ENCRYPTED = Object.freeze([
  { offset: OTADATA_OFFSET, byteLength: OTADATA_SIZE_BYTES },
  { offset: SLOT_OFFSETS[0], byteLength: 2 * SLOT_SIZE_BYTES },
]);
/** Short, so that lives are: what is proved does not depend on it. */
const SETTINGS = Object.freeze({
  trialUptimeMs: 300,
  trialDeadlineMs: 8000,
  pollPeriodMs: 2000,
  pollPeriodMaxMs: 8000,
  retryRejectedMs: 30_000,
  aftercare: { healthyUptimeMs: 3000, soakUptimeMs: 5000, rearmWaitMs: 500, retryWaitMs: 20_000 },
});
/** Of a release that may be bad, long enough for it to show. */
const PATIENT_TRIAL = Object.freeze({
  trialUptimeMs: 9000,
  trialDeadlineMs: 15_000,
  aftercare: Object.freeze({ ...SETTINGS.aftercare, soakUptimeMs: 25_000 }),
});
/** Of the bootloader's own; the firmware's is 4 s. */
const BOOT_WATCHDOG_MS = 9000;
/** A little more than four chunks. */
const NEW_SECTOR_COUNT = 17;
const LIMIT_MS = 300_000;
/** Records that still fit where the journal is called full: those of a start, and the first ones of an update. */
const PLACES_LEFT = 4;
const RECORD_SIZE_BYTES = 32;
const HALF_SIZE_BYTES = 0x2000;

/** What a release asks to be remembered. */
export interface ReleaseNumbers {
  readonly sequenceNumber: number;
  readonly securityVersion: number;
}

export interface Scenario {
  readonly configuration: Configuration;
  /** At rest: confirmed, before the start that finds the offer. */
  readonly image: FlashImage;
  readonly oldVersion: string;
  readonly newVersion: string;
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** By version, the greatest that were signed; an image from the factory has none. */
  readonly releases: Readonly<Record<string, ReleaseNumbers>>;
  /** The signed update of the new release. */
  readonly update: Uint8Array;
  /** The same image signed once more, with later numbers: what somebody sends who sees that the first one failed. */
  readonly updateAgain: Uint8Array;
  /** What follows in a story of two updates: the same release, built anew, in a later deployment. */
  readonly successor: { readonly version: string; readonly update: Uint8Array };
  /** Where the flash is encrypted. */
  readonly encrypted: readonly { readonly offset: number; readonly byteLength: number }[];
}

const VERIFIER = rememberingVerifier(verifier);

export interface FirmwareHooks {
  readonly behaviour: Behaviour;
  readonly onCore: (node: Node) => void;
  readonly onVerdict: (verdict: GateVerdict) => void;
  readonly hang: () => never;
}

/** The firmware of every release here: eager, and good or bad as it is told. */
export function startFirmware(host: Host, version: string, hooks: FirmwareHooks): void {
  const settings = hooks.behaviour === "healthy" ? SETTINGS : { ...SETTINGS, ...PATIENT_TRIAL };
  startNode(host, { version, settings, identity: IDENTITY, verifier: VERIFIER, ...hooks });
}

export interface DeviceParts {
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  readonly firmware: (version: string) => (host: Host) => void;
  readonly onBoot?: (life: Life, log: readonly string[]) => void;
}

/** A device of the scenario's configuration on a flash, its traffic watched. */
export function makeDevice(configuration: Configuration, flash: ChaosFlash | NorFlash, parts: DeviceParts): VirtualDevice {
  const { fleet, traffic, firmware, onBoot } = parts;
  return new VirtualDevice({
    flash,
    network: (time) => traffic.watch(fleet.server.clientOn(time), time),
    rollback: configuration.rollback,
    validation: configuration.validation,
    bootWatchdogMs: BOOT_WATCHDOG_MS,
    firmware,
    ...(onBoot ? { onBoot } : {}),
  });
}

/** The device out of the factory, with an update behind it where slot 1 is to run. */
export function prepareScenario(configuration: Configuration): Scenario {
  const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  const images: Record<string, Uint8Array> = {
    "1.0.0": makeImage("1.0.0"),
    "1.1.0": makeImage("1.1.0"),
    "2.0.0": makeImage("2.0.0", { sectorCount: NEW_SECTOR_COUNT }),
    "2.0.1": makeImage("2.0.1", { sectorCount: NEW_SECTOR_COUNT }),
  };
  writeFactory(flash, { image: images["1.0.0"]!, partitionsCSV: partitionsOf(configuration) });
  const fleet = new Fleet();
  const releases: Record<string, ReleaseNumbers> = {};
  const sign = (version: string): Uint8Array => {
    const sequenceNumber = 1 + Math.max(0, ...Object.values(releases).map((release) => release.sequenceNumber));
    releases[version] = { sequenceNumber, securityVersion: sequenceNumber };
    return fleet.sign(images[version]!, { version, release: { securityVersion: sequenceNumber } });
  };
  const oldVersion = configuration.runningSlot === 0 ? "1.0.0" : "1.1.0";
  if (configuration.runningSlot === 1) fleet.serve(sign("1.1.0"), { bytes: images["1.1.0"]!, version: "1.1.0" });
  settle(configuration, flash, fleet, oldVersion);
  arrangeOtadata(configuration, flash);
  const update = sign("2.0.0");
  const numbers = releases["2.0.0"]!;
  const updateAgain = sign("2.0.0");
  releases["2.0.1"] = numbers;
  const successor = { version: "2.0.1", update: fleet.sign(images["2.0.1"]!, { version: "2.0.1", release: numbers }) };
  return {
    configuration,
    image: flashImageOf(flash.snapshot()),
    oldVersion,
    newVersion: "2.0.0",
    images,
    releases,
    update,
    updateAgain,
    successor,
    encrypted: configuration.writeUnitBytes === 16 ? ENCRYPTED : [],
  };
}

/** Runs a device until it is at rest, and on until its journal is as full as it has to be. */
function settle(configuration: Configuration, flash: NorFlash, fleet: Fleet, version: string): void {
  let node: Node | undefined;
  const device: VirtualDevice = makeDevice(configuration, flash, {
    fleet,
    traffic: new Traffic(() => false),
    firmware: (starting) => (host) => {
      node = undefined;
      startFirmware(host, starting, {
        behaviour: "healthy",
        onCore: (made) => {
          node = made;
        },
        onVerdict: () => {},
        hang: () => device.hang(),
      });
    },
  });
  device.powerOn();
  const isAtRest = (): boolean => device.life.version === version && node?.core.slots.mayWriteOther === true;
  if (!device.runUntil(isAtRest, LIMIT_MS)) throw new Error(`no ${version} at rest: ${device.lines.join("\n")}`);
  device.advance(SETTINGS.aftercare.soakUptimeMs);
  const placesLeft = (): number => {
    const journal = node!.core.status().boot.journal!;
    return journal.placeCount - journal.usedCount;
  };
  // Each start leaves a record.
  while (configuration.isJournalFull && placesLeft() > PLACES_LEFT) device.reset("powerOn");
  device.advance(3 * SETTINGS.pollPeriodMs);
}

/** blank: as if never booted. fallback: the other slot's entry is the later one, and the image there does not boot. */
function arrangeOtadata({ otadata, runningSlot }: Configuration, flash: NorFlash): void {
  const sectors = [0, 1].map((index) => OTADATA_OFFSET / SECTOR_SIZE_BYTES + index);
  if (otadata === "blank") for (const sector of sectors) flash.eraseSector(sector);
  if (otadata !== "fallback") return;
  const entries = sectors.map((sector) => readOtaEntry(flash.read(sector * SECTOR_SIZE_BYTES, 32)));
  const own = entries.findIndex(({ sequence }) => sequence !== 0xffffffff && slotOfSequence(sequence, 2) === runningSlot);
  const stale = nextSequence(entries[own]!.sequence, 1 - runningSlot, 2);
  flash.eraseSector(sectors[1 - own]!);
  flash.program(sectors[1 - own]! * SECTOR_SIZE_BYTES, encodeOtaEntry(stale, OtaState.valid));
  flash.eraseSector(SLOT_OFFSETS[1 - runningSlot]! / SECTOR_SIZE_BYTES);
}

function partitionsOf({ writeUnitBytes }: Configuration): string {
  const flag = writeUnitBytes === 16 ? ", encrypted" : "";
  return `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000${flag}
ota_0,   app,  ota_0, 0x20000, 0x20000${flag}
ota_1,   app,  ota_1, 0x40000, 0x20000${flag}
journal, data, 0x40,  0x60000, 0x4000
`;
}

export function isIn(offset: number, start: number, sizeBytes: number): boolean {
  return offset >= start && offset < start + sizeBytes;
}

/** In words: where in the flash that is. */
export function placeOf(offset: number): string {
  if (isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES)) {
    return `otadata[${offset < OTADATA_OFFSET + SECTOR_SIZE_BYTES ? 0 : 1}]+${offset % SECTOR_SIZE_BYTES}`;
  }
  if (isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES)) {
    const within = offset - JOURNAL_OFFSET;
    const place = Math.floor((within % HALF_SIZE_BYTES) / RECORD_SIZE_BYTES);
    return `journal half ${Math.floor(within / HALF_SIZE_BYTES)} place ${place}+${within % RECORD_SIZE_BYTES}`;
  }
  const slot = SLOT_OFFSETS.findIndex((start) => isIn(offset, start, SLOT_SIZE_BYTES));
  if (slot >= 0) return `slot ${slot}+0x${(offset - SLOT_OFFSETS[slot]!).toString(16)}`;
  return isIn(offset, NVS_OFFSET, OTADATA_OFFSET - NVS_OFFSET) ? `nvs+0x${(offset - NVS_OFFSET).toString(16)}` : "elsewhere";
}

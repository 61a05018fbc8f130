/**
 * What the specs of this folder share: a small device in virtual time, its factory, its images, and the server that it asks.
 *
 * The flash is 256 KiB, so that a thousand cuts can each start from a copy of it. The images carry the version and nothing that
 * runs: the firmware is firmware.ts, which behaves by version.
 */
import { Digest } from "../../../hosts/node/digest.js";
import { type FlashStep, NorFlash } from "../../../hosts/node/nor-flash.js";
import { writeFactory } from "../../../hosts/node/simulator/factory.js";
import { buildFirmwareImage } from "../../../hosts/node/simulator/firmware-image.js";
import { type FlashReport, inspectSnapshot } from "../../../hosts/node/simulator/inspect.js";
import { verifier } from "../../../hosts/node/verifier.js";
import { type Life, VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { ChipName } from "../../../src/image/chip.js";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import type { UpdateIdentity } from "../../../src/ota/update-judge.js";
import type { ScriptedServer } from "../../harness/scripted-server.js";
import { type Behaviour, type FirmwareSettings, type Node, startNode } from "./firmware.js";
import { DEVICE_CLASS, Fleet, IDENTITY, type Offer, ORIGIN, SECURE_ORIGIN } from "./fleet.js";
import { rememberingVerifier } from "./remembering-verifier.js";
import { Traffic } from "./traffic.js";

const FLASH_SIZE_BYTES = 0x40000;
export const SLOT_SIZE_BYTES = 0x10000;
export const OTADATA_OFFSET = 0xd000;
const PARTITIONS_CSV = `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000
ota_0,   app,  ota_0, 0x10000, 0x10000
ota_1,   app,  ota_1, 0x20000, 0x10000
journal, data, 0x40,  0x30000, 0x4000
`;

export interface ImageOptions {
  readonly marker?: string;
  readonly chip?: ChipName;
  readonly sectorCount?: number;
}

/** Thrown from inside a flash operation, after the device's power was cut. */
export class PowerCut extends Error {
  override name = "PowerCut";
}

/**
 * A whole image of a little more than `sectorCount` sectors (default 2). Another `marker` makes another image of the same
 * version.
 */
export function makeImage(version: string, options: ImageOptions = {}): Uint8Array {
  const { marker = "", chip = "esp32c3", sectorCount = 2 } = options;
  const application = `export default ${JSON.stringify(version + marker)}; // ${"holdfast ".repeat(sectorCount * 440)}`;
  return buildFirmwareImage({ bundles: { preload: "export {};", application }, project: DEVICE_CLASS, version, chip });
}

/** The image id in the journal and in quarantine. */
export function idOf(image: Uint8Array): string {
  return imageIdOf(image, image.length - 32);
}

/** A device out of the factory with version 1.0.0, as the bytes of its flash. */
export function factorySnapshot(): Uint8Array {
  const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  writeFactory(flash, { image: makeImage("1.0.0"), partitionsCSV: PARTITIONS_CSV });
  return flash.snapshot();
}

export interface RigOptions {
  /** Default: out of the factory. */
  readonly snapshot?: Uint8Array;
  /** By version; "healthy" where it says nothing. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly settings?: Partial<FirmwareSettings>;
  /** By version: what it was built with, where that is not IDENTITY. */
  readonly identities?: Readonly<Record<string, Partial<UpdateIdentity>>>;
  /** Of the device's chance. Default 1. */
  readonly seed?: number;
  readonly rollback?: boolean;
  readonly validation?: "always" | "skipped";
  readonly fleet?: Fleet;
  /** Asked before each start of a firmware, with its ports. */
  readonly onStart?: (rig: Rig) => void;
  /** Called after each flash step of any life. */
  readonly onStep?: (step: FlashStep, rig: Rig) => void;
}

/** The same for all, because devices are made by the thousand and see the same few signatures. */
const VERIFIER = rememberingVerifier(verifier);

export class Rig {
  readonly fleet: Fleet;
  readonly traffic = new Traffic(() => this.node?.core.slots.isTrial ?? false);
  readonly flash: NorFlash;
  readonly device: VirtualDevice;
  /** The firmware of the latest life that got as far as its core. */
  node: Node | undefined;

  /** Makes the device and leaves it without power. */
  constructor(options: RigOptions = {}) {
    this.fleet = options.fleet ?? new Fleet(options.settings?.isSecure ? SECURE_ORIGIN : ORIGIN);
    this.flash = NorFlash.from(options.snapshot ?? factorySnapshot(), { onStep: (step) => options.onStep?.(step, this) });
    this.device = new VirtualDevice({
      flash: this.flash,
      network: (time) => this.traffic.watch(this.server.clientOn(time), time),
      seed: options.seed ?? 1,
      rollback: options.rollback ?? true,
      validation: options.validation ?? "always",
      firmware: (version) => (host) => {
        this.node = undefined;
        options.onStart?.(this);
        startNode(host, {
          version,
          behaviour: options.behaviours?.[version] ?? "healthy",
          settings: options.settings ?? {},
          identity: { ...IDENTITY, ...options.identities?.[version] },
          verifier: VERIFIER,
          onCore: (node) => {
            this.node = node;
          },
        });
      },
    });
  }

  get server(): ScriptedServer {
    return this.fleet.server;
  }

  /** From now on the device is offered `image`, signed for it. Gives the image's path. */
  offer(image: Uint8Array, options: Offer): string {
    return this.fleet.offer(image, options);
  }

  /** Runs until `version` runs, has its verdict and goes on; says whether it came to that within `limitMs`. */
  runUntilKept(version: string, limitMs = 300_000): boolean {
    return this.device.runUntil(() => this.isKept(version), limitMs);
  }

  isKept(version: string): boolean {
    const { life } = this.device;
    return life.version === version && life.endedBy === undefined && this.node !== undefined && !this.node.core.slots.isTrial;
  }

  /** Runs until a line that has `text` in it was traced. */
  runUntilLine(text: string, limitMs = 300_000): boolean {
    return this.device.runUntil(() => this.device.lines.some((line) => line.includes(text)), limitMs);
  }

  linesWith(text: string): string[] {
    return this.device.lines.filter((line) => line.includes(text));
  }

  /**
   * Every life so far in short, as "1.0.0 in 0 by powerOn". A start whose decision is to restart leaves this trace and no
   * other: it ends inside its core's constructor.
   */
  lives(): string[] {
    return this.device.lives.map((life: Life) => `${life.version} in ${life.slot} by ${life.resetReason}`);
  }

  inspect(): FlashReport {
    return inspectSnapshot(this.flash.snapshot());
  }

  /** As slotsOf. */
  slots(): string[] {
    return slotsOf(this.inspect());
  }

  /** Whether the slot of the present life holds `image`, byte for byte. */
  runs(image: Uint8Array): boolean {
    const { slot } = this.device.life;
    return slot !== undefined && Buffer.compare(this.slotBytes(slot as 0 | 1).subarray(0, image.length), image) === 0;
  }

  /** The bytes of a slot. */
  slotBytes(slot: 0 | 1): Uint8Array {
    return this.flash.read(SLOT_SIZE_BYTES * (slot + 1), SLOT_SIZE_BYTES);
  }
}

/** Both slots in short, as "1.0.0 valid"; what is wrong with the image instead of its version. */
export function slotsOf(report: FlashReport): string[] {
  return report.slots.map(({ version, fault, state }) => `${version ?? fault ?? "empty"} ${state ?? "unnamed"}`);
}

/** A rig whose 1.0.0 has power and has been running for a moment. */
export function startedRig(options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rig.device.powerOn();
  return rig;
}

/** SHA-256 made anew, behind a damage that only the checksum inside shall notice. */
export function rehashed(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  const digest = new Digest();
  digest.write(copy.subarray(0, copy.length - 32));
  copy.set(digest.digest(), copy.length - 32);
  return copy;
}

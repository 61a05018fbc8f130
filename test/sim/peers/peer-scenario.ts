/**
 * A peer at rest with an old image, and a new one on its server: where every life of the peers begins.
 *
 * The same layout, images and flash as the chaos has, so that the columns of the survival table differ in the scheme and in
 * nothing else. See docs/design/peers.md.
 */
import { type ChaosFlash, type FlashImage, flashImageOf } from "../../../hosts/node/chaos/chaos-flash.js";
import { Digest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { readPartitions } from "../../../hosts/node/open-host.js";
import { writeFactory } from "../../../hosts/node/simulator/factory.js";
import { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import { openUpdateStorage } from "../../../hosts/simulated/update.js";
import type { Host } from "../../../src/ports/host.js";
import { ScriptedServer } from "../../harness/scripted-server.js";
import { makeImage } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";
import { IMAGE_PATH, type PeerBehaviour, startPeer, VERSION_PATH } from "./peer-firmware.js";
import type { Scheme } from "./scheme.js";

export const SLOT_OFFSETS: readonly [number, number] = Object.freeze([0x20000, 0x40000]);
export const OTADATA_OFFSET = 0xd000;
export const SECTOR_SIZE_BYTES = 4096;
const FLASH_SIZE_BYTES = 0x80000;
const PARTITIONS_CSV = `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000
ota_0,   app,  ota_0, 0x20000, 0x20000
ota_1,   app,  ota_1, 0x40000, 0x20000
journal, data, 0x40,  0x60000, 0x4000
`;
const NEW_SECTOR_COUNT = 17;
const DELIVERY_SIZE_BYTES = 4096;
const PREPARE_LIMIT_MS = 60_000;

export const NEW_VERSION = "2.0.0";
export const IMAGES: Readonly<Record<string, Uint8Array>> = Object.freeze({
  "1.0.0": makeImage("1.0.0"),
  "1.1.0": makeImage("1.1.0"),
  [NEW_VERSION]: makeImage(NEW_VERSION, { sectorCount: NEW_SECTOR_COUNT }),
});

export interface PeerConfiguration {
  readonly runningSlot: 0 | 1;
  readonly validation: "always" | "skipped";
}

export const PEER_CONFIGURATIONS: readonly PeerConfiguration[] = Object.freeze(
  ([0, 1] as const).flatMap((runningSlot) =>
    (["always", "skipped"] as const).map((validation) => Object.freeze({ runningSlot, validation })),
  ),
);

export interface PeerScenario {
  readonly scheme: Scheme;
  readonly configuration: PeerConfiguration;
  /** At rest, before the start that finds the new image. */
  readonly image: FlashImage;
  readonly oldVersion: string;
}

/** A device and its server. */
export interface Peer {
  readonly device: VirtualDevice;
  readonly server: ScriptedServer;
  readonly traffic: Traffic;
}

export interface PeerDeviceOptions {
  readonly scheme: Scheme;
  readonly validation: PeerConfiguration["validation"];
  readonly flash: ChaosFlash | NorFlash;
  /** By version. */
  readonly behaviourOf: (version: string) => PeerBehaviour;
  readonly watchdog: boolean;
  /** Before a firmware starts. */
  readonly onStart: (version: string, host: Host) => void;
  readonly onRunning: (version: string) => void;
}

/** A plain server in the same process, over the virtual network that the chaos has too; no DDI. */
export function makePeer(options: PeerDeviceOptions): Peer {
  const { scheme, flash, validation } = options;
  const server = new ScriptedServer();
  const traffic = new Traffic(() => false);
  const device = new VirtualDevice({
    flash,
    rollback: scheme.rollback,
    validation,
    network: (time) => traffic.watch(server.clientOn(time), time),
    firmware: (version) => (host) => {
      options.onStart(version, host);
      startPeer(host, {
        version,
        behaviour: options.behaviourOf(version),
        scheme,
        watchdog: options.watchdog,
        update: openUpdateStorage({
          flash,
          partitions: readPartitions(flash),
          runningSlot: host.system.runningSlot,
          idf: scheme.idf,
          rollback: scheme.rollback,
          Digest,
        }),
        onRunning: () => options.onRunning(version),
      });
    },
  });
  return { device, server, traffic };
}

/** From now on the server has that version. */
export function publish(server: ScriptedServer, version: string): void {
  server.answers.set(VERSION_PATH, { body: version });
  server.answers.set(IMAGE_PATH, { body: IMAGES[version]!, chunkSizeBytes: DELIVERY_SIZE_BYTES });
}

/** The device out of the factory, with an update behind it where slot 1 is to run. */
export function preparePeer(scheme: Scheme, configuration: PeerConfiguration): PeerScenario {
  const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  writeFactory(flash, { image: IMAGES["1.0.0"]!, partitionsCSV: PARTITIONS_CSV });
  const oldVersion = configuration.runningSlot === 0 ? "1.0.0" : "1.1.0";
  let running: string | undefined;
  const { device, server } = makePeer({
    scheme,
    validation: configuration.validation,
    flash,
    behaviourOf: () => "healthy",
    watchdog: true,
    onStart: () => {
      running = undefined;
    },
    onRunning: (version) => {
      running = version;
    },
  });
  publish(server, oldVersion);
  device.powerOn();
  if (!device.runUntil(() => running === oldVersion, PREPARE_LIMIT_MS)) throw new Error(`no ${oldVersion} at rest`);
  return { scheme, configuration, image: flashImageOf(flash.snapshot()), oldVersion };
}

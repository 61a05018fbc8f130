/**
 * Flash, key-value storage and update of the XS host, over the real wire on the real flash file: `storage`, `nvs`, and the slot
 * that does not run.
 */
import type { RawFlash } from "../../../hosts/simulated/chip.js";
import { openKeyValueStorage } from "../../../hosts/simulated/key-value.js";
import { encodeAppDescriptor } from "../../../src/image/app-descriptor.js";
import { ChipId } from "../../../src/image/chip.js";
import { buildImage } from "../../../src/image/image-builder.js";
import {
  encodeOtaEntry,
  OTA_ENTRY_SIZE_BYTES,
  type OtaEntry,
  OtaState,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../../../src/image/otadata.js";
import type { FlashPartition } from "../../../src/ports/flash.js";
import type { Host } from "../../../src/ports/host.js";
import type { KeyValueStorage } from "../../../src/ports/key-value.js";
import { describePort } from "../../harness/port-suite.js";
import { flashObligations } from "../../ports/flash.js";
import { type KeyValueSubject, keyValueObligations } from "../../ports/key-value.js";
import { type UpdateSubject, updateObligations } from "../../ports/update.js";
import { hostUnderTest } from "../host.js";

const SLOT_COUNT = 2;
const KEY_VALUE_PATHS: readonly string[] = Object.freeze(["suite", "suite-2"]);

/** One partition as a flash of its own: how a next life of the storage in it is opened within this one. */
function rawFlashOf(partition: FlashPartition): RawFlash {
  const { size, blockLength } = partition.status();
  return {
    sizeBytes: size,
    sectorSizeBytes: blockLength,
    read: (offset, byteLength) => new Uint8Array(partition.read(byteLength, offset)),
    program: (offset, bytes) => partition.write(bytes, offset),
    eraseSector: (sector) => partition.eraseBlock(sector),
  };
}

function reopened(host: Host): KeyValueStorage {
  const flash = rawFlashOf(host.flash.open({ path: "nvs" }));
  const partition = { label: "nvs", type: 1, subtype: 2, offset: 0, size: flash.sizeBytes, encrypted: false, readonly: false };
  return openKeyValueStorage({ flash, partition });
}

/** The storage is the device's own and is kept: what a suite writes it has to take away again. */
function removeKeys(storage: KeyValueStorage): void {
  for (const path of KEY_VALUE_PATHS) {
    const domain = storage.open({ path });
    for (const key of [...domain]) domain.delete(key);
    domain.close();
  }
}

function openKeyValue(): KeyValueSubject {
  const host = hostUnderTest();
  const [path, otherPath] = KEY_VALUE_PATHS;
  return { storage: host.keyValue, path: path!, otherPath: otherPath!, restart: () => reopened(host) };
}

/** An image of about 10 KiB that a bootloader would boot. */
function imageOf(host: Host, version: string): Uint8Array {
  const data = new Uint8Array(10_000);
  for (let index = 0; index < data.length; index++) data[index] = (index * 31 + version.length) & 0xff;
  data.set(encodeAppDescriptor({ projectName: "device", version }));
  const segments = [{ address: 0x3fc80000, data }];
  return buildImage({ chipId: ChipId.esp32c3, entryAddress: 0x40380000, segments, Digest: host.Digest });
}

/** otadata as the bootloader left it at the first boot: this slot's entry, and a blank one. */
function writeFirstEntry(host: Host): void {
  const otadata = host.flash.open({ path: "otadata" });
  otadata.eraseBlock(0, 2);
  otadata.write(encodeOtaEntry(host.system.runningSlot! + 1, OtaState.valid), 0);
  otadata.close();
}

/** The slot of the entry that the next start takes. That its image boots is what complete() has checked. */
function selectedSlot(host: Host): number | undefined {
  const otadata = host.flash.open({ path: "otadata", mode: "r" });
  const { blockLength } = otadata.status();
  const read = (offset: number): OtaEntry => readOtaEntry(new Uint8Array(otadata.read(OTA_ENTRY_SIZE_BYTES, offset)));
  const entries = [read(0), read(blockLength)];
  otadata.close();
  const selected = selectOtaEntry(entries);
  return selected === undefined ? undefined : slotOfSequence(entries[selected]!.sequence, SLOT_COUNT);
}

function openUpdate(): UpdateSubject {
  const host = hostUnderTest();
  writeFirstEntry(host);
  const slot = host.flash.open({ path: "nextota" });
  const earlier = imageOf(host, "0.9.0");
  slot.eraseBlock(0, Math.ceil(earlier.length / slot.status().blockLength));
  slot.write(earlier, 0);
  slot.close();
  return {
    update: host.update,
    flash: host.flash,
    image: imageOf(host, "2.0.0"),
    isActivated: () => selectedSlot(host) !== host.system.runningSlot,
  };
}

describePort("Flash of hosts/xs", flashObligations, () => ({ storage: hostUnderTest().flash, path: "storage" }));
describePort("KeyValue of hosts/xs", keyValueObligations, openKeyValue, ({ storage }) => removeKeys(storage));
describePort("Update of hosts/xs", updateObligations, openUpdate, () => writeFirstEntry(hostUnderTest()));

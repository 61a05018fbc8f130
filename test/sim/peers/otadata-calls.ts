/**
 * The esp_ota_* calls that have no port: is this image on trial, mark it valid, mark it invalid, which version failed last.
 *
 * Download, verification and selection go through ECMA-419's Update as the host models it, which is esp_ota_begin, write, end
 * and set_boot_partition. What these do to otadata is in hosts/simulated/esp-ota.ts; here is the flash work in their order.
 */
import { Digest } from "../../../hosts/node/digest.js";
import {
  type EntryChange,
  entryWrittenAtMarkInvalid,
  entryWrittenAtMarkValid,
  isOnTrial,
  lastInvalidSlot,
} from "../../../hosts/simulated/esp-ota.js";
import { errorCodeOf } from "../../../src/errors.js";
import { parseImageHead } from "../../../src/image/application-image.js";
import { verifyImage } from "../../../src/image/image-verifier.js";
import { OTA_ENTRY_SIZE_BYTES, type OtaEntry, otaSequenceCrc, readOtaEntry } from "../../../src/image/otadata.js";
import type { FlashPartition } from "../../../src/ports/flash.js";
import type { Host } from "../../../src/ports/host.js";
import type { Scheme } from "./scheme.js";

const SECTOR_SIZE_BYTES = 4096;
const STATE_OFFSET = 24;
const CRC_OFFSET = 28;
const SLOT_COUNT = 2;

export class OtadataCalls {
  readonly #host: Host;
  readonly #scheme: Scheme;
  readonly #otadata: FlashPartition;

  constructor(host: Host, scheme: Scheme) {
    this.#host = host;
    this.#scheme = scheme;
    this.#otadata = host.flash.open({ path: "otadata" });
  }

  /** esp_ota_get_state_partition(running) == PENDING_VERIFY. */
  isOnTrial(): boolean {
    return isOnTrial(this.#entries(), this.#host.system.runningSlot!, this.#rules);
  }

  /** Throws `io` where the flash does. */
  markValid(): void {
    const change = entryWrittenAtMarkValid(this.#entries());
    if (change !== undefined) this.#write(change);
  }

  /** False, and nothing was written, where nothing could boot instead. Does not restart. */
  markInvalid(): boolean {
    const mark = entryWrittenAtMarkInvalid(this.#entries(), this.#rules);
    if (mark === undefined || this.#versionIn(mark.slotBack) === undefined) return false;
    this.#write(mark.change);
    return true;
  }

  /** Of esp_ota_get_last_invalid_partition(). */
  lastInvalidVersion(): string | undefined {
    const slot = lastInvalidSlot(this.#entries(), this.#rules);
    return slot === undefined ? undefined : this.#versionIn(slot);
  }

  get #rules() {
    return { idf: this.#scheme.idf, rollback: this.#scheme.rollback, slotCount: SLOT_COUNT };
  }

  #entries(): [OtaEntry, OtaEntry] {
    const read = (index: number): OtaEntry =>
      readOtaEntry(new Uint8Array(this.#otadata.read(OTA_ENTRY_SIZE_BYTES, index * SECTOR_SIZE_BYTES)));
    return [read(0), read(1)];
  }

  /** Erases and writes in place; the label stays as it was found. */
  #write({ index, sequence, state }: EntryChange): void {
    const bytes = new Uint8Array(this.#otadata.read(OTA_ENTRY_SIZE_BYTES, index * SECTOR_SIZE_BYTES));
    const view = new DataView(bytes.buffer);
    view.setUint32(0, sequence, true);
    view.setUint32(STATE_OFFSET, state, true);
    view.setUint32(CRC_OFFSET, otaSequenceCrc(sequence), true);
    this.#otadata.eraseBlock(index);
    this.#otadata.write(bytes, index * SECTOR_SIZE_BYTES);
  }

  /** From the descriptor of an image that verifies. */
  #versionIn(slot: number): string | undefined {
    const partition = this.#host.flash.open({ path: `ota_${slot}`, mode: "r" });
    try {
      const source = { read: (buffer: Uint8Array, offset: number): number => partition.read(buffer, offset) };
      verifyImage({ source, sizeBytesMax: partition.status().size, Digest });
      return parseImageHead(new Uint8Array(partition.read(SECTOR_SIZE_BYTES, 0))).descriptor.version;
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      return undefined;
    } finally {
      partition.close();
    }
  }
}

/**
 * `embedded:update` as Moddable 8.2.3 behaves: thin over ESP-IDF's calls, whose effects on otadata are those of the simulated
 * Update. The flash work is done here, because ESP-IDF allows more of it than the simulated Update does.
 */

import type { ModdableUpdate, ModdableUpdateStorage } from "../../../../hosts/esp32/update.js";
import { Digest } from "../../../../hosts/node/digest.js";
import { openFlashStorage } from "../../../../hosts/simulated/flash.js";
import { openUpdateStorage } from "../../../../hosts/simulated/update.js";
import { errorCodeOf } from "../../../../src/errors.js";
import type { Update } from "../../../../src/ports/update.js";
import { bytesOf, type FakeChip, FakePartition, noHostData, program } from "./flash.js";

class FakeUpdate implements ModdableUpdate {
  readonly #target: FakePartition;
  readonly #isAppending: boolean;
  /** For what complete() does; `undefined` for a data partition, which cannot be booted. */
  readonly #update: Update | undefined;
  #writtenBytes = 0;
  #isOpen = true;
  #isComplete = false;

  constructor(target: FakePartition, update: Update | undefined, isAppending: boolean) {
    this.#target = target;
    this.#update = update;
    this.#isAppending = isAppending;
  }

  /** The method hands on both arguments, given or not, and in mode "a" two are refused: that mode cannot write. */
  write(buffer: Uint8Array, offset: number): void {
    this.#demandUnfinished();
    if (this.#isAppending) throw new Error("offset not allowed");
    const to = Number(offset);
    if (to < 0 || to > 0xffffffff) throw new RangeError("invalid offset");
    const bytes = bytesOf(buffer);
    const { chip, partition } = this.#target;
    const from = Number.isNaN(to) ? 0 : Math.trunc(to);
    if (from + bytes.length > partition.size) throw new Error("write failed");
    program(chip.flash, partition.offset + from, bytes);
    this.#writtenBytes += bytes.length;
  }

  complete(): void {
    this.#demandUnfinished();
    this.#isComplete = true;
    if (this.#writtenBytes === 0 || this.#update === undefined) throw new Error("end failed");
    const { chip, partition } = this.#target;
    this.#update.write(chip.flash.read(partition.offset, 1), 0); // What is there already: for it, too, something was written.
    try {
      this.#update.complete();
    } catch (error) {
      throw new Error(errorCodeOf(error) === "corrupt" ? "end failed" : "can't change boot partition");
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#update?.close();
  }

  #demandUnfinished(): void {
    if (!this.#isOpen) throw noHostData();
    if (this.#isComplete) throw new Error("already complete");
  }
}

/** The module's default export for one chip. Notes the `byteLength` of each opening; `undefined` where there was none. */
export function fakeUpdateModule(chip: FakeChip & { readonly lengths?: unknown[] }): ModdableUpdateStorage {
  return {
    open(options: { readonly partition: unknown; readonly mode?: string; readonly byteLength?: number }) {
      const { partition: target } = options;
      if (!(target instanceof FakePartition)) throw new SyntaxError("xsGetHostChunk: invalid host data");
      target.demandOpen();
      if (target.isReadOnly) throw new Error("read-only partition");
      const mode = "mode" in options ? String(options.mode) : "a";
      if (mode !== "a" && mode !== "w") throw new RangeError("invalid mode");
      const byteLength = "byteLength" in options ? Number(options.byteLength) : 0;
      if (!(byteLength >= 0 && byteLength <= target.partition.size)) throw new RangeError("invalid byteLength");
      chip.lengths?.push(options.byteLength);
      return begin(chip, target, mode, Math.trunc(byteLength));
    },
  };
}

/** esp_ota_begin() of 6.0: 0 erases all of the partition, and what is no application slot is not refused. */
function begin(chip: FakeChip, target: FakePartition, mode: "a" | "w", byteLength: number): FakeUpdate {
  const { flash, partitions, runningSlot } = chip;
  const { partition } = target;
  const eraseLength = byteLength === 0 ? partition.size : byteLength;
  if (partition.type !== 0) {
    const first = partition.offset / flash.sectorSizeBytes;
    const end = first + (mode === "a" ? 0 : Math.ceil(eraseLength / flash.sectorSizeBytes));
    for (let sector = first; sector < end; sector++) flash.eraseSector(sector);
    return new FakeUpdate(target, undefined, mode === "a");
  }
  const slot = openFlashStorage({ flash, partitions, runningSlot: (runningSlot + 1) % 2 }).open({ path: partition.label });
  const update = openUpdateStorage({ flash, partitions, runningSlot, idf: "6.0", rollback: true, Digest });
  try {
    return new FakeUpdate(target, update.open({ partition: slot, mode: "w", byteLength: eraseLength }), mode === "a");
  } catch {
    throw new Error("begin failed");
  }
}

/**
 * One device that is killed at a chosen flash step of an update, and what becomes of it at the next power-on.
 *
 * The power cut is SIGKILL to the process that owns the flash file, sent by itself right after that step, so that nothing is
 * left to chance. What is expected of the next life is read from the chip's events and the flash file: it boots, takes the
 * update, confirms it, and the old image is still whole.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuiltImage } from "../../cli/build/build-image.js";
import { withSettings } from "../../cli/chaos/flash-settings.js";
import { UpdateWitness } from "../../cli/chaos/update-witness.js";
import type { ReleaseDesk } from "../../cli/story/release-desk.js";
import type { ChipEvent, CutReport, DeviceProcess, SimulatedChip } from "../../hosts/node/index.js";
import type { Shipped } from "./shipped.js";
import { SMALL_FLASH_SIZE_BYTES, SMALL_PARTITIONS_CSV } from "./small-flash.js";

const APPLICATION = fileURLToPath(new URL("../fixtures/firmware/updatable/", import.meta.url));
const DEVICE_CLASS = "updatable";
const OLD = "1.0.0";
const NEW = "2.0.0";
/** One life of a device, from power-on to the cut or to the confirmed update. About 1 s where the machine is idle. */
const LIFE_MS = 20_000;
/** Each cut is one. */
const CONTROLLER_COUNT_MAX = 200_000;

/** A flash step of the update, counted from 1 at power-on, and the partition it is in. */
export interface MeasuredStep {
  readonly step: number;
  readonly partition: string;
}

/** What became of one cut. */
export interface CutOutcome {
  /** Its place in the row of cuts, from 1. */
  readonly number: number;
  /** The power was cut after this flash step. */
  readonly step: number;
  readonly isInside: boolean;
  /** Where in the flash it was: the name of a partition. */
  readonly partition: string;
  /** Why it failed; `undefined` where it passed. */
  readonly because: string | undefined;
  /** Starts that the second life took. */
  readonly bootCount: number;
}

export class PowerCutRig {
  readonly #shipped: Shipped;
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-power-cuts-"));
  readonly #desk: ReleaseDesk;
  readonly #running = new Set<DeviceProcess>();
  #confirmed: Uint8Array = new Uint8Array(0);
  #partitions: ReturnType<Shipped["readPartitions"]> = [];

  constructor(shipped: Shipped) {
    this.#shipped = shipped;
    this.#desk = new shipped.ReleaseDesk({ controllerCountMax: CONTROLLER_COUNT_MAX, recordCountMax: 16 });
  }

  /** Builds both versions, makes a device that has booted and confirmed the old one, and offers the new one. */
  async prepare(): Promise<void> {
    const [oldImage, newImage] = [await this.#build(OLD), await this.#build(NEW)];
    const port = await this.#desk.server.listen();
    const file = join(this.#folder, "confirmed.flash");
    this.#shipped.flashFactory({
      file,
      image: oldImage.image,
      partitionsCSV: SMALL_PARTITIONS_CSV,
      flashSizeBytes: SMALL_FLASH_SIZE_BYTES,
      settings: { "update.port": String(port) },
    });
    await this.#desk.offer(oldImage, { deviceClass: DEVICE_CLASS });
    await this.#live(file, OLD, 0);
    this.#confirmed = readFileSync(file);
    this.#partitions = this.#shipped.readPartitions(this.#shipped.NorFlash.from(this.#confirmed));
    await this.#desk.offer(newImage, { deviceClass: DEVICE_CLASS });
  }

  /** The flash steps of an update that nobody disturbs, from power-on with the old version to the new one confirmed. */
  async measure(): Promise<readonly MeasuredStep[]> {
    const file = this.#copy("measure");
    const offsets: number[] = [];
    const witness = this.#witness(file, NEW, 1);
    let chip: SimulatedChip | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const timeout = setTimeout(() => reject(new Error(`no update within ${LIFE_MS} ms; ${witness.story}`)), LIFE_MS);
        chip = new this.#shipped.SimulatedChip({
          file,
          flashSizeBytes: SMALL_FLASH_SIZE_BYTES,
          onStep: ({ offset }) => void offsets.push(offset),
          onEvent: (event) => {
            witness.see(event);
            if (!witness.isDone) return;
            clearTimeout(timeout);
            resolve();
          },
        });
        chip.start();
      });
    } finally {
      chip?.stop();
    }
    if (witness.problem !== undefined) throw new Error(witness.problem);
    return offsets.map((offset, index) => ({ step: index + 1, partition: this.#partitionAt(offset) }));
  }

  /** One cut and the life after it. Never throws for what the device does: that is in the outcome. */
  async cut(number: number, step: number): Promise<CutOutcome> {
    const file = this.#copy(`cut-${number}`);
    let report: CutReport | undefined;
    let bootCount = 0;
    let because: string | undefined;
    try {
      report = await this.#liveUntilCut(file, step);
      bootCount = (await this.#live(file, NEW, 1)).bootCount;
    } catch (error) {
      because = error instanceof Error ? error.message : String(error);
    }
    rmSync(file, { force: true });
    rmSync(`${file}.lock`, { force: true });
    const partition = report === undefined ? "" : this.#partitionAt(report.offset);
    return { number, step, isInside: report?.isInside === true, partition, because, bootCount };
  }

  /** Ends whatever still runs and removes all files. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((device) => device.cutPower()));
    await this.#desk.server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #build(version: string): Promise<BuiltImage> {
    const { readApplication, buildApplicationImage } = this.#shipped;
    const entry = join(APPLICATION, `releases/${version}.ts`);
    return buildApplicationImage({ ...readApplication(APPLICATION), version, entry, keys: this.#desk.keys });
  }

  #copy(name: string): string {
    const file = join(this.#folder, `${name}.flash`);
    // A device of its own to the server: what one of them reports closes its action, and nobody else's.
    writeFileSync(file, withSettings(this.#confirmed, { "device.name": name }));
    return file;
  }

  async #liveUntilCut(file: string, cutAtStep: number): Promise<CutReport> {
    const device = this.#powerOn({ file, cutAtStep });
    const error: unknown = await device.waitFor(() => false, LIFE_MS, "the cut").catch((reason: unknown) => reason);
    await this.#cutPower(device);
    if (device.cut === undefined) throw new Error(`the first life was not cut: ${(error as Error).message}`);
    return device.cut;
  }

  /** From power-on until `version` runs confirmed from `slot`, and off again. */
  async #live(file: string, version: string, slot: number): Promise<{ readonly bootCount: number }> {
    const witness = this.#witness(file, version, slot);
    const device = this.#powerOn({ file, onEvent: (event) => witness.see(event) });
    try {
      await device.waitFor(() => witness.isDone, LIFE_MS, `${version} confirmed`);
      if (witness.problem !== undefined) throw new Error(witness.problem);
      await device.stop();
      return { bootCount: witness.bootCount };
    } catch (error) {
      throw new Error(`${(error as Error).message}; ${witness.story}`);
    } finally {
      await this.#cutPower(device);
    }
  }

  /** The firmware's line says that it runs; everything else is read from the flash. */
  #witness(file: string, version: string, slot: number): UpdateWitness {
    return new UpdateWitness({
      wanted: { slot, version },
      kept: { slot: 0, version: OLD },
      isSign: (event) => event.kind === "line" && event.text.startsWith(`updatable ${version}:`),
      inspect: () => this.#shipped.inspectFlash(file),
    });
  }

  #powerOn(options: { readonly file: string; readonly cutAtStep?: number; readonly onEvent?: (event: ChipEvent) => void }) {
    const device = new this.#shipped.DeviceProcess({ flashSizeBytes: SMALL_FLASH_SIZE_BYTES, ...options });
    this.#running.add(device);
    device.powerOn();
    return device;
  }

  async #cutPower(device: DeviceProcess): Promise<void> {
    await device.cutPower();
    this.#running.delete(device);
  }

  #partitionAt(offset: number): string {
    const partition = this.#partitions.find(
      (candidate) => offset >= candidate.offset && offset < candidate.offset + candidate.size,
    );
    return partition?.label ?? "";
  }
}

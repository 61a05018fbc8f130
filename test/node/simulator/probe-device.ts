/**
 * Simulated devices that run the probe firmware, for the specs of the simulator's processes.
 *
 * Each spec flashes a file of its own and says what the firmware does at power-on. Waiting is always for an event, with a
 * bound that only a broken simulator reaches.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChipEvent, DeviceProcess, DeviceProcessOptions } from "../../../hosts/node/index.js";
import { loadShipped, type Shipped } from "../../sim/shipped.js";
import { SMALL_FLASH_SIZE_BYTES, SMALL_PARTITIONS_CSV } from "../../sim/small-flash.js";

const PROBE = fileURLToPath(new URL("../../fixtures/firmware/probe/", import.meta.url));
/** A start takes a tenth of a second, on a machine with too much to do a second. */
const EVENT_MS = 15_000;

/** The devices of one suite, and what they left behind. */
export class ProbeLab {
  readonly shipped: Shipped;
  readonly #image: Uint8Array;
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-probe-"));
  readonly #devices: ProbeDevice[] = [];
  #fileCount = 0;

  private constructor(shipped: Shipped, image: Uint8Array) {
    this.shipped = shipped;
    this.#image = image;
  }

  static async open(): Promise<ProbeLab> {
    const shipped = await loadShipped();
    const { image } = await shipped.buildApplicationImage(shipped.readApplication(PROBE));
    return new ProbeLab(shipped, image);
  }

  /** A path in the lab's folder, of a file that is not there. */
  newFile(): string {
    this.#fileCount++;
    return join(this.#folder, `${this.#fileCount}.flash`);
  }

  /** A flash file with the probe in slot 0. */
  flash(deed: string, settings: Readonly<Record<string, string>> = {}): string {
    const file = this.newFile();
    this.shipped.flashFactory({
      file,
      image: this.#image,
      partitionsCSV: SMALL_PARTITIONS_CSV,
      flashSizeBytes: SMALL_FLASH_SIZE_BYTES,
      settings: { "probe.do": deed, ...settings },
    });
    return file;
  }

  /** A device on the file, switched on. */
  powerOn(file: string, options: Partial<DeviceProcessOptions> = {}): ProbeDevice {
    const device = new ProbeDevice(this.shipped, { file, flashSizeBytes: SMALL_FLASH_SIZE_BYTES, ...options });
    this.#devices.push(device);
    return device;
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.process.cutPower()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One power-on. Events that came before they are waited for are not lost. */
export class ProbeDevice {
  readonly process: DeviceProcess;
  readonly events: ChipEvent[] = [];

  constructor(shipped: Shipped, options: DeviceProcessOptions) {
    this.process = new shipped.DeviceProcess({ ...options, onEvent: (event) => void this.events.push(event) });
    this.process.powerOn();
  }

  /** The first event since power-on that matches. */
  async event(what: string, matches: (event: ChipEvent) => boolean): Promise<ChipEvent> {
    return this.events.find(matches) ?? (await this.process.waitFor(matches, EVENT_MS, what));
  }

  /** The first line of the firmware since power-on that begins with `start`. */
  async line(start: string): Promise<string> {
    const event = await this.event(`the line "${start}"`, ({ kind, ...rest }) => {
      return kind === "line" && (rest as { text: string }).text.startsWith(start);
    });
    return (event as ChipEvent & { readonly kind: "line" }).text;
  }

  /** Why the chip was reset, each time up to now. */
  get resetReasons(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === "reset" ? [event.reason] : []));
  }
}

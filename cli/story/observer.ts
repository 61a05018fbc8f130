/**
 * Watches one simulated device over all its power-ons and counts what a step of the story costs.
 *
 * Everything comes from outside the firmware: the chip's events and the flash file. Nothing that the firmware prints is taken
 * for a fact.
 */
import { DeviceProcess } from "../../hosts/node/simulator/device-process.js";
import { type FlashReport, inspectFlash } from "../../hosts/node/simulator/inspect.js";
import type { ChipEvent, ProcessorProgram } from "../../hosts/node/simulator/simulated-chip.js";

const SECTOR_SIZE_BYTES = 4096;

/** What a step cost so far. */
export interface Counters {
  bootCount: number;
  eraseCount: number;
  programCount: number;
  readCount: number;
  programmedBytes: number;
}

/** How far an update has come, in bytes of the image; all from the chip's flash events. */
export interface UpdateProgress {
  readonly erasedBytes: number;
  readonly programmedBytes: number;
  readonly verifiedBytes: number;
}

/** A moment for the drawn timeline. */
export interface Moment {
  readonly atMs: number;
  readonly kind: "powerOn" | "boot" | "reset" | "cut" | "offer" | "confirm" | "quarantine" | "report" | "refusal" | "halt";
  readonly slot?: number;
  readonly text: string;
  /** Of the image that a boot starts. */
  readonly version?: string;
  /** A boot of an image that the bootloader has on trial. */
  readonly isTrial?: boolean;
}

export interface ObserverOptions {
  readonly file: string;
  /** What runs the firmware. Default: Node. */
  readonly processor?: ProcessorProgram;
  readonly onLine: (source: "firmware" | "bootloader" | "chip", text: string) => void;
  readonly onProgress: () => void;
}

export class Observer {
  readonly moments: Moment[] = [];
  readonly #options: ObserverOptions;
  readonly #startedMs = performance.now();
  #device: DeviceProcess | undefined;
  #counters: Counters = noCounters();
  #target: { readonly partition: string; readonly sizeBytes: number } | undefined;
  #bootCount = 0;
  #erased = 0;
  #programmed = 0;
  #verified = 0;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Milliseconds since the story began. */
  get atMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  get device(): DeviceProcess {
    if (!this.#device) throw new Error("the device has no power yet");
    return this.#device;
  }

  get progress(): UpdateProgress {
    return { erasedBytes: this.#erased, programmedBytes: this.#programmed, verifiedBytes: this.#verified };
  }

  get hasPower(): boolean {
    return this.#device?.isRunning === true;
  }

  /** Starts in all, over every power-on. */
  get bootCount(): number {
    return this.#bootCount;
  }

  /** Costs since the last call. */
  takeCounters(): Counters {
    const counters = this.#counters;
    this.#counters = noCounters();
    return counters;
  }

  /** From now on progress is that of an image of `sizeBytes` going to slot `slot`. */
  follow(slot: number, sizeBytes: number): void {
    this.#target = { partition: `ota_${slot}`, sizeBytes };
    this.#erased = 0;
    this.#programmed = 0;
    this.#verified = 0;
  }

  powerOn(): void {
    const { file, processor } = this.#options;
    const onEvent = (event: ChipEvent): void => this.#receive(event);
    this.#device = new DeviceProcess({ file, onEvent, ...(processor ? { processor } : {}) });
    this.note("powerOn", "power on");
    this.#device.powerOn();
  }

  async cutPower(): Promise<void> {
    await this.device.cutPower();
    this.note("cut", "SIGKILL: power cut");
  }

  note(kind: Moment["kind"], text: string, slot?: number): void {
    this.moments.push({ atMs: this.atMs, kind, text, ...(slot === undefined ? {} : { slot }) });
  }

  /** The flash file as it stands. */
  inspect(): FlashReport {
    return inspectFlash(this.#options.file);
  }

  /** The next start from `slot`. */
  async boot(slot: number, timeoutMs: number): Promise<void> {
    await this.device.waitFor((event) => event.kind === "boot" && event.slot === slot, timeoutMs, `a start from slot ${slot}`);
  }

  /** A line of the firmware that contains `text`. */
  async line(text: string, timeoutMs: number): Promise<void> {
    const matches = (event: ChipEvent): boolean => event.kind === "line" && event.text.includes(text);
    await this.device.waitFor(matches, timeoutMs, `the line "${text}"`);
  }

  /** The moment after a write to otadata or journal at which `holds` is true of the flash file. */
  async flashHolds(what: string, timeoutMs: number, holds: (report: FlashReport) => boolean): Promise<void> {
    if (holds(this.inspect())) return;
    const matches = (event: ChipEvent): boolean =>
      event.kind === "flash" &&
      event.operation === "program" &&
      (event.partition === "otadata" || event.partition === "journal") &&
      holds(this.inspect());
    await this.device.waitFor(matches, timeoutMs, what);
  }

  /** The moment at which `byteLength` bytes of the followed image stand in flash. */
  async programmed(byteLength: number, timeoutMs: number): Promise<void> {
    await this.device.waitFor(() => this.#programmed >= byteLength, timeoutMs, `${byteLength} bytes in flash`);
  }

  #receive(event: ChipEvent): void {
    switch (event.kind) {
      case "reset":
        if (event.reason !== "powerOn") this.note("reset", `reset: ${event.reason}`);
        break;
      case "boot":
        this.#bootCount++;
        this.#counters.bootCount++;
        this.#noteBoot(event.slot);
        this.#options.onLine("chip", `boots slot ${event.slot}`);
        break;
      case "bootloader":
        this.#options.onLine("bootloader", event.line);
        break;
      case "line":
        this.#options.onLine("firmware", event.text);
        break;
      case "halt":
        this.note("halt", event.because);
        this.#options.onLine("chip", event.because);
        break;
      case "flash":
        this.#count(event);
        break;
    }
  }

  #noteBoot(slot: number): void {
    const { version = "", state } = this.inspect().slots[slot]!;
    const isTrial = state === "pendingVerify";
    const text = `boot ${version} from slot ${slot}${isTrial ? ", on trial" : ""}`;
    this.moments.push({ atMs: this.atMs, kind: "boot", text, slot, version, isTrial });
  }

  #count(event: ChipEvent & { readonly kind: "flash" }): void {
    if (event.operation === "erase") this.#counters.eraseCount++;
    if (event.operation === "read") this.#counters.readCount++;
    if (event.operation === "program") {
      this.#counters.programCount++;
      this.#counters.programmedBytes += event.byteLength;
    }
    const target = this.#target;
    if (!target || event.partition !== target.partition) return;
    if (event.operation === "erase") this.#erased = Math.min(this.#erased + SECTOR_SIZE_BYTES, target.sizeBytes);
    if (event.operation === "program") this.#programmed = Math.min(this.#programmed + event.byteLength, target.sizeBytes);
    // Sector 0 is verified from RAM, so the reading back ends one sector short of the image.
    const isBodyDone = this.#programmed >= target.sizeBytes - SECTOR_SIZE_BYTES;
    if (event.operation === "read" && isBodyDone && event.byteLength > 1) {
      this.#verified = Math.min(this.#verified + event.byteLength, target.sizeBytes);
    }
    this.#options.onProgress();
  }
}

function noCounters(): Counters {
  return { bootCount: 0, eraseCount: 0, programCount: 0, readCount: 0, programmedBytes: 0 };
}

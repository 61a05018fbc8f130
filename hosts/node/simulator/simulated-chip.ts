/**
 * The chip: flash in a file, reset line, bootloader, watchdog, retained memory and bus; the firmware runs in a process of its
 * own.
 *
 * Only what is outside a real processor is here, so that what the firmware loses at a reset is really lost, an endless loop is
 * really ended from outside, and killing this process is a power cut. Observers get events; nothing is asked of the firmware
 * to be observed. See docs/design/simulator.md.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../../src/errors.js";
import type { Partition } from "../../../src/image/partition.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { Operation, Status, TransferFlag } from "../../simulated/wire.js";
import { runBootloader } from "../bootloader.js";
import { Digest } from "../digest.js";
import { I2CBus } from "../i2c-bus.js";
import { type FlashStep, NorFlash } from "../nor-flash.js";
import { readPartitions } from "../open-host.js";
import { createRandom } from "../random.js";
import { VirtualTMP102 } from "../virtual-chips/tmp102.js";
import { Coprocessor } from "./coprocessor.js";
import { encodeFrame, type Frame, FrameReader } from "./rpc.js";

const RETAINED_SIZE_BYTES = 256;
const SENSOR_ADDRESS = 0x48;
/** What the bootloader arms before it jumps: CONFIG_BOOTLOADER_WDT_TIME_MS. */
const BOOT_WATCHDOG_MS = 9000;
/** So many starts in a row that ended by themselves, each within so short a time, and the chip stops trying. */
const CRASH_COUNT_MAX = 20;
const CRASH_LIFE_MS = 2000;

/** What an observer sees from outside. `atMs` is the chip's time since power-on. */
export type ChipEvent =
  | { readonly kind: "reset"; readonly atMs: number; readonly reason: ResetReason; readonly bootCount: number }
  | { readonly kind: "bootloader"; readonly atMs: number; readonly line: string }
  | { readonly kind: "boot"; readonly atMs: number; readonly slot: number }
  | { readonly kind: "halt"; readonly atMs: number; readonly because: string }
  | { readonly kind: "line"; readonly atMs: number; readonly text: string }
  | {
      readonly kind: "flash";
      readonly atMs: number;
      readonly operation: "read" | "program" | "erase";
      readonly partition: string;
      /** Within the partition. */
      readonly offset: number;
      readonly byteLength: number;
    };

/** What is started at each boot: a program that speaks the wire on descriptor 3. */
export interface ProcessorProgram {
  readonly command: string;
  readonly args: readonly string[];
}

export interface SimulatedChipOptions {
  /** Default: the firmware under Node. */
  readonly processor?: ProcessorProgram;
  /** The flash file; it must hold a partition table (factory.ts). */
  readonly file: string;
  readonly flashSizeBytes: number;
  readonly onEvent: (event: ChipEvent) => void;
  /** Called after each word program and partial erase step. */
  readonly onStep?: (step: FlashStep) => void;
  /** Temperature at the sensor. Default: 21 °C and a slow wave. */
  readonly temperatureC?: (atMs: number) => number;
  /** Default on: the bootloader was built with rollback. */
  readonly rollback?: boolean;
  /** Default "always". */
  readonly validation?: "always" | "skipped";
}

export class SimulatedChip {
  readonly #options: SimulatedChipOptions;
  readonly #flash: NorFlash;
  readonly #partitions: readonly Partition[];
  readonly #retained = new Uint8Array(RETAINED_SIZE_BYTES);
  readonly #coprocessor = new Coprocessor((...event) => this.#sendEvent(...event));
  readonly #bus = new I2CBus();
  readonly #sensor = new VirtualTMP102({ address: SENSOR_ADDRESS });
  readonly #startedMs = performance.now();
  #processor: ChildProcess | undefined;
  #socket: Duplex | undefined;
  #events: Duplex | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #resetReason: ResetReason = "powerOn";
  #slot = 0;
  #bootCount = 0;
  #bootedMs = 0;
  #crashCount = 0;

  /** Opens the flash file. Throws `busy` where another process holds it, `corrupt` where it has no partition table. */
  constructor(options: SimulatedChipOptions) {
    this.#options = options;
    this.#flash = new NorFlash({
      sizeBytes: options.flashSizeBytes,
      file: options.file,
      ...(options.onStep ? { onStep: options.onStep } : {}),
    });
    try {
      this.#partitions = readPartitions(this.#flash);
    } catch (error) {
      this.#flash.close();
      throw error;
    }
    this.#bus.attach(this.#sensor);
  }

  /** Flash steps since the file was opened, of whatever was programmed or erased. */
  get stepCount(): number {
    return this.#flash.stepCount;
  }

  get flash(): NorFlash {
    return this.#flash;
  }

  /** Power on. */
  start(): void {
    this.#reset("powerOn");
  }

  /** Ends the processor and releases the flash file. */
  stop(): void {
    this.#endProcessor();
    this.#flash.close();
  }

  /** Pulls the reset line from outside, as a brown-out detector or a person does. */
  pullReset(reason: ResetReason): void {
    this.#reset(reason);
  }

  get #atMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  #reset(reason: ResetReason): void {
    this.#endProcessor();
    this.#resetReason = reason;
    if (reason === "powerOn") createRandom().fill(this.#retained); // It holds noise then, as on the chip.
    this.#bootCount++;
    this.#options.onEvent({ kind: "reset", atMs: this.#atMs, reason, bootCount: this.#bootCount });
    const boot = runBootloader({
      flash: this.#flash,
      rollback: this.#options.rollback ?? true,
      validation: this.#options.validation ?? "always",
      Digest,
    });
    for (const line of boot.log) this.#options.onEvent({ kind: "bootloader", atMs: this.#atMs, line });
    if (boot.slot === undefined) {
      this.#halt("the bootloader found no image to boot");
      return;
    }
    if (this.#isCrashLoop(reason)) {
      this.#halt(`${CRASH_COUNT_MAX} starts in a row ended within ${CRASH_LIFE_MS} ms, the last one by ${reason}`);
      return;
    }
    this.#slot = boot.slot;
    this.#options.onEvent({ kind: "boot", atMs: this.#atMs, slot: boot.slot });
    this.#startProcessor();
    this.#armWatchdog(BOOT_WATCHDOG_MS);
  }

  /** A board would go on for ever; here somebody waits, and a log fills up. */
  #isCrashLoop(reason: ResetReason): boolean {
    const isCrash = (reason === "software" || reason === "panic") && this.#atMs - this.#bootedMs < CRASH_LIFE_MS;
    this.#crashCount = isCrash ? this.#crashCount + 1 : 0;
    this.#bootedMs = this.#atMs;
    return this.#crashCount >= CRASH_COUNT_MAX;
  }

  #halt(because: string): void {
    this.#options.onEvent({ kind: "halt", atMs: this.#atMs, because });
  }

  #startProcessor(): void {
    const { command, args } = this.#options.processor ?? nodeProcessor();
    const processor = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe"],
      detached: true, // A Ctrl-C goes to every process of the terminal's group; to the firmware it would be a panic.
    });
    this.#processor = processor;
    const socket = processor.stdio[3] as Duplex;
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => reader.push(chunk, (frame) => this.#serve(processor, frame)));
    socket.on("error", () => {}); // The processor was killed in the middle of a frame: `exit` tells.
    const pipes = processor.stdio as unknown as readonly (Duplex | null)[]; // Node's type knows of five.
    this.#events = pipes[5] ?? undefined;
    for (const pipe of [pipes[4], pipes[5]]) pipe?.on("error", () => {});
    processor.stderr?.on("data", (chunk: Buffer) => this.#line(chunk.toString("utf8").trimEnd()));
    processor.on("exit", (code, signal) => {
      if (this.#processor !== processor) return; // Ended by the reset line.
      this.#line(`processor ended by itself (${signal ?? `code ${code}`})`);
      this.#reset("panic");
    });
  }

  /** Also ends its sleep: a chip that was reset meanwhile has nothing to wake up from. */
  #endProcessor(): void {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#wake);
    const processor = this.#processor;
    this.#processor = undefined;
    this.#socket?.removeAllListeners("data");
    this.#socket = undefined;
    this.#events = undefined;
    this.#coprocessor.reset();
    processor?.kill("SIGKILL");
  }

  #armWatchdog(timeoutMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#reset("watchdog"), timeoutMs);
  }

  #line(text: string): void {
    this.#options.onEvent({ kind: "line", atMs: this.#atMs, text });
  }

  /** Answers one request, unless it comes from a processor that the reset line has ended. */
  #serve(processor: ChildProcess, frame: Frame): void {
    if (this.#processor !== processor) return;
    let reply: Buffer | undefined;
    try {
      reply = this.#answer(frame);
    } catch (error) {
      reply = encodeFrame(Status.refused, 0, 0, Buffer.from(messageOf(error), "utf8"));
    }
    if (reply) this.#socket?.write(reply);
  }

  #answer(frame: Frame): Buffer | undefined {
    switch (frame.code) {
      case Operation.hello:
        return this.#hello();
      case Operation.readFlash:
        this.#observe("read", frame.first, frame.second);
        return encodeFrame(Status.done, 0, 0, this.#flash.read(frame.first, frame.second));
      case Operation.programFlash:
        this.#flash.program(frame.first, frame.bytes);
        this.#observe("program", frame.first, frame.bytes.length);
        return encodeFrame(Status.done);
      case Operation.eraseSector:
        this.#flash.eraseSector(frame.first);
        this.#observe("erase", frame.first * this.#flash.sectorSizeBytes, this.#flash.sectorSizeBytes);
        return encodeFrame(Status.done);
      case Operation.readRetained:
        return encodeFrame(Status.done, 0, 0, this.#retained.slice(frame.first, frame.first + frame.second));
      case Operation.writeRetained:
        this.#retained.set(frame.bytes, frame.first);
        return encodeFrame(Status.done);
      case Operation.transfer:
        return this.#transfer(frame);
      default:
        return this.#control(frame);
    }
  }

  #control(frame: Frame): Buffer | undefined {
    switch (frame.code) {
      case Operation.armWatchdog:
        this.#armWatchdog(frame.first);
        return undefined;
      case Operation.disarmWatchdog:
        clearTimeout(this.#watchdog);
        return encodeFrame(Status.done);
      case Operation.trace:
        this.#line(Buffer.from(frame.bytes).toString("utf8"));
        return undefined;
      case Operation.restart:
        this.#reset("software");
        return undefined;
      case Operation.abort:
        this.#line(`abort: ${Buffer.from(frame.bytes).toString("utf8")}`);
        this.#reset("software"); // fxAbort ends in esp_restart: the chip cannot tell it from a wanted restart.
        return undefined;
      case Operation.sleep:
        this.#endProcessor();
        this.#wake = setTimeout(() => this.#reset("deepSleep"), frame.first);
        return undefined;
      default:
        return this.#coprocessor.answer(frame);
    }
  }

  #sendEvent(code: number, first: number, second: number, bytes?: Uint8Array): void {
    this.#events?.write(encodeFrame(code, first, second, bytes));
  }

  #transfer(frame: Frame): Buffer {
    const flags = frame.second & 0xff;
    this.#sensor.temperatureC = (this.#options.temperatureC ?? slowWave)(this.#atMs);
    const answer = this.#bus.transfer({
      address: frame.first,
      write: flags & TransferFlag.write ? frame.bytes.slice() : undefined,
      readLength: flags & TransferFlag.read ? frame.second >>> 8 : undefined,
      stop: (flags & TransferFlag.stop) !== 0,
    });
    return answer === undefined ? encodeFrame(Status.nothing) : encodeFrame(Status.done, 0, 0, answer);
  }

  /** What the processor must know at reset, and where its slot lies. */
  #hello(): Buffer {
    const slot = this.#partitions.find(({ label }) => label === `ota_${this.#slot}`);
    const hello = {
      resetReason: this.#resetReason,
      runningSlot: this.#slot,
      flashSizeBytes: this.#flash.sizeBytes,
      sectorSizeBytes: this.#flash.sectorSizeBytes,
      retainedSizeBytes: RETAINED_SIZE_BYTES,
    };
    return encodeFrame(Status.done, slot?.offset ?? 0, slot?.size ?? 0, Buffer.from(JSON.stringify(hello), "utf8"));
  }

  #observe(operation: "read" | "program" | "erase", offset: number, byteLength: number): void {
    const partition = this.#partitions.find(({ offset: start, size }) => offset >= start && offset < start + size);
    this.#options.onEvent({
      kind: "flash",
      atMs: this.#atMs,
      operation,
      partition: partition?.label ?? "",
      offset: offset - (partition?.offset ?? 0),
      byteLength,
    });
  }
}

/** The firmware under Node, in a realm without Node's globals. */
function nodeProcessor(): ProcessorProgram {
  const program = fileURLToPath(new URL("./processor.js", import.meta.url));
  return { command: process.execPath, args: ["--experimental-vm-modules", "--no-warnings", program] };
}

/** A room over the day, shortened to a minute. */
function slowWave(atMs: number): number {
  return 21 + 2 * Math.sin((2 * Math.PI * atMs) / 60_000);
}

/**
 * A whole simulated device from outside: power on, watch, pull reset, cut the power.
 *
 * The handle holds no state of the device but what its events said. `cutPower` is SIGKILL to the process that owns the flash
 * file; a new DeviceProcess on the same file is the next power-on.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FirmwareError } from "../../../src/errors.js";
import type { ResetReason } from "../../../src/ports/system.js";
import type { ChipCommand, ChipProcessArguments } from "./chip-process.js";
import { DEFAULT_FLASH_SIZE_BYTES } from "./factory.js";
import type { ChipEvent, ProcessorProgram } from "./simulated-chip.js";

export interface DeviceProcessOptions {
  /** The flash file, flashed by flashFactory before. */
  readonly file: string;
  readonly flashSizeBytes?: number;
  readonly rollback?: boolean;
  readonly validation?: "always" | "skipped";
  readonly cutAtStep?: number;
  /** What runs the firmware. Default: Node. */
  readonly processor?: ProcessorProgram;
  readonly onEvent?: (event: ChipEvent) => void;
}

/** What the last flash step before a cut was. */
export interface CutReport {
  readonly kind: "program" | "erase";
  readonly offset: number;
  /** More steps of the same operation were to follow. */
  readonly isInside: boolean;
}

interface Waiter {
  readonly matches: (event: ChipEvent) => boolean;
  readonly resolve: (event: ChipEvent) => void;
  readonly reject: (error: Error) => void;
  readonly timeout: NodeJS.Timeout;
}

export class DeviceProcess {
  readonly #options: DeviceProcessOptions;
  readonly #waiters = new Set<Waiter>();
  #chip: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #refusal: string | undefined;
  #output = "";
  #stepCount = 0;

  constructor(options: DeviceProcessOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#chip !== undefined;
  }

  /** Where the power was cut by `cutAtStep`; `undefined` where it was not. */
  get cut(): CutReport | undefined {
    return this.#output === "" ? undefined : (JSON.parse(this.#output) as CutReport);
  }

  /** Flash steps from power-on to `stop()`. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Resolves when the device is without power, however that came. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  powerOn(): void {
    const { file, flashSizeBytes, rollback, validation, cutAtStep, processor } = this.#options;
    const options: ChipProcessArguments = {
      file,
      flashSizeBytes: flashSizeBytes ?? DEFAULT_FLASH_SIZE_BYTES,
      rollback: rollback ?? true,
      validation: validation ?? "always",
      ...(cutAtStep === undefined ? {} : { cutAtStep }),
      ...(processor === undefined ? {} : { processor }),
    };
    const program = fileURLToPath(new URL("./chip-process.js", import.meta.url));
    const chip = fork(program, [JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit", "ipc"], execArgv: [] });
    this.#chip = chip;
    this.#output = "";
    chip.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString("utf8");
    });
    chip.on("message", (message: ChipEvent | { kind: "refused"; because: string } | { kind: "stopped"; stepCount: number }) =>
      this.#receive(message),
    );
    this.#ended = new Promise((resolve) => {
      chip.on("close", () => {
        this.#chip = undefined;
        this.#failWaiters();
        resolve();
      });
    });
  }

  /** The first event from now on that matches. Rejects when the device ends first or `timeoutMs` pass. */
  waitFor(matches: (event: ChipEvent) => boolean, timeoutMs: number, what: string): Promise<ChipEvent> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        resolve,
        reject,
        timeout: setTimeout(() => {
          this.#waiters.delete(waiter);
          reject(new FirmwareError("timeout", `${what}: expected within ${timeoutMs} ms`));
        }, timeoutMs),
      };
      this.#waiters.add(waiter);
      if (!this.#chip) this.#failWaiters();
    });
  }

  pullReset(reason: ResetReason): void {
    this.#command({ kind: "pullReset", reason });
  }

  /** The power is gone, wherever the flash happens to be. */
  async cutPower(): Promise<void> {
    this.#chip?.kill("SIGKILL");
    await this.#ended;
  }

  /** Ends the device between two flash operations and releases the file. */
  async stop(): Promise<void> {
    if (this.#chip?.connected) this.#command({ kind: "stop" });
    await this.#ended;
  }

  #command(command: ChipCommand): void {
    this.#chip?.send(command, () => {}); // A device that has just ended needs no command.
  }

  #receive(message: ChipEvent | { kind: "refused"; because: string } | { kind: "stopped"; stepCount: number }): void {
    if (message.kind === "refused") {
      this.#refusal = message.because;
      return;
    }
    if (message.kind === "stopped") {
      this.#stepCount = message.stepCount;
      return;
    }
    this.#options.onEvent?.(message);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(message)) continue;
      this.#waiters.delete(waiter);
      clearTimeout(waiter.timeout);
      waiter.resolve(message);
    }
  }

  #failWaiters(): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timeout);
      waiter.reject(new FirmwareError("closed", this.#refusal ?? "the device lost its power"));
    }
    this.#waiters.clear();
  }
}

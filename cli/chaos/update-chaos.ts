/**
 * Lives of one firmware under update, each from the same beginning, each cut once: whether the update arrives all the same.
 *
 * The beginning is a device that the factory has flashed, that has run once, and that has told its server what it runs. Every
 * life gets a copy of it and a server of its own, so lives know nothing of one another and several may run at a time.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operation } from "../../hosts/node/chaos/fault.js";
import type { DDIServer } from "../../hosts/node/ddi/ddi-server.js";
import type { FeedbackRecord } from "../../hosts/node/ddi/feedback-record.js";
import { NorFlash } from "../../hosts/node/nor-flash.js";
import { readPartitions } from "../../hosts/node/open-host.js";
import { DEFAULT_FLASH_SIZE_BYTES, writeFactory } from "../../hosts/node/simulator/factory.js";
import { inspectSnapshot } from "../../hosts/node/simulator/inspect.js";
import type { ChipEvent, ProcessorProgram } from "../../hosts/node/simulator/simulated-chip.js";
import { FirmwareError } from "../../src/errors.js";
import type { Partition } from "../../src/image/partition.js";
import { drawCut } from "./draw.js";
import { withSettings } from "./flash-settings.js";
import { type Cut, PoweredChip, type PoweredChipOptions } from "./powered-chip.js";
import { type Product, serveRelease } from "./product.js";
import { UpdateWitness } from "./update-witness.js";

const HOST = "127.0.0.1";
const SECOND_MS = 1000;
/** What the factory writes, unless it is told otherwise. */
const SETTINGS = Object.freeze({
  "update.host": "{host}",
  "update.port": "{port}",
  "update.pollMs": "100",
  "trial.uptimeMs": "300",
  "device.name": "chaos-1",
});

export interface UpdateChaosOptions {
  readonly product: Product;
  /** Over the ones above; {host} and {port} stand for the server's. */
  readonly settings: Readonly<Record<string, string>>;
  readonly processor: ProcessorProgram | undefined;
  /** For each power-on. */
  readonly limitMs: number;
}

/** What became of one life. */
export interface LifeOutcome {
  readonly operation: number;
  /** `undefined` where the update was over before that operation came. */
  readonly cut: Pick<Cut, "operation" | "mode"> | undefined;
  /** In which partition. */
  readonly partition: string;
  /** Why it failed; `undefined` where it passed. */
  readonly because: string | undefined;
}

/** What shows a life while it is lived. */
export interface LifeTeller {
  readonly onEvent?: (event: ChipEvent) => void;
  readonly onCut?: (cut: Cut) => void;
}

type PowerOn = Pick<PoweredChipOptions, "bytes" | "order" | "unstable"> &
  Pick<LifeTeller, "onEvent"> & {
    /** A report of failure to it ends the matter. */
    readonly server?: DDIServer;
  };

export class UpdateChaos {
  readonly #options: UpdateChaosOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-chaos-"));
  readonly #powered = new Set<PoweredChip>();
  #begin: Uint8Array = new Uint8Array(0);
  #partitions: readonly Partition[] = [];
  #fileCount = 0;

  constructor(options: UpdateChaosOptions) {
    this.#options = options;
  }

  /** Makes the beginning. Throws, in one line, where the firmware does not start, ask the server, or accept its own offer. */
  async prepare(teller: LifeTeller = {}): Promise<void> {
    const { product } = this.#options;
    const { server, port } = await serveRelease(product, product.old);
    const flash = new NorFlash({ sizeBytes: DEFAULT_FLASH_SIZE_BYTES });
    writeFactory(flash, { image: product.old.image, settings: this.#settings(port) });
    try {
      this.#begin = await this.#firstLife(server, port, { bytes: flash.snapshot(), ...teller });
      this.#partitions = readPartitions(NorFlash.from(this.#begin));
    } finally {
      await server.close();
    }
  }

  /** The operations of an update that nobody disturbs, from power-on to the new version confirmed. */
  async measure(): Promise<readonly Operation[]> {
    const { server, port } = await serveRelease(this.#options.product, this.#options.product.next);
    try {
      const { problem, story, operations } = await this.#power({ bytes: this.#provisioned(port), server });
      if (problem === undefined) return operations;
      throw new FirmwareError("io", `the update fails without a power cut: ${problem}${story}`);
    } finally {
      await server.close();
    }
  }

  /** One life, and the one after its cut. Never throws for what the device does: that is in the outcome. */
  async live(seed: number, operation: number, teller: LifeTeller = {}): Promise<LifeOutcome> {
    const { server, port } = await serveRelease(this.#options.product, this.#options.product.next);
    const order = drawCut(seed, operation);
    try {
      const first = await this.#power({ ...teller, bytes: this.#provisioned(port), order });
      const { cut } = first;
      if (cut === undefined || first.problem !== undefined) {
        return { operation, cut, partition: "", because: first.problem };
      }
      teller.onCut?.(cut);
      const unstable = cut.unstable && { ...cut.unstable, operation: order.decayOperation };
      const second = await this.#power({ ...teller, bytes: cut.bytes, unstable });
      return { operation, cut, partition: this.partitionAt(cut.operation.offset), because: second.problem };
    } finally {
      await server.close();
    }
  }

  partitionAt(at: number): string {
    return this.#partitions.find(({ offset, size }) => at >= offset && at < offset + size)?.label ?? "";
  }

  /** Ends whatever still runs and removes all files. */
  close(): void {
    for (const chip of this.#powered) chip.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Until the device has told the server that it runs what is offered. */
  async #firstLife(server: DDIServer, port: number, { bytes, onEvent }: PowerOn): Promise<Uint8Array> {
    const { limitMs } = this.#options;
    let refusal: string | undefined;
    let halt: string | undefined;
    server.onRefused = ({ method, target, status }) => {
      refusal = `${method} ${target} was answered with ${status}`;
    };
    let onHalt = (): void => {};
    const chip = this.#chip({
      bytes,
      onEvent: (event) => {
        onEvent?.(event);
        if (event.kind !== "halt") return;
        halt = event.because;
        onHalt();
      },
    });
    const report = await within<FeedbackRecord>(limitMs, (resolve) => {
      onHalt = () => resolve(undefined);
      server.onFeedback = (record) => {
        if (record.execution === "closed") resolve(record);
      };
      chip.powerOn();
    });
    const begin = chip.powerOff();
    this.#release(chip);
    if (halt !== undefined) throw new FirmwareError("io", `the firmware does not run: ${halt}`);
    if (report === undefined) throw this.#silence(server, port, refusal);
    if (report.finished === "success") return begin;
    throw new FirmwareError("refused", `the offer of its own image: ${refusalWords(report)}`);
  }

  /** What is missing, where no report came. */
  #silence(server: DDIServer, port: number, refusal: string | undefined): FirmwareError {
    const within = `within ${this.#options.limitMs / SECOND_MS} s`;
    if (server.requestCount === 0) {
      return new FirmwareError(
        "missing",
        `the firmware asked no update server ${within}; expected an Updater that is started, with the server ${HOST}:${port} ` +
          'from the settings update.host and update.port, or by --set "KEY=…{host}…{port}…"',
      );
    }
    const asked = refusal === undefined ? "asked the server and reported nothing" : `asked for something else: ${refusal}`;
    return new FirmwareError("timeout", `the firmware ${asked} ${within}; expected a report on the offer of its own image`);
  }

  /** From power-on until the new version has arrived, the power is cut, something is wrong, or the limit is reached. */
  async #power(options: PowerOn) {
    const { product, limitMs } = this.#options;
    const witness = new UpdateWitness({
      wanted: { slot: 1, version: product.next.version },
      kept: { slot: 0, version: product.old.version },
      isSign: (event) => event.kind === "flash" && event.operation === "program" && event.partition === "journal",
      inspect: () => inspectSnapshot(chip.snapshot()),
    });
    let onEnd = (): void => {};
    const chip = this.#chip({
      ...options,
      onEvent: (event) => {
        options.onEvent?.(event);
        witness.see(event);
        if (witness.isDone) onEnd();
      },
      onCut: () => onEnd(),
    });
    let refusal: string | undefined;
    const isOver = await within<true>(limitMs, (resolve) => {
      onEnd = () => resolve(true);
      if (options.server) {
        options.server.onFeedback = (record) => {
          if (record.execution !== "closed" || record.finished !== "failure") return;
          refusal = refusalWords(record);
          onEnd();
        };
      }
      chip.powerOn();
    });
    this.#release(chip);
    const late = `${product.next.version} was not confirmed within ${limitMs / SECOND_MS} s`;
    const problem = witness.problem ?? refusal ?? (isOver ? undefined : late);
    const story = refusal === undefined ? `; at last: ${witness.story}` : "";
    return { problem, story, cut: chip.cut, operations: chip.operations };
  }

  #chip(options: Omit<PoweredChipOptions, "file" | "processor">): PoweredChip {
    const file = join(this.#folder, `${++this.#fileCount}.flash`);
    const chip = new PoweredChip({ ...options, file, processor: this.#options.processor });
    this.#powered.add(chip);
    return chip;
  }

  #release(chip: PoweredChip): void {
    chip.close();
    this.#powered.delete(chip);
  }

  #provisioned(port: number): Uint8Array {
    return withSettings(this.#begin, this.#settings(port));
  }

  #settings(port: number): Record<string, string> {
    const settings = { ...SETTINGS, ...this.#options.settings };
    const filled = (text: string): string => text.replaceAll("{host}", HOST).replaceAll("{port}", String(port));
    return Object.fromEntries(Object.entries(settings).map(([key, text]) => [key, filled(text)]));
  }
}

function refusalWords({ details }: FeedbackRecord): string {
  return `the firmware reports a failure: ${details.join(" ")}; expected --vendor and --class as in its update identity`;
}

/** What `body` resolves with; `undefined` where that takes longer. */
function within<Value>(
  limitMs: number,
  body: (resolve: (value: Value | undefined) => void) => void,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(undefined), limitMs);
    body((value) => {
      clearTimeout(timeout);
      resolve(value);
    });
  });
}

/**
 * A simulated chip with the power on, until somebody has seen enough or the power is cut at a given flash operation.
 *
 * The chip runs in this process and its firmware in one of its own, which is killed. What counts of a cut is the flash as it
 * stood in that moment: what the chip does until its turn is over, it does to a file that nobody reads again.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { FaultMode, Operation } from "../../hosts/node/chaos/fault.js";
import type { FlashStep } from "../../hosts/node/nor-flash.js";
import { type ChipEvent, type ProcessorProgram, SimulatedChip } from "../../hosts/node/simulator/simulated-chip.js";
import { cutModesFor, type TornFlash, tornFlash, type UnstablePlace } from "./torn-flash.js";

const WORD_SIZE_BYTES = 4;
const SECTOR_SIZE_BYTES = 4096;

/** Where the power goes, and what chance decides about it. */
export interface CutOrder {
  /** The operation, counted from power-on, from 0. */
  readonly operation: number;
  /** Picks one of the modes that the operation has. */
  readonly choice: number;
  readonly seed: number;
}

/** A cut, and what it left. */
export interface Cut extends TornFlash {
  readonly operation: Operation;
  readonly mode: FaultMode;
}

export interface PoweredChipOptions {
  /** For the time of it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly processor: ProcessorProgram | undefined;
  readonly order?: CutOrder | undefined;
  /** Turns to noise at an operation of this life, unless it is erased or written before. */
  readonly unstable?: (UnstablePlace & { readonly operation: number }) | undefined;
  readonly onEvent: (event: ChipEvent) => void;
  /** The power is gone, by `order`. */
  readonly onCut?: () => void;
}

export class PoweredChip {
  readonly #options: PoweredChipOptions;
  readonly #chip: SimulatedChip;
  /** Operations since power-on. */
  readonly operations: Operation[] = [];
  #firstOffset: number | undefined;
  #before: Uint8Array;
  #unstable: PoweredChipOptions["unstable"];
  #cut: Cut | undefined;
  #isOff = false;

  constructor(options: PoweredChipOptions) {
    const { file, bytes, processor } = options;
    this.#options = options;
    this.#before = bytes;
    this.#unstable = options.unstable;
    writeFileSync(file, bytes);
    this.#chip = new SimulatedChip({
      file,
      flashSizeBytes: bytes.length,
      ...(processor === undefined ? {} : { processor }),
      onStep: (step) => this.#step(step),
      onEvent: (event) => {
        if (!this.#isOff && this.#cut === undefined) options.onEvent(event);
      },
    });
  }

  /** `undefined` while the power was not cut. */
  get cut(): Cut | undefined {
    return this.#cut;
  }

  /** The flash as it stands. */
  snapshot(): Uint8Array {
    return this.#chip.flash.snapshot();
  }

  powerOn(): void {
    this.#chip.start();
  }

  /** Between two operations, where it was not cut before. Gives the flash. */
  powerOff(): Uint8Array {
    this.#stop();
    return new Uint8Array(readFileSync(this.#options.file));
  }

  /** Power off, and the file removed. */
  close(): void {
    this.#stop();
    rmSync(this.#options.file, { force: true });
  }

  #step({ kind, offset, isInside }: FlashStep): void {
    if (this.#cut !== undefined || this.#isOff) return;
    this.#firstOffset ??= offset;
    if (isInside) return;
    const first = this.#firstOffset;
    this.#firstOffset = undefined;
    const byteLength = kind === "erase" ? SECTOR_SIZE_BYTES : offset + WORD_SIZE_BYTES - first;
    this.#end({ kind, offset: first, byteLength });
  }

  #end(operation: Operation): void {
    const index = this.operations.push(operation) - 1;
    this.#decay(operation, index);
    const { order } = this.#options;
    if (order === undefined) return;
    if (index === order.operation - 1) this.#before = this.snapshot();
    if (index !== order.operation) return;
    const modes = cutModesFor(operation);
    const mode = modes[order.choice % modes.length]!;
    const torn = tornFlash({ before: this.#before, after: this.snapshot(), operation, mode, seed: order.seed });
    this.#cut = { operation, mode, ...torn };
    // Not here, in the middle of the chip's work. The firmware waits for its answer until that is done.
    queueMicrotask(() => {
      this.#stop();
      this.#options.onCut?.();
    });
  }

  #stop(): void {
    if (!this.#isOff) this.#chip.stop();
    this.#isOff = true;
  }

  #decay(operation: Operation, index: number): void {
    const place = this.#unstable;
    if (place === undefined) return;
    const end = place.offset + place.noise.length;
    const isWhole = operation.offset <= place.offset && operation.offset + operation.byteLength >= end;
    const isErased = operation.kind === "erase" && sectorOf(operation.offset) === sectorOf(place.offset);
    if (isWhole || isErased) {
      this.#unstable = undefined;
    } else if (index >= place.operation) {
      this.#unstable = undefined;
      this.#overwrite(place);
    }
  }

  #overwrite({ offset, noise }: UnstablePlace): void {
    const { flash } = this.#chip;
    const found = flash.read(offset, noise.length);
    noise.forEach((byte, index) => {
      const turned = byte ^ found[index]!;
      for (let bit = 0; bit < 8; bit++) if ((turned & (1 << bit)) !== 0) flash.flipBit(offset + index, bit);
    });
  }
}

function sectorOf(offset: number): number {
  return Math.floor(offset / SECTOR_SIZE_BYTES);
}

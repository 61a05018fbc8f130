/**
 * Follows one device through an update and knows when the new version has arrived, and what should not have happened.
 *
 * Facts come from the chip's events and the bytes of the flash. What the firmware says is at most a sign that it runs.
 */
import type { FlashReport } from "../../hosts/node/simulator/inspect.js";
import type { ChipEvent } from "../../hosts/node/simulator/simulated-chip.js";

/** The last things told where something went wrong. */
const TOLD_COUNT = 8;

/** An image by its place. */
export interface PlacedImage {
  readonly slot: number;
  readonly version: string;
}

export interface UpdateWitnessOptions {
  /** What has to run from there at last, confirmed. */
  readonly wanted: PlacedImage;
  /** What has to stay whole until then. */
  readonly kept: PlacedImage;
  /** What only an image that runs brings about. */
  readonly isSign: (event: ChipEvent) => boolean;
  /** The flash as it stands. */
  readonly inspect: () => FlashReport;
}

export class UpdateWitness {
  readonly #options: UpdateWitnessOptions;
  readonly #told: string[] = [];
  #slot: number | undefined;
  #isRunning = false;
  bootCount = 0;
  /** The version has arrived, or it never will. */
  isDone = false;
  /** Why it never will. */
  problem: string | undefined;

  constructor(options: UpdateWitnessOptions) {
    this.#options = options;
  }

  /** The last things that the device said or did. */
  get story(): string {
    return this.#told.slice(-TOLD_COUNT).join(" | ");
  }

  see(event: ChipEvent): void {
    if (this.isDone) return;
    if (event.kind !== "flash") this.#told.push(JSON.stringify(event));
    if (event.kind === "halt") this.problem = event.because;
    if (event.kind === "boot") {
      this.bootCount++;
      this.#slot = event.slot;
      this.#isRunning = false;
    }
    const isFirstSign = !this.#isRunning && this.#options.isSign(event);
    this.#isRunning ||= isFirstSign;
    if (event.kind === "boot" || isFirstSign || isProgramOfOtadata(event)) this.#look();
    this.isDone ||= this.problem !== undefined;
  }

  /**
   * A look costs a copy of the flash and two hashes, so it is taken where something may have changed. Called from a callback
   * of the device, which is no place to throw.
   */
  #look(): void {
    try {
      const report = this.#options.inspect();
      this.problem ??= this.#problemIn(report);
      this.isDone ||= this.problem === undefined && this.#isRunning && this.#hasArrived(report);
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }

  #problemIn({ slots, quarantine }: FlashReport): string | undefined {
    const { kept } = this.#options;
    const running = slots[this.#slot ?? kept.slot]!;
    const old = slots[kept.slot]!;
    if (running.version === undefined) return `ota_${running.slot} runs, and is not whole: ${running.fault ?? "empty"}`;
    if (old.version !== kept.version) {
      return `slot ${kept.slot} holds ${old.version ?? old.fault ?? "nothing"}; expected ${kept.version}, whole`;
    }
    if (quarantine.length > 0) return `in quarantine: ${quarantine.join(", ")}; expected nothing`;
    return undefined;
  }

  #hasArrived({ slots }: FlashReport): boolean {
    const { wanted } = this.#options;
    const { version, state } = slots[wanted.slot]!;
    return this.#slot === wanted.slot && version === wanted.version && state === "valid";
  }
}

/** Every verdict ends in one. */
function isProgramOfOtadata(event: ChipEvent): boolean {
  return event.kind === "flash" && event.partition === "otadata" && event.operation === "program";
}

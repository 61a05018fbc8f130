/**
 * A device that takes one update, as short as it can be and with nothing left out: bootloader, boot authority, writer, gate.
 *
 * The shipped parts run; RAM is lost by making them anew at each start, over the same flash. What is a model here: the
 * bootloader, the server (an image in memory, asked for as src/updater/installation.ts asks) and what the new image does on
 * trial. How the update has to go is judged by update-witness.ts, from outside.
 */
import { assert } from "../../../src/assert.js";
import { buildImage, ChipId, encodeAppDescriptor, mappedAddress, segmentDataOffset } from "../../../src/image/index.js";
import { type Health, HealthGate } from "../../../src/ota/health-gate.js";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import type { Release } from "../../../src/ota/manifest.js";
import { SlotWriter } from "../../../src/ota/slot-writer.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason, System } from "../../../src/ports/system.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { armWhatIsThere } from "../../../src/updater/installation.js";
import { runBootloader } from "../../harness/bootloader.js";
import type { Cut, Operation } from "../../harness/cut.js";
import { PowerCut } from "../../harness/memory-flash.js";
import { QuickDigest, quickDigestOf } from "../../harness/quick-digest.js";
import { type FlashImage, SMALL_SECTOR_SIZE_BYTES, TearingFlash } from "../../harness/tearing-flash.js";
import { ManualTime } from "../scheduler/manual-time.js";

export const CHUNK_SIZE_BYTES = 2 * SMALL_SECTOR_SIZE_BYTES;
/** With what an image has around it: two chunks, and some bytes of a third. */
const IMAGE_PAYLOAD_SIZE_BYTES = 2 * CHUNK_SIZE_BYTES - 256;
const DIGEST_SIZE_BYTES = 32;
const RAM_ADDRESS = 0x3fc80000;
/** As they come from the network. */
const PIECE_SIZE_BYTES = 600;
/** Of a life without an end. */
const START_COUNT_MAX = 24;
const LOOK_PERIOD_MS = 100;
const UPTIME_MIN_MS = 300;
const DEADLINE_MS = 1000;

/**
 * What the image that is tried does. dies: before its first record · crashes: an exception that nobody catches · hangs: feeds
 * no watchdog · waits: is never healthy · unhealthy: says that it is not · unplugged, restarts: before its verdict, each time.
 */
export type Behaviour = "healthy" | "dies" | "crashes" | "hangs" | "waits" | "unhealthy" | "unplugged" | "restarts";

/** A release, and the image that it is about. */
export interface Offer {
  readonly image: Uint8Array;
  /** The same bytes, as flash is compared with. */
  readonly words: Uint32Array;
  readonly release: Release;
  /** What the deployment asks to be remembered at once. */
  readonly deploymentNumber: number;
}

/** The image of a version, of a little more than two chunks, and its release. `number` grows with each. */
export function makeOffer(number: number): Offer {
  const descriptor = encodeAppDescriptor({ version: `${number}.0.0`, projectName: "lamp", secureVersion: 0 });
  const data = new Uint8Array(descriptor.length + IMAGE_PAYLOAD_SIZE_BYTES);
  data.set(descriptor);
  for (let index = descriptor.length; index < data.length; index++) data[index] = index * (2 * number + 1);
  const image = buildImage({
    chipId: ChipId.esp32c3,
    entryAddress: RAM_ADDRESS + 4 * number,
    segments: [
      { address: mappedAddress(ChipId.esp32c3, "data", segmentDataOffset([], 0)), data },
      { address: RAM_ADDRESS, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    ],
    Digest: QuickDigest,
    hash: "appended",
  });
  const words = new Uint32Array(image.slice().buffer);
  return { image, words, release: releaseOf(image, number), deploymentNumber: 10 * number };
}

function releaseOf(image: Uint8Array, number: number): Release {
  const chunkCount = Math.ceil(image.length / CHUNK_SIZE_BYTES);
  const chunkDigests = new Uint8Array(chunkCount * DIGEST_SIZE_BYTES);
  for (let index = 0; index < chunkCount; index++) {
    const chunk = image.subarray(index * CHUNK_SIZE_BYTES, (index + 1) * CHUNK_SIZE_BYTES);
    chunkDigests.set(quickDigestOf(chunk), index * DIGEST_SIZE_BYTES);
  }
  return {
    sequenceNumber: number,
    vendor: "acme",
    deviceClass: "lamp",
    hardwareRevisionMin: 0,
    hardwareRevisionMax: 9,
    version: `${number}.0.0`,
    securityVersion: number,
    imageSizeBytes: image.length,
    imageDigest: quickDigestOf(image),
    imageIdentity: image.slice(image.length - DIGEST_SIZE_BYTES),
    chunkSizeBytes: CHUNK_SIZE_BYTES,
    chunkDigests,
    expiresS: undefined,
    precursor: undefined,
    nextKeyDigest: undefined,
    issuedS: undefined,
  };
}

/** Whoever looks on. `slots` is the boot authority of this start, its decision made. */
export interface Onlooker {
  onOperation?(operation: Operation, device: UpdatingDevice): void;
  /** The bootloader has chosen; `undefined`: nothing boots. */
  onBootloader?(slot: number | undefined, device: UpdatingDevice): void;
  onBoot?(slots: Slots, device: UpdatingDevice): void;
  onCut?(device: UpdatingDevice): void;
}

export interface UpdatingDeviceOptions {
  readonly flash: FlashImage;
  readonly validation: "always" | "skipped";
  /** `undefined`: nothing is offered, and the device rests after its start. */
  readonly offer: Offer | undefined;
  readonly cut?: Cut | undefined;
  readonly behaviour?: Behaviour;
  readonly onlooker?: Onlooker;
}

export class UpdatingDevice {
  readonly flash: TearingFlash;
  /** Of the image, over all starts. */
  fetchedBytes = 0;
  /** Rows of the decision table, in order. */
  readonly decisions: string[] = [];
  startCount = 0;
  /** Starts of the offered image that had no verdict yet. */
  trialCount = 0;
  /** The image that runs is at rest: nothing more will happen. */
  isAtRest = false;
  readonly #options: UpdatingDeviceOptions;
  readonly #onlooker: Onlooker;

  constructor(options: UpdatingDeviceOptions) {
    this.#options = options;
    this.#onlooker = options.onlooker ?? {};
    const onOperation = (operation: Operation) => this.#onlooker.onOperation?.(operation, this);
    this.flash = new TearingFlash({ image: options.flash, cut: options.cut, onOperation });
  }

  /** From power-on until it is at rest, or has started so often that it never will be. */
  run(): void {
    let reason: ResetReason | undefined = "powerOn";
    while (reason !== undefined && this.startCount < START_COUNT_MAX) {
      this.startCount++;
      reason = this.#start(reason);
    }
  }

  /** Whether the slot that runs holds the offered image. */
  get runsOffer(): boolean {
    const { offer } = this.#options;
    const { runningSlot } = this.flash;
    return offer !== undefined && runningSlot !== undefined && this.flash.holds(`ota_${runningSlot}`, offer.words);
  }

  /** One start; why the next one comes, `undefined` where none does. */
  #start(reason: ResetReason): ResetReason | undefined {
    this.flash.runningSlot = undefined;
    this.flash.powerUp();
    try {
      return this.#live(reason);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#onlooker.onCut?.(this);
      return "powerOn";
    }
  }

  #live(resetReason: ResetReason): ResetReason | undefined {
    const { flash } = this;
    const { validation, behaviour, offer } = this.#options;
    const slot = runBootloader({ flash, rollback: true, validation, Digest: QuickDigest });
    flash.runningSlot = slot;
    this.#onlooker.onBootloader?.(slot, this);
    if (slot === undefined) return undefined;
    if (this.runsOffer && behaviour === "dies") return this.#end("panic");
    const line = new ResetLine(resetReason, slot);
    const slots = new Slots({ flash, system: line, Digest: QuickDigest });
    const { decision } = slots.boot();
    this.decisions.push(decision);
    this.#onlooker.onBoot?.(slots, this);
    if (line.isPulled) return "software";
    if (slots.isTrial) return this.#try(slots, line);
    if (offer !== undefined && !this.runsOffer) this.#update(slots, offer);
    if (line.isPulled) return "software";
    if (decision !== "run") return "powerOn"; // Somebody unplugs it: what was put in order has to be so at the next start.
    this.isAtRest = true;
    return undefined;
  }

  /** What the updater does with an offer: remember, then arm what is there, or fetch it. */
  #update(slots: Slots, offer: Offer): void {
    const { release, deploymentNumber } = offer;
    slots.remember({ ...slots.updateMemory, deploymentFloor: deploymentNumber });
    const imageId = idOf(offer.image);
    if (slots.rejectedImageId === imageId || slots.isQuarantined(imageId)) return;
    if (!armWhatIsThere({ slots }, release)) this.#install(slots, offer);
    slots.restart("update");
  }

  /** As an Installation, step by step. What the writer finds wrong comes out: here nobody forges. */
  #install(slots: Slots, { image, release }: Offer): void {
    const imageId = idOf(image);
    const { chipId } = slots;
    const writtenChunkCount = slots.progressOf(imageId);
    const writer = new SlotWriter({ flash: this.flash, Digest: QuickDigest, slots, chipId, image: release, writtenChunkCount });
    if (writer.phase === "receiving") slots.recordProgress(imageId, 0);
    while (writer.phase !== "verifying") {
      if (writer.phase === "checking") {
        if (writer.check()) slots.recordProgress(imageId, writer.checkedChunkCount);
        continue;
      }
      this.#fetch(writer, image);
      const isNoted = writer.phase === "receiving" && writer.checkedBytes < image.length;
      if (isNoted) slots.recordProgress(imageId, writer.checkedChunkCount);
    }
    while (!writer.verify());
    writer.commit();
    writer.close();
    slots.arm({ release, isReadBack: true });
  }

  /** One request: what the writer wants, piece by piece. */
  #fetch(writer: SlotWriter, image: Uint8Array): void {
    const { offset, sizeBytes } = writer.wanted;
    for (let done = 0; done < sizeBytes; ) {
      const count = Math.min(PIECE_SIZE_BYTES, writer.roomBytes, sizeBytes - done);
      this.fetchedBytes += count;
      writer.write(image.subarray(offset + done, offset + done + count));
      done += count;
    }
  }

  /** The trial: the gate decides, or the image fails before. */
  #try(slots: Slots, line: ResetLine): ResetReason {
    const { behaviour = "healthy" } = this.#options;
    if (behaviour === "crashes") return this.#end("software");
    if (behaviour === "hangs") return this.#end("watchdog");
    if (behaviour === "unplugged") return this.#end("powerOn");
    if (behaviour === "restarts") {
      slots.restart("user");
      return this.#end("software");
    }
    const time = new ManualTime();
    let fault: unknown;
    const scheduler = new Scheduler({
      clock: time.clock,
      Timer: time.Timer,
      taskCountMax: 1,
      onFault: (task, error) => {
        fault = error;
        task.cancel();
      },
    });
    const healthAt = (): Health => {
      if (behaviour === "unhealthy") return "unhealthy";
      return behaviour === "waits" || time.nowMs < UPTIME_MIN_MS / 2 ? "waiting" : "healthy";
    };
    const gate = new HealthGate({
      scheduler,
      clock: time.clock,
      slots,
      checks: [{ name: "sample", check: healthAt }],
      uptimeMinMs: UPTIME_MIN_MS,
      deadlineMs: DEADLINE_MS,
      checkPeriodMs: LOOK_PERIOD_MS,
    });
    gate.start();
    scheduler.start();
    while (slots.isTrial && !line.isPulled && fault === undefined) {
      assert(time.nowMs < 2 * DEADLINE_MS, "the gate has a verdict by its deadline");
      time.advance(LOOK_PERIOD_MS);
    }
    scheduler.stop();
    if (fault !== undefined) throw fault;
    this.trialCount++;
    return line.isPulled ? "software" : "powerOn";
  }

  #end(reason: ResetReason): ResetReason {
    this.trialCount++;
    return reason;
  }
}

/** The chip's reset line, as one start has it: the caller of `restart` returns, and the next start comes. */
class ResetLine implements System {
  readonly resetReason: ResetReason;
  readonly runningSlot: number;
  isPulled = false;

  constructor(resetReason: ResetReason, runningSlot: number) {
    this.resetReason = resetReason;
    this.runningSlot = runningSlot;
  }

  restart(): void {
    this.isPulled = true;
  }

  sleep(): void {}
}

/** The image id in the journal and in quarantine. */
export function idOf(image: Uint8Array): string {
  return imageIdOf(image, image.length - DIGEST_SIZE_BYTES);
}

/**
 * The scrub: reads the running image over and over, a sector now and then, and tells when it is not what it was.
 *
 * Flash forgets a bit in years of heat, and the bootloader looks at an image at starts only, which a good device has few of. An
 * image that is damaged runs on until the bad instruction is met. Nothing else looks for that: the other slot is hashed before
 * it is armed, the journal has its checksums. The scrub finds and tells; what follows (a service call, an update that writes
 * the image anew) is decided elsewhere. It never writes, so it keeps no place over a restart: a pass begins with each start.
 * Hashing at one go would block the loop for a second a megabyte. See docs/design/ota.md.
 */
import { AssertionError, assert } from "../assert.js";
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, FirmwareError, messageOf } from "../errors.js";
import { IMAGE_HASH_SIZE_BYTES } from "../image/application-image.js";
import { ImageVerifier } from "../image/image-verifier.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import type { Task } from "../scheduler/task.js";
import type { TaskSource } from "../supervisor/child-scope.js";

/** A day for an image of 1.5 MB, in sectors of 4 KiB: 86,400 s / 384. */
const PERIOD_MS = 225_000;
/** A sector takes a few milliseconds: more often would be felt. */
const PERIOD_MS_MIN = 100;
/** The same image in sixteen days. */
const PERIOD_MS_MAX = 3_600_000;

/** none: no pass has ended yet · unseen: the host does not show the running image, so there is nothing to read. */
export type ScrubResult = "none" | "whole" | "damaged" | "unseen";

export interface ScrubStatus {
  /** Passes that have ended since the start, whole or at the first thing that is wrong. */
  readonly passCount: number;
  /** Of the pass that ended last. */
  readonly lastResult: ScrubResult;
  /** Read in the pass that is under way. */
  readonly doneBytes: number;
  /** Of the whole image; `undefined` until a pass has seen all of it. */
  readonly imageSizeBytes: number | undefined;
}

export interface ImageScrubOptions {
  /** A scheduler, or the scope of a supervised child. */
  readonly scheduler: TaskSource;
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
  /**
   * The SHA-256 that the image carried when this start read it (`slots.runningIdentity`), 32 bytes; `undefined` where it is not
   * known. The one that it carries now is looked at in any case.
   */
  readonly identity?: Uint8Array | undefined;
  /** From one sector to the next, 100 ms … an hour. Default 225 s: a day for 1.5 MB. */
  readonly periodMs?: number;
  /** Told what was found, from a task; once, and again only where another pass finds something else, or was whole meanwhile. */
  readonly onDamage: (finding: { readonly because: string }) => void;
}

export class ImageScrub {
  readonly #options: ImageScrubOptions;
  #task: Task | undefined;
  #partition: FlashPartition | undefined;
  /** Of the pass that is under way. Its buffer of a sector is what a scrub costs in RAM. */
  #verifier: ImageVerifier | undefined;
  #passCount = 0;
  #lastResult: ScrubResult = "none";
  #imageSizeBytes: number | undefined;
  /** What the last pass found; "" for nothing. */
  #found = "";
  #isClosed = false;

  constructor(options: ImageScrubOptions) {
    const { periodMs = PERIOD_MS, identity } = options;
    assert(periodMs >= PERIOD_MS_MIN && periodMs <= PERIOD_MS_MAX, "ImageScrub: a sector each 100 ms … an hour");
    assert(identity === undefined || identity.length === IMAGE_HASH_SIZE_BYTES, "ImageScrub: an identity is a SHA-256");
    this.#options = options;
  }

  get status(): ScrubStatus {
    return {
      passCount: this.#passCount,
      lastResult: this.#lastResult,
      doneBytes: this.#verifier?.doneBytes ?? 0,
      imageSizeBytes: this.#imageSizeBytes,
    };
  }

  /**
   * Begins the first pass, a period from now. Does nothing where it runs already, or the host does not show the running image.
   * Throws `closed` after close, and `full` where the scheduler has no task left.
   */
  start(): void {
    if (this.#isClosed) throw new FirmwareError("closed", "image scrub: closed");
    if (this.#task !== undefined) return;
    const { scheduler, periodMs = PERIOD_MS } = this.#options;
    const task = scheduler.task({ name: "imageScrub", priority: "low", run: () => this.#step() });
    this.#partition = this.#open();
    if (this.#partition === undefined) {
      this.#lastResult = "unseen";
      task.close();
      return;
    }
    task.runEvery(periodMs, periodMs);
    this.#task = task;
  }

  /** Ends the pass that is under way and frees the task. The status stays readable. A second close does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#task?.close();
    this.#verifier?.close();
    this.#partition?.close();
  }

  #open(): FlashPartition | undefined {
    try {
      return this.#options.flash.open({ path: "running", mode: "r" });
    } catch (error) {
      if (errorCodeOf(error) !== "missing") throw error;
      return undefined;
    }
  }

  /** One sector. At the end of the image, or where it is wrong, the next step begins anew. */
  #step(): void {
    const found = this.#read();
    if (found === undefined) return;
    this.#verifier?.close();
    this.#verifier = undefined;
    this.#passCount++;
    this.#lastResult = found === "" ? "whole" : "damaged";
    const isNews = found !== "" && found !== this.#found;
    this.#found = found;
    if (isNews) this.#options.onDamage({ because: found });
  }

  /** What is wrong with the image, "" for nothing; `undefined` while more is to be read. */
  #read(): string | undefined {
    const { Digest, identity } = this.#options;
    const source = this.#partition!;
    try {
      this.#verifier ??= new ImageVerifier({ source, sizeBytesMax: source.status().size, Digest });
      if (!this.#verifier.step()) return undefined;
      const { head, hash, sizeBytes } = this.#verifier.image!;
      // One bit of the header says that there is a hash: without it the image would pass by its checksum.
      if (!head.header.hashAppended) return "image: it carries no SHA-256, expected hash_appended";
      if (identity !== undefined && !areEqualBytes(hash, identity))
        return "image: its SHA-256 is not the one that it had at the start";
      this.#imageSizeBytes = sizeBytes;
      return "";
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      return messageOf(error);
    }
  }
}

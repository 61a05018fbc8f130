/**
 * One signed image from its first chunk to an armed slot: downloading → verifying → armed.
 *
 * It is told to take a step, and takes one: asks for a chunk, or reads back a sector. Who tells it, when to wait and what to
 * say of it are the update client's business (updater.ts).
 */
import { errorCodeOf } from "../errors.js";
import { imageIdOf } from "../ota/journal-record.js";
import type { Release } from "../ota/manifest.js";
import { SlotWriter } from "../ota/slot-writer.js";
import type { Connection } from "./connection.js";
import type { DDIClient } from "./ddi-client.js";
import type { Action } from "./ddi-documents.js";
import { ImageDownload } from "./image-download.js";
import type { UpdateEvent, UpdaterOptions } from "./updater-options.js";

const CHUNK_RETRY_COUNT_MAX = 8;
/** The wait before a chunk is asked for again, times the repetitions. */
const RETRY_WAIT_MS = 1000;

export interface InstallationOptions {
  readonly updater: UpdaterOptions;
  readonly connection: Connection;
  readonly client: DDIClient;
  readonly action: Action;
  readonly release: Release;
  /** Of the image. */
  readonly path: string;
  /** A chunk is there and more are to come. True: go on at once. Otherwise with `step()`. */
  readonly onChunk: () => boolean;
  /** There is a step to take, as soon as the scheduler has time. */
  readonly onStep: () => void;
  readonly onEvent: (event: UpdateEvent) => void;
}

export class Installation {
  readonly #options: InstallationOptions;
  readonly #writer: SlotWriter;
  readonly #download: ImageDownload;

  /** Touches nothing yet. Throws what SlotWriter does: `full` for an image that does not fit, `refused` during a trial. */
  constructor(options: InstallationOptions) {
    const { updater, connection, client, release, path, onStep } = options;
    const { flash, Digest, slots, stallTimeoutMs } = updater;
    this.#options = options;
    const writtenChunkCount = slots.progressOf(this.#imageId);
    this.#writer = new SlotWriter({ flash, Digest, slots, image: release, chipId: slots.chipId, writtenChunkCount });
    this.#download = new ImageDownload({
      connection,
      client,
      writer: this.#writer,
      path,
      imageSizeBytes: release.imageSizeBytes,
      stallTimeoutMs,
      bytesPerSecondMin: updater.bytesPerSecondMin,
      retryCountMax: updater.chunkRetryCountMax ?? CHUNK_RETRY_COUNT_MAX,
      retryWaitMs: (retryIndex) => RETRY_WAIT_MS * (retryIndex + 1),
      onChunk: () => this.#onChunk(),
      onHead: onStep,
      onDone: () => this.#onDownloaded(),
    });
  }

  get #imageId(): string {
    return imageIdOf(this.#options.release.imageIdentity);
  }

  get action(): Action {
    return this.#options.action;
  }

  /** All bytes are here; what is left needs no server. */
  get isVerifying(): boolean {
    const { phase } = this.#writer;
    return phase !== "receiving" && phase !== "head" && phase !== "checking";
  }

  /** What came, or what was read back, is not what was signed. */
  get isWrong(): boolean {
    return this.#download.isForged || this.#writer.phase === "failed";
  }

  get writer(): SlotWriter {
    return this.#writer;
  }

  get release(): Release {
    return this.#options.release;
  }

  /**
   * Notes that it begins: from then on nothing of another image is taken for what stands in the slot. Throws `io` where the
   * journal takes no record.
   */
  begin(): void {
    if (this.#writer.phase === "receiving") this.#options.updater.slots.recordProgress(this.#imageId, 0);
  }

  /** Asks for the next chunk, or reads a sector; true once the image is armed. Throws what is wrong with it. */
  step(): boolean {
    if (this.#writer.phase === "checking") {
      this.#check();
      return false;
    }
    if (!this.isVerifying) {
      this.#download.resume();
      return false;
    }
    const { release, updater, onEvent, onStep } = this.#options;
    if (!this.#writer.verify()) {
      onStep();
      return false;
    }
    onEvent({ kind: "verified", version: release.version });
    this.#writer.commit();
    updater.slots.arm({ release, isReadBack: true });
    return true;
  }

  /** An exchange failed: when to take the next step; `undefined` where it is over. */
  retryAfter(error: unknown): number | undefined {
    if (this.#writer.phase === "verifying") return 0; // That the server did not hear of the last byte can wait.
    return this.#download.retryAfter(error);
  }

  close(): void {
    this.#writer.close();
  }

  /** A sector of what an earlier download left. */
  #check(): void {
    const { updater, onStep } = this.#options;
    if (this.#writer.check()) {
      // Fewer than were noted: what is written from here on is not yet what the journal says.
      updater.slots.recordProgress(this.#imageId, this.#writer.checkedChunkCount);
      if (this.isVerifying) this.#onDownloaded();
      else this.#download.resume();
      return;
    }
    onStep();
  }

  #onChunk(): boolean {
    this.#options.updater.slots.recordProgress(this.#imageId, this.#writer.checkedChunkCount);
    return this.#options.onChunk();
  }

  #onDownloaded(): void {
    const { client, action, release, onEvent, onStep } = this.#options;
    onEvent({ kind: "downloaded", sizeBytes: release.imageSizeBytes });
    client.report(action.id, { execution: "downloaded", finished: "none", detail: release.version }, onStep);
  }
}

/** Arms what stands in the other slot, where it is the release's image, whole: after a trial without a verdict, or a cut. */
export function armWhatIsThere({ slots }: Pick<UpdaterOptions, "slots">, release: Release): boolean {
  if (slots.otherImageId !== imageIdOf(release.imageIdentity)) return false;
  try {
    slots.arm({ release });
    return true;
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    return false;
  }
}

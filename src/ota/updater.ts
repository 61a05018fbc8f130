/**
 * The update client: asks for an offer, fetches what is new, writes it slice by slice, arms it and asks for the restart.
 *
 * Nothing is done inside a network callback: it posts a task, and the scheduler writes one sector a dispatch, so that a
 * download never starves sampling or the watchdog. Every failure ends in the same place: the connection is closed, the old
 * image goes on, and the next poll comes later, with a doubling wait. See docs/design/ota.md.
 */
import { AssertionError, assert } from "../assert.js";
import { errorCodeOf, FirmwareError, messageOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashStorage } from "../ports/flash.js";
import type { HTTPClient, HTTPClientDefault, HTTPRequest } from "../ports/http-client.js";
import type { Task } from "../scheduler/task.js";
import type { TaskSource } from "../supervisor/child-scope.js";
import { IMAGE_ID_SIZE_BYTES } from "./journal-record.js";
import { OFFER_SIZE_MAX, type Offer, parseOffer } from "./offer.js";
import { SlotWriter } from "./slot-writer.js";
import type { Slots } from "./slots.js";

/** idle: waiting for the next poll · polling · downloading · verifying: reading back · armed: waiting for the restart. */
export type UpdaterPhase = "idle" | "polling" | "downloading" | "verifying" | "armed";

/** What the application may show. Delivered from scheduler tasks, never from inside a call into the updater. */
export type UpdateEvent =
  | { readonly kind: "offered"; readonly version: string; readonly sizeBytes: number }
  | { readonly kind: "declined"; readonly version: string; readonly because: string }
  | { readonly kind: "downloaded"; readonly sizeBytes: number }
  | { readonly kind: "verified"; readonly version: string }
  | { readonly kind: "armed"; readonly version: string }
  | { readonly kind: "failed"; readonly because: string; readonly nextPollMs: number };

export interface UpdaterOptions {
  /** A scheduler, or the scope of a supervised child. */
  readonly scheduler: TaskSource;
  readonly clock: Clock;
  readonly slots: Slots;
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
  readonly http: HTTPClientDefault;
  readonly server: { readonly host: string; readonly port: number };
  /** Where offers are made; the device class is appended as the last part of the path. */
  readonly offerPath: string;
  readonly deviceClass: string;
  readonly pollPeriodMs: number;
  /** Longest wait after failures in a row; each failure doubles it. */
  readonly pollPeriodMaxMs: number;
  /** A connection that delivers nothing for this long is given up. */
  readonly stallTimeoutMs: number;
  /** An image that was sent away without a verdict is tried again after this uptime. */
  readonly retryRejectedMs: number;
  readonly onEvent?: (event: UpdateEvent) => void;
  /** The image is armed: the application ends its work and restarts the device with the cause `update`. */
  readonly onArmed: () => void;
}

export class Updater {
  readonly #options: UpdaterOptions;
  readonly #poll: Task;
  readonly #pump: Task;
  readonly #stall: Task;
  #phase: UpdaterPhase = "idle";
  #client: HTTPClient | undefined;
  #request: HTTPRequest | undefined;
  #writer: SlotWriter | undefined;
  #offer: Offer | undefined;
  #offerText = "";
  /** Set by network callbacks, looked at by the pump. */
  #responseError: string | undefined;
  #isResponseDone = false;
  #pollCount = 0;
  #failureCount = 0;
  #declinedHash = "";

  constructor(options: UpdaterOptions) {
    assert(options.pollPeriodMs > 0 && options.pollPeriodMaxMs >= options.pollPeriodMs, "updater: poll periods are in order");
    assert(options.stallTimeoutMs > 0, "updater: the stall timeout is positive");
    this.#options = options;
    const { scheduler } = options;
    this.#poll = scheduler.task({ name: "updatePoll", priority: "low", run: () => this.#guarded(this.#startPoll) });
    this.#pump = scheduler.task({ name: "updatePump", priority: "low", run: () => this.#guarded(this.#work) });
    this.#stall = scheduler.task({ name: "updateStall", run: () => this.#fail("the server sent nothing in time") });
  }

  get phase(): UpdaterPhase {
    return this.#phase;
  }

  /** Offers that were fetched and understood since this start: the health gate's proof that the next update can be found. */
  get pollCount(): number {
    return this.#pollCount;
  }

  /** Bytes of the present image that have arrived, and of all its bytes; both 0 while none is under way. */
  get progress(): { readonly receivedBytes: number; readonly verifiedBytes: number; readonly sizeBytes: number } {
    const writer = this.#writer;
    return {
      receivedBytes: writer?.receivedBytes ?? 0,
      verifiedBytes: writer?.verifiedBytes ?? 0,
      sizeBytes: this.#offer?.sizeBytes ?? 0,
    };
  }

  /** The first poll comes at once, the others by the period. */
  start(): void {
    this.#poll.post();
  }

  /** Ends whatever is under way and frees its tasks. What was written so far is not bootable and stays. */
  close(): void {
    this.#release();
    this.#poll.close();
    this.#pump.close();
    this.#stall.close();
  }

  #startPoll(): void {
    if (this.#phase !== "idle") return;
    this.#phase = "polling";
    this.#offerText = "";
    this.#fetch(`${this.#options.offerPath}/${this.#options.deviceClass}`, undefined);
  }

  /** `sizeBytes`: what the body must announce; `undefined` where any length up to an offer's will do. */
  #fetch(path: string, sizeBytes: number | undefined): void {
    const { http, server } = this.#options;
    this.#isResponseDone = false;
    this.#responseError = undefined;
    const { io: HTTPClient, ...defaults } = http;
    this.#client = new HTTPClient({
      ...defaults,
      host: server.host,
      port: server.port,
      onError: (error) => this.#respond(error ? messageOf(error) : "the connection ended early"),
    });
    this.#request = this.#client.request({
      path,
      headersMask: ["content-length"],
      onHeaders: (status, headers) => {
        const problem = headerProblem(status, headers.get("content-length"), sizeBytes);
        if (problem) this.#respond(problem);
      },
      onReadable: () => this.#pump.post(),
      onDone: () => {
        this.#isResponseDone = true;
        this.#pump.post();
      },
    });
    this.#stall.runAfter(this.#options.stallTimeoutMs);
  }

  #respond(problem: string): void {
    this.#responseError ??= problem;
    this.#pump.post();
  }

  /** The one place where work is done and where an operating error ends it. */
  #guarded(work: () => void): void {
    try {
      work.call(this);
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      this.#fail(messageOf(error));
    }
  }

  #work(): void {
    switch (this.#phase) {
      case "polling":
        this.#readOffer();
        break;
      case "downloading":
        this.#readImage();
        break;
      case "verifying":
        this.#verify();
        break;
      default:
        break; // A late callback's post: what it was for has been given up.
    }
  }

  #readOffer(): void {
    this.#refuseBadResponse();
    const bytes = this.#request?.read(OFFER_SIZE_MAX);
    if (bytes !== undefined && bytes.byteLength > 0) {
      this.#offerText += textOf(new Uint8Array(bytes));
      if (this.#offerText.length > OFFER_SIZE_MAX) {
        throw new FirmwareError("corrupt", `offer: expected at most ${OFFER_SIZE_MAX} characters`);
      }
      this.#stall.runAfter(this.#options.stallTimeoutMs);
      this.#pump.post();
    } else if (this.#isResponseDone) {
      this.#hangUp();
      this.#consider(parseOffer(this.#offerText));
    }
  }

  #consider(offer: Offer): void {
    this.#pollCount++;
    const because = this.#reasonToDecline(offer);
    if (because !== undefined) {
      this.#failureCount = 0; // Not before: an offer whose image fails again and again is asked for less and less.
      this.#rest();
      if (because !== "" && this.#declinedHash !== offer.sha256) {
        this.#declinedHash = offer.sha256;
        this.#options.onEvent?.({ kind: "declined", version: offer.version, because });
      }
      return;
    }
    this.#offer = offer;
    this.#options.onEvent?.({ kind: "offered", version: offer.version, sizeBytes: offer.sizeBytes });
    if (this.#options.slots.otherImageId === imageIdOfOffer(offer) && this.#armWhatIsThere(offer)) return;
    const { flash, Digest, slots } = this.#options;
    this.#writer = new SlotWriter({
      flash,
      Digest,
      slots,
      sizeBytes: offer.sizeBytes,
      imageId: imageIdOfOffer(offer),
      chipId: slots.chipId,
    });
    this.#phase = "downloading";
    this.#fetch(offer.path, offer.sizeBytes);
  }

  /** `undefined`: take it. An empty text: nothing new, not worth a word. */
  #reasonToDecline(offer: Offer): string | undefined {
    const { slots, deviceClass, clock, retryRejectedMs } = this.#options;
    const imageId = imageIdOfOffer(offer);
    if (imageId === slots.report.imageId) return "";
    if (offer.deviceClass !== deviceClass) {
      return `it is for the class ${offer.deviceClass}; expected ${deviceClass}`;
    }
    if (slots.isQuarantined(imageId)) return "its image is in quarantine";
    if (slots.rejectedImageId === imageId && clock.now() < retryRejectedMs) return "its image was sent away without a verdict";
    if (!slots.mayWriteOther) return "the running image is on trial";
    return undefined;
  }

  #readImage(): void {
    const writer = this.#writer!;
    this.#refuseBadResponse();
    const bytes = this.#request?.read(writer.roomBytes);
    if (bytes !== undefined && bytes.byteLength > 0) {
      writer.write(new Uint8Array(bytes));
      this.#stall.runAfter(this.#options.stallTimeoutMs);
      if (writer.phase === "verifying") this.#endDownload();
      else this.#pump.post();
    } else if (this.#isResponseDone) {
      throw new FirmwareError("corrupt", `image ended after ${writer.receivedBytes} bytes; expected ${this.#offer!.sizeBytes}`);
    }
  }

  #endDownload(): void {
    this.#hangUp();
    this.#phase = "verifying";
    this.#options.onEvent?.({ kind: "downloaded", sizeBytes: this.#offer!.sizeBytes });
    this.#pump.post();
  }

  #verify(): void {
    const writer = this.#writer!;
    if (!writer.verify()) {
      this.#pump.post();
      return;
    }
    const { version } = this.#offer!;
    this.#options.onEvent?.({ kind: "verified", version });
    writer.commit();
    this.#options.slots.arm({ verifiedImageId: imageIdOfOffer(this.#offer!) });
    this.#finish(version);
  }

  /** The image stands in the other slot already, from a trial without a verdict or a cut before it was armed. */
  #armWhatIsThere(offer: Offer): boolean {
    try {
      this.#options.slots.arm();
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      return false;
    }
    this.#finish(offer.version);
    return true;
  }

  #finish(version: string): void {
    this.#release();
    this.#phase = "armed";
    this.#options.onEvent?.({ kind: "armed", version });
    this.#options.onArmed();
  }

  #refuseBadResponse(): void {
    if (this.#responseError !== undefined) throw new FirmwareError("io", this.#responseError);
  }

  #fail(because: string): void {
    this.#release();
    const { pollPeriodMs, pollPeriodMaxMs } = this.#options;
    const nextPollMs = Math.min(pollPeriodMs * 2 ** Math.min(this.#failureCount, 30), pollPeriodMaxMs);
    this.#failureCount++;
    this.#phase = "idle";
    this.#poll.runAfter(nextPollMs);
    this.#options.onEvent?.({ kind: "failed", because, nextPollMs });
  }

  #rest(): void {
    this.#phase = "idle";
    this.#poll.runAfter(this.#options.pollPeriodMs);
  }

  #hangUp(): void {
    this.#stall.cancel();
    this.#client?.close();
    this.#client = undefined;
    this.#request = undefined;
  }

  #release(): void {
    this.#hangUp();
    this.#pump.cancel();
    this.#writer?.close();
    this.#writer = undefined;
    this.#offer = undefined;
  }
}

function headerProblem(status: number, contentLength: string | undefined, sizeBytes: number | undefined): string | undefined {
  if (status !== 200) return `the server answered ${status}; expected 200`;
  if (sizeBytes === undefined) return undefined;
  if (contentLength === undefined) return "the server announced no content-length";
  if (Number(contentLength) !== sizeBytes)
    return `the server announces ${contentLength} bytes; expected the offer's ${sizeBytes}`;
  return undefined;
}

function imageIdOfOffer(offer: Offer): string {
  return offer.sha256.substring(0, 2 * IMAGE_ID_SIZE_BYTES);
}

/** Offers are ASCII; anything else is no valid offer and shows as such. */
function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}

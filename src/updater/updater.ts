/**
 * The update client: asks what the fleet wants, takes what is signed for this device, and reports how it went.
 *
 * A round is a poll and what follows from it, one exchange after another: attributes, a cancellation, an action with its signed
 * update, the image. The server is asked by level and not by edge: nothing about an action is kept, so whatever was lost, and
 * whoever restarted, the next round sees what is wanted and what runs, and says so. Every failure ends in the same place: the
 * connection is closed, the old image goes on, and the next round comes later. See docs/design/updater.md.
 */
import { AssertionError } from "../assert.js";
import { errorCodeOf, messageOf } from "../errors.js";
import { ENVELOPE_SIZE_MAX, type Release } from "../ota/manifest.js";
import type { Task } from "../scheduler/task.js";
import { Connection } from "./connection.js";
import { DDIClient, type Report } from "./ddi-client.js";
import { type Action, MANIFEST_SUFFIX, type PollDocument } from "./ddi-documents.js";
import { FetchProof, type FetchProofLevel } from "./fetch-proof.js";
import { armWhatIsThere, Installation } from "./installation.js";
import { PollWait } from "./poll-wait.js";
import { TrustedTime } from "./trusted-time.js";
import type { UpdateEvent, UpdaterOptions, UpdaterPhase } from "./updater-options.js";
import { type SignedImage, verdictOn } from "./verdict.js";

export class Updater {
  readonly #options: UpdaterOptions;
  readonly #step: Task;
  readonly #connection: Connection;
  readonly #client: DDIClient;
  readonly #wait: PollWait;
  readonly #time: TrustedTime;
  readonly #proof: FetchProof;
  #state: "idle" | "polling" | "armed" = "idle";
  #installation: Installation | undefined;
  #nextPollAtMs = 0;
  #hasSentAttributes = false;
  /** The last things that were told and reported of an action, not to repeat them at each poll. */
  #said = "";
  #reported = "";
  /** Why the last download failed: the server hears of it with the next one. */
  #lastFailure = "";

  constructor(options: UpdaterOptions) {
    this.#options = options;
    const { scheduler, clock, http, identity, stallTimeoutMs, random, slots, wallClock } = options;
    const server = { ...options.server, controllerId: identity.device };
    this.#wait = new PollWait({ random, periodMs: options.pollPeriodMs, periodMaxMs: options.pollPeriodMaxMs });
    this.#time = new TrustedTime({ wallClock, slots });
    this.#step = scheduler.task({ name: "update", priority: "low", run: () => this.#guarded(() => this.#work()) });
    const onFail = (error: unknown): void => this.#onExchangeFail(error);
    this.#connection = new Connection({ scheduler, clock, http, server, stallTimeoutMs, onFail });
    this.#client = new DDIClient({
      connection: this.#connection,
      server,
      timeoutMs: stallTimeoutMs,
      onServerTime: (nowMs) => wallClock.set({ nowMs, quality: "network" }),
    });
    this.#proof = new FetchProof({ updater: options, connection: this.#connection, client: this.#client });
  }

  get phase(): UpdaterPhase {
    if (this.#installation === undefined) return this.#state;
    return this.#installation.isVerifying ? "verifying" : "downloading";
  }

  /** How far this start got on the way to the next update, at its best. */
  get fetchProof(): FetchProofLevel {
    return this.#proof.level;
  }

  /**
   * For the health gate: whether the next update can be had, as far as this trial can show. A chunk of what is offered came and
   * is right; where nothing is offered, or only what was signed and declined, the server's answer is enough.
   */
  get canFetch(): boolean {
    return this.#proof.isEnough;
  }

  /** Bytes of the present image: arrived, found right by their chunk, read back, and of all; 0 while none is under way. */
  get progress(): {
    readonly receivedBytes: number;
    readonly checkedBytes: number;
    readonly verifiedBytes: number;
    readonly sizeBytes: number;
  } {
    const { writer, release } = this.#installation ?? {};
    return {
      receivedBytes: writer?.receivedBytes ?? 0,
      checkedBytes: writer?.checkedBytes ?? 0,
      verifiedBytes: writer?.verifiedBytes ?? 0,
      sizeBytes: release?.imageSizeBytes ?? 0,
    };
  }

  /** The first poll comes within a tenth of the period, at once on trial; the others by the period. */
  start(): void {
    this.#time.start();
    this.#step.runAfter(this.#options.slots.isTrial ? 0 : Math.floor(this.#wait.first));
  }

  /** Ends whatever is under way and frees its tasks. What was written so far is not bootable and stays. */
  close(): void {
    this.#letGo();
    this.#step.close();
    this.#connection.close();
  }

  /** What the task does: begins a round, asks for the next chunk, reads back a sector. */
  #work(): void {
    const installation = this.#installation;
    if (installation !== undefined) {
      if (installation.step()) this.#finish(installation.release.version);
    } else if (this.#state === "idle") {
      this.#state = "polling";
      this.#client.poll((poll) => this.#seeAttributes(poll));
    }
  }

  /** Where an operating error ends what is under way. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      this.#end(error);
    }
  }

  /** An image that is not what was signed ends its action; all else may be better at the next round. */
  #end(error: unknown): void {
    const installation = this.#installation;
    if (!installation?.isWrong || errorCodeOf(error) !== "corrupt") {
      this.#fail(messageOf(error));
      return;
    }
    const { action } = installation;
    this.#letGo();
    this.#decline(action, false, messageOf(error));
  }

  #seeAttributes(poll: PollDocument): void {
    this.#wait.serverPeriodMs = poll.sleepMs;
    const { attributes } = this.#options;
    if (poll.configDataPath === undefined || attributes === undefined || this.#hasSentAttributes) {
      this.#seeCancel(poll);
      return;
    }
    this.#client.putAttributes(poll.configDataPath, attributes, () => {
      this.#hasSentAttributes = true;
      this.#seeCancel(poll);
    });
  }

  #seeCancel(poll: PollDocument): void {
    if (poll.cancelPath !== undefined) this.#cancel(poll.cancelPath);
    else this.#seeAction(poll);
  }

  /** An image that is not armed can be stopped; what was written of it is left. One on trial has its verdict to come. */
  #cancel(path: string): void {
    this.#client.readCancel(path, ({ id, stopId }) => {
      if (this.#options.slots.isTrial) {
        const report: Report = { execution: "rejected", finished: "none", detail: "it runs, on trial" };
        this.#client.reportCancel(id, report, () => this.#settle());
        return;
      }
      const isRunning = this.#installation?.action.id === stopId;
      const detail = isRunning ? "the download was given up" : "it had not begun";
      this.#client.reportCancel(id, { execution: "closed", finished: "success", detail }, () => {
        this.#tell({ kind: "canceled" });
        this.#settle();
      });
    });
  }

  #seeAction(poll: PollDocument): void {
    const path = poll.deploymentPath ?? poll.confirmationPath;
    if (path === undefined) {
      this.#proof.noteAnswer();
      this.#settle();
      return;
    }
    const isAsked = poll.deploymentPath === undefined;
    this.#client.readAction(path, (action) => {
      const manifest = action.artifacts.find(({ filename }) => filename.endsWith(MANIFEST_SUFFIX));
      if (manifest === undefined) {
        this.#decline(action, isAsked, `it has no signed update, expected an artifact named …${MANIFEST_SUFFIX}`);
        return;
      }
      if (manifest.sizeBytes > ENVELOPE_SIZE_MAX) {
        const because = `its signed update has ${manifest.sizeBytes} bytes, expected at most ${ENVELOPE_SIZE_MAX}`;
        this.#decline(action, isAsked, because);
        return;
      }
      this.#client.readArtifact(manifest.path, "update", ENVELOPE_SIZE_MAX, (bytes) => this.#judge(action, isAsked, bytes));
    });
  }

  /** `isAsked`: the server wants to know whether, and not yet that. */
  #judge(action: Action, isAsked: boolean, update: Uint8Array): void {
    const verdict = verdictOn(action, update, this.#time.nowS, this.#options);
    this.#proof.noteVerdict(verdict);
    if (verdict.kind === "decline") {
      this.#decline(action, isAsked, verdict.because);
    } else if (isAsked && !verdict.isSigned) {
      this.#settle();
    } else if (isAsked) {
      this.#client.confirm(action.id, { isTaken: true, detail: "signed for this device" }, () => this.#settle());
    } else if (verdict.kind === "take") {
      this.#take(action, verdict.release, verdict.path);
    } else if (verdict.kind === "trial") {
      const report: Report = { execution: "proceeding", finished: "none", detail: "it runs, on trial" };
      this.#reportOnce(action, report, verdict.proof);
    } else if (verdict.kind === "postpone") {
      this.#say(action, verdict.because, "postponed");
      this.#reportOnce(action, { execution: "scheduled", finished: "none", detail: verdict.because }, verdict.proof);
    } else {
      this.#client.report(action.id, { execution: "closed", finished: "success", detail: "it runs and is confirmed" }, () => {
        this.#tell({ kind: "succeeded", version: action.version });
        this.#settle();
      });
    }
  }

  #take(action: Action, release: Release, path: string): void {
    this.#tell({ kind: "offered", version: release.version, sizeBytes: release.imageSizeBytes });
    if (armWhatIsThere(this.#options, release)) {
      this.#finish(release.version);
      return;
    }
    try {
      this.#installation = new Installation({
        updater: this.#options,
        connection: this.#connection,
        client: this.#client,
        action,
        release,
        path,
        onChunk: () => this.#onChunk(),
        onStep: () => this.#step.post(),
        onEvent: (event) => this.#tell(event),
      });
      this.#installation.begin();
    } catch (error) {
      if (errorCodeOf(error) !== "full") throw error;
      this.#decline(action, false, messageOf(error));
      return;
    }
    this.#nextPollAtMs = this.#options.clock.now() + this.#wait.next;
    const before = this.#lastFailure === "" ? "" : `; the last attempt: ${this.#lastFailure}`;
    const detail = `${release.version}, ${release.imageSizeBytes} bytes${before}`;
    this.#client.report(action.id, { execution: "download", finished: "none", detail }, () => this.#step.post());
  }

  /** Between two chunks is when a long download hears that it is not wanted any more. */
  #onChunk(): boolean {
    const nowMs = this.#options.clock.now();
    if (nowMs < this.#nextPollAtMs) return true;
    this.#nextPollAtMs = nowMs + this.#wait.next;
    this.#client.poll((poll) => {
      if (poll.cancelPath !== undefined) this.#cancel(poll.cancelPath);
      else this.#step.post();
    });
    return false;
  }

  #finish(version: string): void {
    this.#letGo();
    this.#state = "armed";
    this.#tell({ kind: "armed", version });
    this.#options.onArmed();
  }

  /** The action ends here: what is wrong with it will not get better by waiting. */
  #decline(action: Action, isAsked: boolean, because: string): void {
    this.#say(action, because, "declined");
    if (!isAsked) {
      const report: Report = { execution: "closed", finished: "failure", detail: because };
      this.#client.report(action.id, report, () => this.#settle());
      return;
    }
    // A server goes on to ask about what was denied.
    const verdict = { isTaken: false, detail: because };
    const send = (onDone: () => void): void => this.#client.confirm(action.id, verdict, onDone);
    this.#once(action, because, send, () => this.#settle());
  }

  /** Of an action that stays open the server hears each thing once a start. Then comes the chunk, where one is to be had. */
  #reportOnce(action: Action, report: Report, proof: SignedImage | undefined): void {
    const send = (onDone: () => void): void => this.#client.report(action.id, report, onDone);
    this.#once(action, report.detail, send, () => this.#proof.fetch(proof, () => this.#settle()));
  }

  #once({ id }: Action, detail: string, send: (onDone: () => void) => void, onDone: () => void): void {
    const reported = `${id} ${detail}`;
    if (this.#reported === reported) {
      onDone();
      return;
    }
    send(() => {
      this.#reported = reported;
      onDone();
    });
  }

  #say({ id, version }: Action, because: string, kind: "declined" | "postponed"): void {
    const said = `${id} ${because}`;
    if (this.#said === said) return;
    this.#said = said;
    this.#tell({ kind, version, because });
  }

  /** The round is over. Not called after a download: one that fails again and again is tried less and less. */
  #settle(): void {
    this.#time.keep();
    this.#wait.recover();
    this.#letGo();
    this.#state = "idle";
    this.#step.runAfter(Math.ceil(this.#wait.next));
  }

  #onExchangeFail(error: unknown): void {
    const waitMs = this.#installation?.retryAfter(error);
    if (waitMs === undefined) {
      this.#end(error);
      return;
    }
    this.#step.runAfter(waitMs);
    if (waitMs > 0) this.#tell({ kind: "retrying", because: messageOf(error), waitMs });
  }

  #fail(because: string): void {
    if (this.#installation !== undefined) this.#lastFailure = because;
    this.#letGo();
    const nextPollMs = Math.ceil(this.#wait.fail(this.#client.takeRetryAfterMs()));
    this.#state = "idle";
    this.#step.runAfter(nextPollMs);
    this.#tell({ kind: "failed", because, nextPollMs });
  }

  #tell(event: UpdateEvent): void {
    this.#options.onEvent?.(event);
  }

  #letGo(): void {
    this.#connection.hangUp();
    this.#step.cancel();
    this.#installation?.close();
    this.#installation = undefined;
    this.#proof.letGo();
  }
}

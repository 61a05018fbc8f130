/**
 * The main job: one simulated device from blank flash through an update, a crash, a rollback, a power cut and five attacks.
 *
 * Each step ends as told or the story fails: what is checked are the chip's events and the bytes of the flash file, never the
 * firmware's own words. The steps are real time, real processes and a real HTTP server on loopback.
 */
import { rmSync } from "node:fs";
import { flashFactory } from "../../hosts/node/simulator/factory.js";
import type { FlashReport, SlotReport } from "../../hosts/node/simulator/inspect.js";
import type { ProcessorProgram } from "../../hosts/node/simulator/simulated-chip.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { readApplication } from "../build/application.js";
import { type BuiltImage, buildApplicationImage } from "../build/build-image.js";
import { ATTACKS, type Attack } from "./attacks.js";
import { type Counters, type Moment, Observer } from "./observer.js";
import { type OfferOptions, ReleaseDesk } from "./release-desk.js";

/** What is built, and from which release; 5.0.0 is only there to be refused. */
const VERSIONS: Readonly<Record<string, string>> = Object.freeze({
  "1.0.0": "1.0.0",
  "2.0.0": "2.0.0",
  "3.0.0": "3.0.0",
  "4.0.0": "4.0.0",
  "5.0.0": "4.0.0",
});
const DEVICE_CLASS = "sensor-node";
const DEVICE_NAME = "sensor-node-1";
const STEP_COUNT = 6 + ATTACKS.length;
const STEP_TIMEOUT_MS = 20_000;
/** The power goes in the middle; the open chunk, the first sector and the signed update are fetched again. */
const RESUMED_SHARE_MAX = 0.65;
/** Slow enough to look at, and to be cut in the middle. */
const BYTES_PER_SECOND = 128 * 1024;
/** A real product waits a minute; a story does not. */
const SETTINGS = { "update.pollMs": "250", "trial.uptimeMs": "1500", "device.name": DEVICE_NAME };

/** One line of the table at the end. */
export interface StepReport {
  readonly name: string;
  /** What was told to happen. */
  readonly told: string;
  readonly outcome: "as told" | "failed";
  readonly because: string | undefined;
  readonly fetchedBytes: number;
  readonly counters: Counters;
  readonly durationMs: number;
}

/** What the device reported of an offer. */
export interface OfferReport {
  readonly atMs: number;
  readonly version: string;
  /** "success" or "failure". */
  readonly finished: string;
  readonly detail: string;
  /** What the server sent for it, from the offer to the report: signed update and image, as often as they were fetched. */
  readonly fetchedBytes: number;
}

export interface StoryReport {
  readonly ok: boolean;
  readonly steps: readonly StepReport[];
  readonly images: readonly { readonly version: string; readonly sizeBytes: number; readonly sha256: string }[];
  readonly offers: readonly OfferReport[];
  readonly moments: readonly Moment[];
  readonly durationMs: number;
}

/** How the story is shown while it runs. */
export interface StoryTeller {
  onStep(number: number, told: string): void;
  onStepEnd(step: StepReport): void;
  onLine(source: "firmware" | "bootloader" | "chip", text: string): void;
  onProgress(progress: {
    readonly erase: number;
    readonly download: number;
    readonly verify: number;
    readonly sizeBytes: number;
  }): void;
}

export interface StoryOptions {
  /** The application folder with its `releases/`. */
  readonly folder: string;
  /** The flash file; removed first. */
  readonly file: string;
  /** What runs the firmware. Default: Node. */
  readonly processor?: ProcessorProgram;
  readonly teller: StoryTeller;
}

/** Runs the story. Never throws for what goes wrong in it: that is in the report. */
export async function runStory(options: StoryOptions): Promise<StoryReport> {
  const story = new Story(options);
  await story.run();
  return story.report;
}

class Story {
  readonly #options: StoryOptions;
  readonly #observer: Observer;
  readonly #desk = new ReleaseDesk({ bytesPerSecond: BYTES_PER_SECOND });
  readonly #steps: StepReport[] = [];
  #images = new Map<string, BuiltImage>();
  #offers: OfferReport[] = [];
  #offered = { actionId: "", version: "", sentBytes: 0 };
  #port = 0;
  #firstSentBytes = 0;
  #sizeBytes = 0;

  constructor(options: StoryOptions) {
    this.#options = options;
    this.#observer = new Observer({
      file: options.file,
      ...(options.processor ? { processor: options.processor } : {}),
      onLine: (source, text) => options.teller.onLine(source, text),
      onProgress: () => this.#showProgress(),
    });
    this.#desk.server.onSent = () => this.#showProgress();
  }

  get report(): StoryReport {
    const images = [...this.#images.values()];
    return {
      ok: this.#steps.length === STEP_COUNT && this.#steps.every((step) => step.outcome === "as told"),
      steps: this.#steps,
      images: images.map(({ version, image, sha256 }) => ({ version, sizeBytes: image.length, sha256 })),
      offers: this.#offers,
      moments: this.#observer.moments,
      durationMs: this.#observer.atMs,
    };
  }

  async run(): Promise<void> {
    try {
      await this.#step("build", "five releases are built from TypeScript and wrapped as ESP-IDF images", () => this.#build());
      await this.#step("first boot", "a blank chip is flashed with 1.0.0, boots it and samples its sensor", () =>
        this.#firstBoot(),
      );
      await this.#step("update", "2.0.0 is offered, signed; it is downloaded, verified, booted on trial and confirmed", () =>
        this.#update(),
      );
      await this.#step("rollback", "3.0.0 crashes at start, the device goes back to 2.0.0 and quarantines it", () =>
        this.#rollback(),
      );
      await this.#step("power cut", "the power is cut in the middle of the download of 4.0.0; 2.0.0 boots again", () =>
        this.#powerCut(),
      );
      await this.#step(
        "recovery",
        "the download of 4.0.0 goes on behind its last chunk; it is verified, booted on trial and confirmed",
        () => this.#recovery(),
      );
      for (const attack of ATTACKS) await this.#step(attack.name, attack.told, () => this.#refuse(attack));
    } catch {
      // The step that failed is in the report; the ones after it would only fail for its sake.
    } finally {
      if (this.#observer.hasPower) await this.#observer.device.stop();
      await this.#desk.server.close();
    }
  }

  async #step(name: string, told: string, body: () => Promise<void>): Promise<void> {
    this.#options.teller.onStep(this.#steps.length + 1, told);
    const startedMs = this.#observer.atMs;
    const sentBytes = this.#desk.server.sentBytes;
    let because: string | undefined;
    try {
      await body();
    } catch (error) {
      because = messageOf(error);
    }
    const step: StepReport = {
      name,
      told,
      outcome: because === undefined ? "as told" : "failed",
      because,
      fetchedBytes: this.#desk.server.sentBytes - sentBytes,
      counters: this.#observer.takeCounters(),
      durationMs: this.#observer.atMs - startedMs,
    };
    this.#steps.push(step);
    this.#options.teller.onStepEnd(step);
    if (because !== undefined) throw new FirmwareError("io", because);
  }

  async #build(): Promise<void> {
    const application = readApplication(this.#options.folder);
    for (const [version, release] of Object.entries(VERSIONS)) {
      const entry = `${application.folder}/releases/${release}.ts`;
      const { keys } = this.#desk;
      this.#images.set(version, await buildApplicationImage({ ...application, version, entry, keys }));
    }
  }

  async #firstBoot(): Promise<void> {
    const { file } = this.#options;
    this.#port = await this.#desk.server.listen();
    rmSync(file, { force: true });
    const settings = { ...SETTINGS, "update.host": "127.0.0.1", "update.port": String(this.#port) };
    await this.#offer("1.0.0");
    flashFactory({ file, image: this.#image("1.0.0").image, settings });
    this.#observer.powerOn();
    await this.#observer.boot(0, STEP_TIMEOUT_MS);
    await this.#observer.line("temperature", STEP_TIMEOUT_MS);
    await this.#observer.line("temperature", STEP_TIMEOUT_MS);
    await this.#succeed();
    this.#expect("slot 0 runs 1.0.0, VALID", (report) => isConfirmed(report.slots[0]!, "1.0.0"));
  }

  async #update(): Promise<void> {
    await this.#offer("2.0.0");
    this.#follow(1, "2.0.0");
    await this.#observer.boot(1, STEP_TIMEOUT_MS);
    await this.#observer.flashHolds("2.0.0 confirmed", STEP_TIMEOUT_MS, (report) => isConfirmed(report.slots[1]!, "2.0.0"));
    this.#observer.note("confirm", "2.0.0 confirmed", 1);
    await this.#succeed();
    this.#expect("1.0.0 is still whole in slot 0", (report) => isConfirmed(report.slots[0]!, "1.0.0"));
  }

  async #rollback(): Promise<void> {
    const bad = this.#image("3.0.0").sha256.slice(0, 16);
    await this.#offer("3.0.0");
    this.#follow(0, "3.0.0");
    await this.#observer.boot(0, STEP_TIMEOUT_MS);
    await this.#observer.boot(1, STEP_TIMEOUT_MS);
    await this.#observer.flashHolds("3.0.0 quarantined", STEP_TIMEOUT_MS, (report) => report.quarantine.includes(bad));
    this.#observer.note("quarantine", "3.0.0 quarantined", 0);
    await this.#fail(/quarantine/);
    this.#expect("slot 1 runs 2.0.0, VALID", (report) => isConfirmed(report.slots[1]!, "2.0.0"));
    this.#expect("3.0.0 cannot be booted", (report) => ["aborted", "invalid"].includes(report.slots[0]!.state ?? ""));
  }

  async #powerCut(): Promise<void> {
    await this.#offer("4.0.0");
    this.#follow(0, "4.0.0");
    const half = Math.floor(this.#image("4.0.0").image.length / 2);
    await this.#observer.programmed(half, STEP_TIMEOUT_MS);
    await this.#observer.cutPower();
    this.#expect("slot 0 holds nothing that boots", (report) => report.slots[0]!.version === undefined);
    this.#observer.powerOn();
    await this.#observer.boot(1, STEP_TIMEOUT_MS);
    this.#expect("slot 1 runs 2.0.0, VALID", (report) => isConfirmed(report.slots[1]!, "2.0.0"));
  }

  async #recovery(): Promise<void> {
    this.#follow(0, "4.0.0");
    const { sentBytes } = this.#desk.server;
    await this.#observer.boot(0, STEP_TIMEOUT_MS);
    const againBytes = this.#desk.server.sentBytes - sentBytes;
    const { length } = this.#image("4.0.0").image;
    if (againBytes > RESUMED_SHARE_MAX * length) {
      throw new FirmwareError("io", `${againBytes} of ${length} bytes were fetched after the cut; expected the rest`);
    }
    await this.#observer.flashHolds("4.0.0 confirmed", STEP_TIMEOUT_MS, (report) => isConfirmed(report.slots[0]!, "4.0.0"));
    this.#observer.note("confirm", "4.0.0 confirmed", 0);
    await this.#succeed();
    await this.#observer.line("temperature", STEP_TIMEOUT_MS);
    this.#expect("2.0.0 is still whole in slot 1", (report) => isConfirmed(report.slots[1]!, "2.0.0"));
  }

  /** Refused with the reason that it should be, and nothing else happens: no start, no change of what boots. */
  async #refuse(attack: Attack): Promise<void> {
    const { bootCount } = this.#observer;
    const sentBytes = this.#desk.server.sentBytes;
    const updateBytes = await this.#offer(attack.version, attack.offer);
    this.#follow(1, attack.version);
    await this.#fail(attack.because);
    await this.#observer.line("temperature", STEP_TIMEOUT_MS);
    if (this.#observer.bootCount !== bootCount) throw new FirmwareError("io", "the device was started; expected it to go on");
    const imageBytes = this.#desk.server.sentBytes - sentBytes - updateBytes;
    if (imageBytes > 0 !== attack.isFetched) throw new FirmwareError("io", `${imageBytes} bytes of the image were fetched`);
    this.#expect("slot 0 runs 4.0.0, VALID", (report) => isConfirmed(report.slots[0]!, "4.0.0"));
    if (attack.isFetched) this.#expect("slot 1 holds nothing that boots", (report) => report.slots[1]!.version === undefined);
    else this.#expect("2.0.0 is still whole in slot 1", (report) => isConfirmed(report.slots[1]!, "2.0.0"));
  }

  #image(version: string): BuiltImage {
    return this.#images.get(version)!;
  }

  /** Gives the bytes of the signed update. */
  async #offer(version: string, options: Omit<OfferOptions, "deviceClass"> = {}): Promise<number> {
    this.#observer.note("offer", `${version} offered`);
    const { sentBytes } = this.#desk.server;
    const { actionId, updateBytes } = await this.#desk.offer(this.#image(version), { deviceClass: DEVICE_CLASS, ...options });
    this.#offered = { actionId, version, sentBytes };
    return updateBytes;
  }

  /** The device reports the offer's success. */
  async #succeed(): Promise<void> {
    const { finished, detail } = await this.#verdict();
    if (finished !== "success") throw new FirmwareError("io", `the device reports ${finished}: ${detail}; expected a success`);
  }

  /** The device reports the offer's failure, and why. */
  async #fail(because: RegExp): Promise<void> {
    const { finished, detail } = await this.#verdict();
    if (finished === "failure" && because.test(detail)) return;
    throw new FirmwareError("io", `the device reports ${finished}: ${detail}; expected a failure like ${because}`);
  }

  async #verdict(): Promise<OfferReport> {
    const { actionId, version, sentBytes } = this.#offered;
    const { finished, details } = await this.#desk.verdict(actionId, STEP_TIMEOUT_MS);
    const fetchedBytes = this.#desk.server.sentBytes - sentBytes;
    const report = { atMs: this.#observer.atMs, version, finished, detail: details.join(" "), fetchedBytes };
    this.#offers.push(report);
    this.#observer.note(finished === "success" ? "report" : "refusal", `${version}, ${finished}: ${report.detail}`);
    return report;
  }

  #follow(slot: number, version: string): void {
    this.#sizeBytes = this.#image(version).image.length;
    this.#firstSentBytes = this.#desk.server.sentBytes;
    this.#observer.follow(slot, this.#sizeBytes);
  }

  #showProgress(): void {
    const { erasedBytes, verifiedBytes } = this.#observer.progress;
    const download = Math.min(this.#desk.server.sentBytes - this.#firstSentBytes, this.#sizeBytes);
    this.#options.teller.onProgress({ erase: erasedBytes, download, verify: verifiedBytes, sizeBytes: this.#sizeBytes });
  }

  #expect(what: string, holds: (report: FlashReport) => boolean): void {
    const report = this.#observer.inspect();
    if (!holds(report))
      throw new FirmwareError("corrupt", `${what}: expected, but the flash holds ${JSON.stringify(report.slots)}`);
  }
}

function isConfirmed(slot: SlotReport, version: string): boolean {
  return slot.version === version && slot.state === "valid";
}

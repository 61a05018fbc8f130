/**
 * One life: a device at rest, one offer, a list of faults, and all that happens until it is quiet again.
 *
 * The shipped modules run, RAM is lost by building them anew at each start, and everything is judged from outside: by the bytes
 * of the flash, by what boots, and by what the server was told. See docs/design/chaos.md.
 */
import { createHash, type Hash } from "node:crypto";
import { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import {
  type BitFault,
  type Fault,
  isResetMode,
  type Operation,
  type OperationFault,
} from "../../../hosts/node/chaos/fault.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Host } from "../../../src/ports/host.js";
import { Fleet } from "../../node/ota/fleet.js";
import { PowerCut } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";
import { Judge } from "./judge.js";
import type { LifeReport, Outcome, SeenOperation } from "./life-report.js";
import {
  isIn,
  makeDevice,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  placeOf,
  type Scenario,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
  startFirmware,
} from "./scenario.js";
import { isStorageFault, isUnstable } from "./storage-fault.js";
import { STORM_WAIT_MS, StormWatch } from "./storm-watch.js";
import {
  type BadEnd,
  badEndOf,
  behaviourOf,
  isLie,
  isOnTrial,
  isSuccession,
  lieAnswer,
  offeredUpdate,
  type Story,
  servedImage,
  stormOf,
} from "./story.js";
import { demandBounds, demandFed, demandGone, demandUntaken, demandUpdated, demandWhole, type Ending } from "./verdict.js";

/** Virtual time in which every life has to come to its end. */
const LIMIT_MS = 600_000;
/** How long the end has to last. */
const REST_MS = 30_000;
/** How long the server lies. */
const LIE_MS = 60_000;
/** After so long somebody looks at a device whose storage failed: offers the update anew, switches it off and on. */
const PATIENCE_MS = 60_000;
const LOOK_COUNT_MAX = 4;

export interface LifeOptions {
  readonly scenario: Scenario;
  /** Default "good". */
  readonly story?: Story;
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** Told each operation, each boot and each line of the firmware. */
  readonly tell?: (line: string) => void;
}

/** Runs it. Never throws for what the device does: that is in the report. */
export function runLife(options: LifeOptions): LifeReport {
  return new LifeRun(options).run();
}

class LifeRun {
  readonly #options: LifeOptions;
  readonly #story: Story;
  readonly #fleet = new Fleet();
  readonly #traffic = new Traffic(() => this.#judge.node?.core.slots.isTrial ?? false);
  readonly #operations: SeenOperation[] = [];
  readonly #trace: Hash = createHash("sha256");
  readonly #flash: ChaosFlash;
  readonly #device: VirtualDevice;
  readonly #judge: Judge;
  #path = "";
  #isBeyond = false;
  #toldCount = 0;
  /** What the present start has asked for begins here, in the list of all requests. */
  #requestCount = 0;
  readonly #storm: StormWatch | undefined;
  /** Offered while the new release is on trial. */
  #hasOvertaken = false;

  constructor(options: LifeOptions) {
    const { scenario, faults, seed, story = "good" } = options;
    this.#options = options;
    this.#story = story;
    const storm = stormOf(story);
    if (storm) this.#storm = new StormWatch(storm);
    this.#flash = new ChaosFlash({
      image: scenario.image,
      faults,
      seed,
      encrypted: scenario.encrypted,
      onOperation: (operation, index, bytes) => this.#onOperation(operation, index, bytes),
      onBit: (fault) => this.#onBit(fault),
      onCut: (fault) => {
        this.#tell(`      ${fault.mode}${isResetMode(fault.mode) ? "" : ": the power is cut"}`);
        return this.#cut(fault);
      },
    });
    this.#device = makeDevice(scenario.configuration, this.#flash, {
      fleet: this.#fleet,
      traffic: this.#traffic,
      firmware: (version) => (host) => this.#start(host, version),
      onBoot: ({ resetReason }, log) => this.#tell(`start ${this.#device.lives.length}, ${resetReason}: ${log.join("; ")}`),
    });
    this.#judge = new Judge({
      scenario,
      story,
      fleet: this.#fleet,
      flash: this.#flash,
      device: () => this.#device,
      hasStorageFault: faults.some((fault) => isStorageFault(fault) || isUnstable(fault)),
      provedBytes: () => this.#provedBytes,
    });
  }

  run(): LifeReport {
    const { scenario } = this.#options;
    const update = offeredUpdate(this.#story, scenario, this.#fleet);
    this.#path = this.#serve(update, scenario.newVersion, servedImage(this.#story, scenario));
    const lie = lieAnswer(this.#story);
    let isHonest = false;
    this.#fleet.meddle = (subject, good, request) => {
      this.#judge.onRequest(subject, request);
      const isDue = !isHonest && (!isOnTrial(this.#story) || this.#judge.node?.core.slots.isTrial === true);
      return (isDue ? lie?.(subject, good, request) : undefined) ?? good();
    };
    try {
      this.#device.powerOn();
      if (isLie(this.#story)) {
        this.#device.advance(LIE_MS);
        demandUntaken({ scenario, judge: this.#judge, device: this.#device }, this.#story);
        isHonest = true;
        this.#path = this.#serve(scenario.updateAgain);
      }
      this.#runToEnd();
    } catch (error) {
      this.#judge.violate(`the simulation ended with ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#judge.settle();
    if (this.#isBeyond) this.#judge.violations.length = 0;
    this.#tellLines();
    for (const line of this.#device.lines) this.#trace.update(line);
    return {
      violations: this.#judge.violations,
      operations: this.#operations,
      bootCount: this.#device.lives.length,
      fetchedBytes: this.#traffic.downloadedBytes(this.#path),
      outcome: this.#outcome,
      isBeyond: this.#isBeyond,
      trace: this.#trace.digest("hex").slice(0, 16),
      lines: this.#device.lines,
    };
  }

  #runToEnd(): void {
    const { faults } = this.#options;
    let { scenario } = this.#options;
    const isTwofold = isSuccession(this.#story);
    const bad = isTwofold ? undefined : badEndOf(this.#story);
    const storage = faults.filter(isStorageFault);
    const isPatient = storage.length > 0 || isLie(this.#story);
    if (bad) this.#runBad(bad);
    else if (isTwofold) scenario = this.#runSuccession();
    else if (isPatient) this.#look();
    else this.#device.runUntil(() => this.#isOver(), LIMIT_MS);
    this.#device.advance(REST_MS);
    if (faults.some(({ kind }) => kind === "bit")) this.#turnAtRest();
    const ending: Ending = {
      scenario,
      judge: this.#judge,
      fleet: this.#fleet,
      flash: this.#flash,
      device: this.#device,
      fetchedBytes: this.#traffic.downloadedBytes(this.#path),
      hasTurnedEntry: faults.some((fault) => fault.kind === "bit" && isIn(fault.offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES)),
    };
    this.#judge.settle();
    if (this.#isBeyond) return;
    demandWhole(ending);
    demandFed(ending, this.#story, faults);
    if (bad) demandGone(ending, bad);
    else if (this.#judge.isBlamed && this.#judge.isQuarantined) {
      if (this.#device.life.version !== scenario.oldVersion) this.#judge.violate(`16: at the end ${this.#device.life.version}`);
    } else demandUpdated(ending);
    if (!bad && !isTwofold && !isPatient && !this.#judge.isBlamed) demandBounds(ending);
  }

  /** Updated, or the image was to blame and is in quarantine. */
  #isOver(): boolean {
    if (this.#judge.isDone()) return true;
    return this.#judge.isBlamed && this.#judge.isQuarantined && this.#isOldAtWork();
  }

  #isOldAtWork(): boolean {
    const { node } = this.#judge;
    const { version, endedBy } = this.#device.life;
    return version === this.#options.scenario.oldVersion && endedBy === undefined && (node?.workCount() ?? 0) > 0;
  }

  /** Until the old image has sent it away; then nobody offers it any more. One that was kept is offered once more. */
  #runBad({ verdict, isKept = false }: BadEnd): void {
    const isGone = (): boolean => this.#isOldAtWork() && /declined|postponed/.test(this.#device.lines.slice(-3).join());
    if (isKept) {
      const isBack = (): boolean => this.#isOldAtWork() && this.#judge.isQuarantined && !this.#judge.node!.core.slots.isTrial;
      this.#device.runUntil(isBack, LIMIT_MS);
      this.#serve(this.#options.scenario.update);
    }
    this.#device.runUntil(isGone, LIMIT_MS);
    if (verdict === "rejected") this.#fleet.withdraw();
  }

  /** The first of two updates, and then the second one, as what the rest of the life is about. */
  #runSuccession(): Scenario {
    const { scenario } = this.#options;
    const { version, update } = scenario.successor;
    const bad = badEndOf(this.#story);
    if (bad) {
      this.#runBad(bad);
      this.#serve(update, version);
    } else {
      this.#device.runUntil(() => this.#judge.isConfirmed || this.#device.life.version === version, LIMIT_MS);
    }
    const next: Scenario = { ...scenario, newVersion: version, update };
    this.#judge.follow(next);
    this.#device.runUntil(() => this.#isOver(), LIMIT_MS);
    return next;
  }

  /** Somebody looks at it now and then, and does what a person can do from afar, and with a switch. */
  #look(): void {
    for (let count = 0; count < LOOK_COUNT_MAX; count++) {
      if (this.#device.runUntil(() => this.#isOver(), PATIENCE_MS)) return;
      if (this.#fleet.actionId === undefined) this.#path = this.#serve(this.#options.scenario.updateAgain);
      this.#device.reset("powerOn");
    }
  }

  /** Bits turn while it is switched off; then it is switched on. */
  #turnAtRest(): void {
    this.#flash.turnRemainingBits();
    this.#device.reset("powerOn");
    this.#look();
    this.#device.advance(REST_MS);
  }

  get #outcome(): Outcome {
    const { slot, version, endedBy } = this.#device.life;
    if (slot === undefined || endedBy !== undefined) return "dead";
    if (!this.#judge.holds(slot, version)) return "damaged";
    return this.#judge.isOffered(version) && this.#judge.isConfirmed ? "updated" : "kept";
  }

  /** Of the longest answer. */
  get #provedBytes(): number {
    const asked = this.#traffic.requests.slice(this.#requestCount).filter(({ isOnTrial, range }) => isOnTrial && range);
    return Math.max(0, ...asked.map(({ readBytes }) => readBytes));
  }

  #serve(
    update: Uint8Array,
    version = this.#options.scenario.newVersion,
    bytes: Uint8Array = this.#options.scenario.images[version]!,
  ): string {
    return this.#fleet.serve(update, { bytes, version, answer: { chunkSizeBytes: 4096 } });
  }

  #cut(fault: OperationFault): never {
    const reason = isResetMode(fault.mode) ? fault.mode : "powerOn";
    this.#judge.onFault(fault);
    this.#device.cutPower(reason);
    throw new PowerCut("the power is cut");
  }

  #start(host: Host, version: string): void {
    this.#judge.onStart(version);
    this.#fleet.wantsAttributes = true;
    const start = this.#device.lives.length;
    this.#requestCount = this.#traffic.requests.length;
    const { newVersion, successor } = this.#options.scenario;
    if (this.#story === "overtaken" && version === newVersion && !this.#hasOvertaken) {
      this.#hasOvertaken = true;
      this.#serve(successor.update, successor.version);
    }
    for (const fault of this.#options.faults) {
      if (fault.kind !== "timed" || fault.start !== start) continue;
      const onExpire = (): void => {
        this.#tell(`  ${fault.reason} after ${fault.atMs} ms`);
        this.#judge.onReset(fault.reason);
        this.#device.cutPower(fault.reason);
      };
      new host.Timer({ onExpire }).arm(fault.atMs);
    }
    const run = (): void => {
      startFirmware(host, version, {
        behaviour: version === newVersion ? behaviourOf(this.#story) : "healthy",
        onCore: (node) => this.#judge.onCore(node),
        onVerdict: ({ verdict }) => this.#judge.onVerdict(verdict),
        hang: () => this.#device.hang(),
      });
    };
    if (this.#storm === undefined) run();
    else new host.Timer({ onExpire: run }).arm(STORM_WAIT_MS);
  }

  #onOperation(operation: Operation, index: number, bytes: Uint8Array | undefined): void {
    const { life } = this.#device;
    this.#operations.push({ ...operation, version: life.version });
    this.#trace.update(`${operation.kind}${operation.offset},`);
    if (bytes !== undefined) this.#trace.update(bytes);
    this.#tell(`  ${index} ${operation.kind} ${operation.byteLength} at ${placeOf(operation.offset)}`);
    this.#judge.onOperation(operation, bytes);
    if (this.#storm?.isDue(this.#device)) this.#cut({ kind: "operation", operation: index, mode: "before" });
  }

  /** What runs, or will run without being looked at, is not promised to outlive a bit. */
  #onBit({ offset, bit }: BitFault): void {
    const { scenario } = this.#options;
    this.#tell(`  bit ${bit} turns over at ${placeOf(offset)}`);
    const slot = SLOT_OFFSETS.findIndex((start) => isIn(offset, start, SLOT_SIZE_BYTES));
    if (slot < 0) return;
    const isWhole = Object.keys(scenario.images).some((version) => this.#judge.holds(slot, version));
    if (isWhole) this.#judge.turnedSlots.add(slot);
    const runningSlot = this.#device.life?.slot ?? scenario.configuration.runningSlot;
    if (slot === runningSlot || (isWhole && scenario.configuration.validation === "skipped")) this.#isBeyond = true;
  }

  #tell(line: string): void {
    this.#tellLines();
    this.#options.tell?.(line);
  }

  #tellLines(): void {
    const { lines } = this.#device ?? { lines: [] };
    for (; this.#toldCount < lines.length; this.#toldCount++) this.#options.tell?.(`    ${lines[this.#toldCount]}`);
  }
}

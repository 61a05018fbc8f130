/**
 * What a life has to have come to when it is quiet: an update, a bad release that is gone, or at least a whole image.
 *
 * The judge looks on while it lasts; this is the last look, by what its faults leave promised. See docs/design/chaos.md.
 */
import { runBootloader } from "../../../hosts/node/bootloader.js";
import type { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import type { Fault } from "../../../hosts/node/chaos/fault.js";
import { Digest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { inspectSnapshot } from "../../../hosts/node/simulator/inspect.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import { otaStateName, readOtaEntry, selectOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import type { Fleet } from "../../node/ota/fleet.js";
import { idOf } from "../../node/ota/rig.js";
import type { Judge } from "./judge.js";
import { OTADATA_OFFSET, type Scenario, SECTOR_SIZE_BYTES, SLOT_OFFSETS, SLOT_SIZE_BYTES } from "./scenario.js";
import { type BadEnd, behaviourOf, isOnTrial, isUnseen, type Story } from "./story.js";

const CHUNK_SIZE_BYTES = 16 * 1024;
/** Starts without a fault: before, on trial. */
const BOOT_COUNT = 2;
/** Starts that one fault may add: the one after it, a trial that is begun again, and the way there. */
const BOOTS_PER_FAULT = 3;

export interface Ending {
  readonly scenario: Scenario;
  readonly judge: Judge;
  readonly fleet: Fleet;
  readonly flash: ChaosFlash;
  readonly device: VirtualDevice;
  /** Of the image. */
  readonly fetchedBytes: number;
  /** A bit turned in otadata. */
  readonly hasTurnedEntry: boolean;
}

/** 1: whatever failed, something whole runs at the end. */
export function demandWhole({ judge, device: { life } }: Ending): void {
  if (life.endedBy === undefined && judge.holds(life.slot, life.version)) return;
  judge.violate(`1: at the end ${life.version} in ${life.slot}, ended by ${life.endedBy}`);
}

/** 15: it was updated, whatever it took. 10: otadata says so, and the server was told. 12: it could go back. */
export function demandUpdated({ scenario, judge, fleet, flash, device, hasTurnedEntry }: Ending): void {
  const { newVersion } = scenario;
  if (!judge.isDone()) {
    judge.violate(`15: no ${newVersion} at the end, but ${device.life.version}`);
    return;
  }
  const entries = [0, 1].map((index) => readOtaEntry(flash.read(OTADATA_OFFSET + index * SECTOR_SIZE_BYTES, 32)));
  const followed = selectOtaEntry(entries);
  const states = entries.map(({ sequence, state }) => `${otaStateName(state)} for slot ${slotOfSequence(sequence, 2)}`);
  const newSlot = device.life.slot!;
  if (followed === undefined || states[followed] !== `valid for slot ${newSlot}`) judge.violate(`10: at the end ${states}`);
  if (!fleet.reports().some((report) => report.startsWith("closed success"))) judge.violate("10: the server was not told");
  // A bit that turned in the other slot's entry has cost it that entry, and nothing else.
  if (hasTurnedEntry) return;
  if (states[1 - followed!] !== `valid for slot ${1 - newSlot}`) judge.violate(`10: at the end ${states}`);
  demandFallback(judge, flash.snapshot());
}

/**
 * Where only cuts and resets came. 17: no more was fetched again than a chunk and a sector a cut. 19, 20: starts and erases are
 * bounded.
 */
export function demandBounds({ scenario, judge, flash, device, fetchedBytes }: Ending): void {
  const { faultCount } = judge;
  if (device.lives.length > BOOT_COUNT + BOOTS_PER_FAULT * faultCount) {
    judge.violate(`19: ${device.lives.length} starts for ${faultCount} faults`);
  }
  const againBytes = fetchedBytes - scenario.images[scenario.newVersion]!.length;
  if (againBytes > faultCount * (CHUNK_SIZE_BYTES + SECTOR_SIZE_BYTES)) {
    judge.violate(`17: ${againBytes} bytes were fetched again for ${faultCount} faults`);
  }
  const newSlot = 1 - scenario.configuration.runningSlot;
  for (let sector = 0; sector < SLOT_SIZE_BYTES / SECTOR_SIZE_BYTES; sector++) {
    const count = flash.eraseCount(SLOT_OFFSETS[newSlot]! / SECTOR_SIZE_BYTES + sector);
    if (count > 2 + faultCount) judge.violate(`20: sector ${sector} was erased ${count} times`);
  }
}

/** 22: of a server that lies nothing starts; what may be tried is not kept. Looked at while it lies. */
export function demandUntaken({ scenario, judge, device }: Pick<Ending, "scenario" | "judge" | "device">, story: Story): void {
  const isTried = isUnseen(story) || isOnTrial(story);
  if (!isTried && judge.newStartCount > 0) judge.violate("22: a lie was installed");
  if (!isTried || device.life.version === scenario.oldVersion) return;
  if (isUnseen(story) ? !judge.isDone() : judge.isConfirmed) judge.violate("22: a lie was installed");
}

/** 16: the old image runs and is whole, the bad one is gone, and did not start more often than it may. 21: hangs are ended. */
export function demandGone({ scenario, judge, flash, device }: Ending, bad: BadEnd): void {
  const { verdict, startCountMax, isHang, isKept = false } = bad;
  const { life, lives } = device;
  // A cut at the BOOT behind a crash costs the ladder that crash beside its own start.
  const startsPerFault = isKept ? 2 : 1;
  if (life.version !== scenario.oldVersion) judge.violate(`16: at the end ${life.version} runs`);
  if (judge.newStartCount > startCountMax + startsPerFault * judge.faultCount) {
    judge.violate(`16: the bad release started ${judge.newStartCount} times, with ${judge.faultCount} faults`);
  }
  const { quarantine, history } = inspectSnapshot(flash.snapshot());
  const newId = idOf(scenario.images[scenario.newVersion]!);
  if (quarantine.includes(newId) !== (verdict === "quarantined")) judge.violate(`16: the bad release is not ${verdict}`);
  if (verdict === "rejected" && history.rejected?.imageId !== newId) judge.violate("16: the bad release is not rejected");
  if (!isHang) return;
  for (const { version, endedBy } of lives) {
    const isAsMeant = endedBy === "watchdog" || endedBy === "powerOn" || endedBy === "brownOut";
    if (version === scenario.newVersion && !isAsMeant) judge.violate(`21: a hang was ended by ${endedBy}`);
  }
}

/** 21: a healthy firmware feeds its watchdog; it ends no start but by a reset that is among the faults. */
export function demandFed({ scenario, judge, device }: Ending, story: Story, faults: readonly Fault[]): void {
  const injectedCount = faults.filter((fault) => {
    return fault.kind === "timed" ? fault.reason === "watchdog" : fault.kind === "operation" && fault.mode === "watchdog";
  }).length;
  const bitten = device.lives.filter(({ version, endedBy }) => {
    return endedBy === "watchdog" && (version !== scenario.newVersion || behaviourOf(story) === "healthy");
  });
  if (bitten.length > injectedCount) judge.violate(`21: the watchdog bit a healthy ${bitten[0]!.version}`);
}

/** 12: one entry of otadata is lost, whichever: the slot of the other one boots. */
function demandFallback(judge: Judge, snapshot: Uint8Array): void {
  const slots = [0, 1].map((sector) => {
    const flash = NorFlash.from(snapshot);
    flash.eraseSector(OTADATA_OFFSET / SECTOR_SIZE_BYTES + sector);
    return runBootloader({ flash, rollback: true, validation: "always", Digest }).slot;
  });
  if (slots[0] === slots[1]) judge.violate(`12: without either entry of otadata slot ${slots[0]} boots`);
}

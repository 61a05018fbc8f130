/** `holdfast boot status`: a flash in words, for whoever asks why a device does not update. The file is never written. */
import { readBytes } from "../ota/files.js";
import { bold, dim, green, grouped, red, yellow } from "../terminal.js";
import { type FlashStatus, flashStatusOf } from "./flash-status.js";
import type { ForeseenStart, Foresight } from "./next-start.js";

export interface BootStatusOptions {
  readonly json?: boolean;
}

/** A word, or nothing where the line goes on with the one above, and what is said of it. */
type Row = readonly [word: string, text: string];

const WORD_WIDTH = 16;
const CAUSES = Object.freeze({ power: "switched on", wanted: "wanted restart", crash: "after a crash" });
/** How an attempt ended, by the class of the reset behind it. */
const ENDS = Object.freeze({
  environment: "by a loss of power, which proves nothing against it",
  planned: "by a restart that was wanted, before a verdict",
  fault: "by a crash",
  unproven: "by what looks like a crash: once is no proof",
  unknown: "nobody knows how",
});

/** Prints it. Gives the exit code; throws for what is no flash. */
export function bootStatusCommand(path: string, options: BootStatusOptions): number {
  const status = flashStatusOf(readBytes(path, "a flash image; `holdfast sim` makes one"), path);
  if (options.json === true) {
    console.log(JSON.stringify(status, undefined, 2));
    return 0;
  }
  console.log(bold(`${path}: ${grouped(status.flashSizeBytes)} bytes`));
  const rows = [...nextRows(status), ...slotRows(status), ...trialRows(status), ...verdictRows(status), ...journalRows(status)];
  for (const [word, text] of rows) console.log(`${word.padEnd(WORD_WIDTH)}  ${text}`);
  for (const text of status.unknown) console.log(dim(`not in a dump     ${text}`));
  return 0;
}

function nextRows({ next, bootCount, streak }: FlashStatus): Row[] {
  const { count, isFallbackTaken } = streak;
  const taken = isFallbackTaken ? ", and the other image was taken for them" : "";
  return [
    ["starts", `${grouped(bootCount)}; unhealthy ones in a row: ${count}${taken}`],
    ...next.flatMap((foresight) => foresightRows(foresight)),
    ...next[0]!.starts[0]!.bootloader.map((line, index): Row => [index === 0 ? "bootloader" : "", line]),
  ];
}

function foresightRows({ cause, starts }: Foresight): Row[] {
  return starts.map(
    (start, index): Row => [index === 0 ? CAUSES[cause] : "", `${index === 0 ? "" : "then "}${startWords(start)}`],
  );
}

function startWords(start: ForeseenStart): string {
  if (start.slot === undefined) return red("no slot boots");
  if (start.decision === undefined) return `ota_${start.slot} boots, and runs without updates: ${start.fault}`;
  const { slot, level, rung, crashCount, decision, why, mode, isRestarting } = start;
  const where = `ota_${slot} boots`;
  const how = isRestarting
    ? "arms the other slot and restarts"
    : `level ${level === "full" ? level : yellow(level!)}${mode === "normal" ? "" : `, ${mode}`}`;
  const ladder = `rung ${rung}${crashCount === 0 ? "" : `, ${crashCount} unhealthy in a row`}`;
  const fault = start.fault === undefined ? "" : red(`; takes no updates: ${start.fault}`);
  return `${where}, ${how} (${ladder}); ${decision}: ${why}${fault}`;
}

function slotRows({ slots }: FlashStatus): Row[] {
  return slots.flatMap(({ slot, stated, imageId, fault, state, releaseNumber, securityVersion }): Row[] => {
    const isAbsent = stated === undefined && fault === undefined && imageId === undefined;
    const image = isAbsent ? "empty" : `${stated?.version ?? "no version"}, image ${imageId ?? stated?.imageId ?? "unknown"}`;
    const whole = isAbsent ? "" : fault === undefined ? green(", whole") : red(`, will not boot: ${fault}`);
    const release =
      releaseNumber === undefined ? "by no release" : `release ${releaseNumber}, security version ${securityVersion}`;
    return [
      [`ota_${slot}`, `${image}${whole}`],
      ["", `otadata ${state ?? "has no entry for it"}${isAbsent ? "" : `; ${release}`}`],
    ];
  });
}

function trialRows({ trial, download, next }: FlashStatus): Row[] {
  const rows: Row[] = [];
  if (trial === undefined) rows.push(["open trial", "none"]);
  else {
    const { imageId, slot, attemptCount, attemptCountMax, endedBy, hasBooted, unprovenCount, isFallback } = trial;
    const ended = endedBy === undefined ? (hasBooted ? "it runs" : "it has not started yet") : `ended ${ENDS[endedBy]}`;
    const doubts = unprovenCount === 0 ? "" : `; ${unprovenCount} before looked like a crash`;
    const what = isFallback ? ", the image before, taken because the one behind it crashes" : "";
    const { decision, why } = next[0]!.starts[0]!;
    rows.push(["open trial", `image ${imageId} in ota_${slot}${what}`]);
    rows.push(["", `attempt ${attemptCount} of ${attemptCountMax}: ${ended}${doubts}`]);
    rows.push(["", `next, when switched on: ${decision ?? "nothing"}${why === undefined ? "" : `: ${why}`}`]);
  }
  if (download === undefined) rows.push(["download", "none begun"]);
  else {
    const { imageId, slot, chunkCount } = download;
    rows.push(["download", `image ${imageId} into ota_${slot}: ${chunkCount} chunks written and found right`]);
  }
  return rows;
}

function verdictRows({ lastVerdict, quarantine, floors, bootloaderRollback }: FlashStatus): Row[] {
  const { releaseFloor, deploymentFloor, securityFloor, timeFloorS, nextKeyDigest } = floors;
  const time = timeFloorS === 0 ? "none" : new Date(timeFloorS * 1000).toISOString();
  const verdict = lastVerdict && `${lastVerdict.verdict} ${lastVerdict.imageId}`;
  const because = lastVerdict?.because === undefined ? "" : `: ${lastVerdict.because}`;
  const banned = quarantine.map(({ imageId, releaseNumber }) => `${imageId}, until a release above ${releaseNumber} names it`);
  return [
    ["last verdict", verdict === undefined ? "none" : `${verdict}${because}`],
    ...(banned.length === 0 ? ["none"] : banned).map((text, index): Row => [index === 0 ? "quarantine" : "", text]),
    ["floors", `release ${releaseFloor}, deployment ${deploymentFloor}, security version ${securityFloor}, time ${time}`],
    ["signing key", nextKeyDigest === undefined ? "those that the firmware was built with" : `only ${nextKeyDigest}…`],
    [
      "rollback",
      `of the bootloader: ${bootloaderRollback}${bootloaderRollback === "unknown" ? ", nothing was on trial yet" : ""}`,
    ],
  ];
}

function journalRows({ journal, isJournalBlank }: FlashStatus): Row[] {
  if (journal === undefined) return [["journal", red("the partition table has none: no updates are taken")]];
  if (isJournalBlank) return [["journal", "blank: the firmware has never started here"]];
  const { generation, usedCount, placeCount, tornCount, isKeptTwice, fault } = journal;
  const torn = tornCount === 0 ? "none torn" : yellow(`${tornCount} torn`);
  const kept = isKeptTwice ? "what counts stands in both halves" : "what counts does not yet stand in both halves";
  return [
    ["journal", `generation ${generation}, ${usedCount} of ${placeCount} places used, ${torn}; ${kept}`],
    ...(fault === undefined ? [] : [["", red(fault)] as Row]),
  ];
}

/**
 * What must hold of a device whatever its server does: one clear reason, longer and longer waits, and the old image runs on.
 *
 * Bounds are checked exactly: which requests there were, how long a round took, and that not one run of the part that the
 * product exists for was missed.
 */
import { equal, ok } from "../../harness/expect.js";
import { SETTINGS } from "./firmware.js";
import { BASE_PATH } from "./fleet.js";
import { makeImage, OTADATA_OFFSET, type Rig, startedRig } from "./rig.js";

const GOOD = makeImage("3.0.0");

export interface Badness {
  /** What is wrong, in the words of the device. */
  readonly because: string;
  /** Offers something, and spoils it. */
  readonly setUp: (rig: Rig) => void;
}

export interface FailureBounds {
  /** Rounds in a row that are looked at. Default 5. */
  readonly roundCount?: number;
  /** Requests of one round. */
  readonly requestCount: number;
  /** From a round's first request to its end. Default: one stall, and a second for what is answered. */
  readonly roundMsMax?: number;
  /** What the server asks for by Retry-After. */
  readonly retryAfterMs?: number;
}

/** Lets something bad happen round after round, and then something good. */
export function endureFailures({ because, setUp }: Badness, bounds: FailureBounds): Rig {
  const { roundCount = 5, requestCount, roundMsMax = SETTINGS.stallTimeoutMs + 1000, retryAfterMs = 0 } = bounds;
  return demandUnimpressed(setUp, (rig) => {
    const hasFailed = (): boolean => rig.linesWith("update failed").length === roundCount;
    ok(rig.device.runUntil(hasFailed, 10_000_000), rig.device.lines.join("\n"));
    const requestsMade = rig.traffic.requests.length;
    const waitsMs = rig.linesWith("update failed").map((line) => waitOf(line, because));
    for (const [index, waitMs] of waitsMs.entries()) demandWait(waitMs, index, retryAfterMs);
    equal(requestsMade, roundCount * requestCount, "requests");
    rig.device.runUntil(() => rig.traffic.requests.length > requestsMade, 2 * SETTINGS.pollPeriodMaxMs);
    const pollsAtMs = rig.traffic.to(BASE_PATH).map(({ atMs }) => atMs);
    for (let index = 0; index < roundCount; index++) {
      const roundMs = pollsAtMs[index + 1]! - pollsAtMs[index]! - waitsMs[index]!;
      ok(roundMs >= 0 && roundMs <= roundMsMax, `round ${index + 1} took ${roundMs} ms, expected at most ${roundMsMax}`);
    }
  });
}

/** Lets something bad be offered that no second look makes better: the device says so once, to both sides. */
export function endureDecline({ because, setUp }: Badness): Rig {
  return demandUnimpressed(setUp, (rig) => {
    rig.device.advance(300_000);
    equal(rig.linesWith("declined"), [`1.0.0 update declined 2.0.0: ${because}`]);
    equal(
      rig.fleet.reports().filter((report) => report.startsWith("closed")),
      [`closed failure: ${because}`],
    );
    equal([rig.fleet.actionId, rig.linesWith("failed")], [undefined, []]);
  });
}

function demandUnimpressed(setUp: (rig: Rig) => void, run: (rig: Rig) => void): Rig {
  const rig = startedRig();
  const before = [rig.flash.read(OTADATA_OFFSET, 0x2000), rig.slotBytes(0)];
  setUp(rig);
  run(rig);
  equal(rig.lives(), ["1.0.0 in 0 by powerOn"]);
  equal(rig.device.life.endedBy, undefined);
  equal([rig.flash.read(OTADATA_OFFSET, 0x2000), rig.slotBytes(0)], before, "otadata and 1.0.0 are untouched");
  equal([rig.inspect().history.trial, rig.slots()[0]], [undefined, "1.0.0 valid"]);
  equal(rig.linesWith("fault"), []);
  demandWorking(rig);
  for (const { host } of rig.traffic.targets) equal(host, "updates.example.com", "it talks to nobody else");
  rig.fleet.meddle = undefined;
  rig.offer(GOOD, { version: "3.0.0" });
  ok(rig.runUntilKept("3.0.0"), rig.device.lines.join("\n"));
  equal(rig.slots(), ["1.0.0 valid", "3.0.0 valid"]);
  return rig;
}

/** The part that works has missed nothing: it runs every half second, first after a tenth. */
export function demandWorking(rig: Rig): void {
  const uptimeMs = rig.device.host.clock.now();
  equal(rig.node!.workCount(), Math.floor((uptimeMs - 100) / 500) + 1, `runs in ${uptimeMs} ms`);
}

/** What one image may cost: its bytes and eight chunks more, for each time that it was begun. */
export function demandTraffic(rig: Rig, path: string, image: { readonly length: number }, attemptCount: number): void {
  const chunkSizeBytes = Math.min(16_384, image.length);
  const readBytes = rig.traffic.downloadedBytes(path);
  ok(readBytes <= attemptCount * (image.length + 8 * chunkSizeBytes), `${readBytes} bytes in ${attemptCount} attempts`);
  const requestCount = rig.traffic.downloads(path).length;
  const chunkCount = Math.ceil(image.length / chunkSizeBytes);
  ok(requestCount <= attemptCount * (chunkCount + 8), `${requestCount} requests in ${attemptCount} attempts`);
}

function waitOf(line: string, because: string): number {
  const start = `1.0.0 update failed: ${because}; again in `;
  ok(line.startsWith(start) && line.endsWith(" ms"), `${line} is not like ${start}…`);
  return Number(line.slice(start.length, -3));
}

/** The second half of the wait that doubles with each failure, or what the server asks for; never more than the longest. */
function demandWait(waitMs: number, failureIndex: number, retryAfterMs: number): void {
  const { pollPeriodMs, pollPeriodMaxMs } = SETTINGS;
  const doubledMs = Math.min(pollPeriodMs * 2 ** failureIndex, pollPeriodMaxMs);
  const askedMs = Math.min(retryAfterMs, pollPeriodMaxMs);
  const [least, most] = [Math.max(doubledMs / 2, askedMs), Math.max(doubledMs, askedMs)];
  ok(waitMs >= least && waitMs <= most, `wait ${failureIndex + 1} is ${waitMs} ms, expected ${least} … ${most}`);
}

/**
 * The open action is declined: told once to the server and once to people, not a byte of its image is fetched, and what runs
 * runs on.
 */
export function demandDeclined(rig: Rig, because: RegExp): void {
  const { fleet, device } = rig;
  const id = fleet.actionId;
  const before = [device.lives.length, imageRequestCount(rig), rig.linesWith("declined").length];
  ok(id !== undefined, "an action is open");
  ok(
    device.runUntil(() => fleet.actionId === undefined, 200_000),
    device.lines.join("\n"),
  );
  device.advance(20_000);
  const reports = fleet.feedback.filter(({ path }) => path === fleet.pathOf(`deploymentBase/${id}/feedback`));
  equal(
    reports.map(({ execution, finished }) => [execution, finished]),
    [["closed", "failure"]],
  );
  ok(because.test(reports[0]!.detail), `${reports[0]!.detail} is not like ${because}`);
  ok(rig.linesWith("declined").at(-1)!.endsWith(`: ${reports[0]!.detail}`), rig.linesWith("declined").at(-1));
  const [lifeCount, requestCount, declineCount] = before as [number, number, number];
  equal(
    [device.lives.length, imageRequestCount(rig), rig.linesWith("declined").length],
    [lifeCount, requestCount, declineCount + 1],
  );
  equal([device.life.endedBy, rig.linesWith("fault")], [undefined, []]);
  demandWorking(rig);
}

function imageRequestCount({ traffic }: Rig): number {
  return traffic.requests.filter(({ path }) => path.endsWith(".bin")).length;
}

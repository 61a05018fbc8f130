/**
 * A chunk that does not arrive in one piece: asked for again after a longer and longer wait, those before it are not, and after
 * eight times the image is left for a later poll.
 */
import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer, ScriptedRequest } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { SETTINGS } from "./firmware.js";
import { fileOf } from "./fleet.js";
import { makeImage, type Rig, type RigOptions, startedRig } from "./rig.js";
import { demandTraffic, demandWorking, endureFailures } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0", { sectorCount: 10 });
const GOOD = fileOf(IMAGE);
const RANGES = ["0-16383", "16384-32767", `32768-${IMAGE.length - 1}`];
const RETRY_COUNT_MAX = 8;
/** 1 s + 2 s + … + 8 s. */
const RETRY_WAITS_MS = 36_000;
/** Requests of a round in front of the first for the image: poll, action, update, report. */
const BEFORE_COUNT = 4;
/** At 256 bytes a second, and a stall. */
const CHUNK_MS_MAX = 64_000 + SETTINGS.stallTimeoutMs;

/** `chunk`, from 1, is answered like that, and the others well. */
function brokenChunk(chunk: number, broken: ScriptedAnswer): (request: ScriptedRequest) => ScriptedAnswer {
  return (request) => {
    const good = GOOD(request);
    return request.headers.get("range") === `bytes=${RANGES[chunk - 1]}` ? { ...good, ...broken } : good;
  };
}

interface Breakage {
  readonly name: string;
  readonly broken: ScriptedAnswer;
  readonly because: string;
  /** How long one such exchange takes. Default 100 ms. */
  readonly exchangeMs?: number;
  /** Default 3. */
  readonly roundCount?: number;
}

const STALLED = "the server sent nothing in time";

const BREAKAGES: readonly Breakage[] = [
  { name: "no connection", broken: { end: "refuse" }, because: "the connection was refused" },
  { name: "a reset", broken: { sentBytes: 5000, end: "reset" }, because: "the connection was reset" },
  { name: "an early end", broken: { sentBytes: 9999 }, because: "the connection ended after 9999 of 16384 bytes" },
  {
    name: "an early end that was not announced",
    broken: { sentBytes: 9999, contentLength: "none" },
    because: "the answer ended after 9999 bytes of a chunk; expected 16384",
  },
  { name: "a stall", broken: { sentBytes: 9999, end: "stall" }, because: STALLED, exchangeMs: 5100 },
  { name: "headers and no more", broken: { sentBytes: 0, end: "stall" }, because: STALLED, exchangeMs: 5100 },
  {
    name: "less than 256 bytes a second",
    broken: { chunkSizeBytes: 200, chunkPeriodMs: 1000 },
    because: "the server took longer than it may",
    exchangeMs: CHUNK_MS_MAX,
    roundCount: 2,
  },
  {
    name: "a byte each four seconds",
    broken: { chunkSizeBytes: 1, chunkPeriodMs: 4000 },
    because: "the server took longer than it may",
    exchangeMs: CHUNK_MS_MAX,
    roundCount: 2,
  },
  { name: "a broken server", broken: { status: 500 }, because: "the server answered 500; expected 206" },
];

describe("a download whose second chunk meets", () => {
  for (const { name, broken, because, exchangeMs = 100, roundCount = 3 } of BREAKAGES) {
    it(`${name} asks for it nine times, and for the first one once`, () => {
      let path = "";
      const rig = endureFailures(
        {
          because,
          setUp: (started) => {
            path = started.offer(IMAGE, { version: "2.0.0", answer: brokenChunk(2, broken) });
          },
        },
        {
          roundCount,
          requestCount: BEFORE_COUNT + 1 + 1 + RETRY_COUNT_MAX,
          roundMsMax: RETRY_WAITS_MS + (1 + RETRY_COUNT_MAX) * exchangeMs + 1000,
        },
      );
      const again = Array<string>(1 + RETRY_COUNT_MAX).fill(RANGES[1]!);
      const ranges = rig.traffic.to(path).map(({ range }) => range);
      // A later round goes on where the first one ended: of the first chunk it needs the first sector only, which is in RAM.
      const rounds = Array.from({ length: roundCount }, (_, round) => [round === 0 ? RANGES[0]! : "0-4095", ...again]);
      equal(ranges.slice(0, roundCount * (1 + again.length)), rounds.flat());
      equal(rig.linesWith("retrying").slice(0, 8), Array(8).fill(`1.0.0 update retrying: ${because}`));
      demandTraffic(rig, path, IMAGE, roundCount + 1);
    });
  }
});

/** An update whose chunks are answered by turns, from 0. */
function updateBy(
  answerTo: (requestIndex: number) => ScriptedAnswer | undefined,
  settings: RigOptions["settings"] = {},
): { rig: Rig; path: string } {
  const rig = startedRig({ settings });
  let requestCount = 0;
  const path = rig.offer(IMAGE, {
    version: "2.0.0",
    answer: (request) => ({ ...GOOD(request), ...answerTo(requestCount++) }),
  });
  return { rig, path };
}

describe("a download", () => {
  it("waits a second longer before each repetition", () => {
    const { rig, path } = updateBy(() => ({ end: "refuse" }));
    ok(rig.runUntilLine("update failed"));
    const atMs = rig.traffic.to(path).map((request) => request.atMs);
    for (let index = 1; index < atMs.length; index++) {
      const waitMs = atMs[index]! - atMs[index - 1]!;
      ok(waitMs >= 1000 * index && waitMs < 1000 * index + 50, `repetition ${index} came after ${waitMs} ms`);
    }
    equal(atMs.length, 1 + RETRY_COUNT_MAX);
  });

  it("that loses its connection goes on with the same chunk, in the same life", () => {
    const { rig, path } = updateBy((index) => (index === 1 ? { sentBytes: 9999, end: "reset" } : undefined));
    ok(rig.runUntilKept("2.0.0"));
    equal(
      rig.traffic.downloads(path).map(({ range, readBytes }) => [range, readBytes <= 16_384]),
      [RANGES[0], RANGES[1], RANGES[1], RANGES[2]].map((range) => [range, true]),
    );
    equal(rig.linesWith("failed"), []);
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
  });

  it("has eight repetitions for the whole image, however they are spread", () => {
    const isBad = (index: number): boolean => [0, 1, 2, 4, 5, 7, 8, 9].includes(index);
    const good = updateBy((index) => (isBad(index) ? { end: "refuse" } : undefined));
    ok(good.rig.runUntilKept("2.0.0"));
    equal([good.rig.linesWith("retrying").length, good.rig.linesWith("failed")], [8, []]);
    equal(good.rig.traffic.downloads(good.path).length, 3 + 8);
    const bad = updateBy((index) => (isBad(index) || index === 10 ? { end: "refuse" } : undefined));
    ok(bad.rig.runUntilLine("update failed"));
    equal(bad.rig.linesWith("retrying").length, 8);
  });

  it("that is slow, but not slower than it may be, is no failure", () => {
    const trialDeadlineMs = 120_000; // The proof of the trial is a chunk, which takes a minute.
    const { rig } = updateBy(() => ({ chunkSizeBytes: 100, chunkPeriodMs: 370 }), { trialDeadlineMs }); // 270 bytes a second.
    ok(rig.device.runUntil(() => rig.node?.updater()?.progress.receivedBytes === IMAGE.length, 600_000));
    demandWorking(rig);
    ok(rig.runUntilKept("2.0.0"));
    equal([rig.linesWith("failed"), rig.linesWith("retrying")], [[], []]);
  });

  it("that fails leaves nothing that boots in its slot, and waits no longer after a good poll", () => {
    const { rig } = updateBy(() => ({ sentBytes: 9999, end: "reset" }));
    const firstWaits = (): string[] => rig.linesWith("update failed").map((line) => line.slice(line.indexOf("again in")));
    ok(rig.device.runUntil(() => firstWaits().length === 3, 600_000));
    equal([rig.slots()[1], rig.slotBytes(1)[0]], ["empty unnamed", 0xff]);
    rig.offer(makeImage("1.0.0"), { version: "1.0.0" });
    rig.device.advance(100_000);
    rig.offer(IMAGE, { version: "2.0.0", answer: brokenChunk(1, { end: "refuse" }) });
    ok(rig.device.runUntil(() => firstWaits().length === 4, 600_000));
    const waitMs = Number(/\d+/.exec(firstWaits()[3]!));
    ok(waitMs >= 5000 && waitMs <= 10_000, `${waitMs} ms`);
  });
});

/** What an image on trial has to show of its way to the next update, and what a server can and cannot do about it. */

import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { type Fleet, fileOf } from "./fleet.js";
import { makeImage, type Rig, type RigOptions, startedRig } from "./rig.js";

/** Three chunks, the last one of 8,560 bytes. */
const IMAGE = makeImage("2.0.0", { sectorCount: 10 });
const SIZE = IMAGE.length;
const GOOD = fileOf(IMAGE);
/** The last full chunk. */
const PROOF = "16384-32767";
/** Past any verdict of a good trial, and before the deadline of one without. */
const TRIAL_MS = 8000;

/** Whether the chunk is asked for by an image on trial is not told to a server; it is told to a spec. */
interface Tried {
  readonly rig: Rig;
  readonly path: string;
}

/** 2.0.0 boots on trial; from then on requests for its image are answered by `answerTo`. */
function tried(answerTo: ((proofIndex: number) => ScriptedAnswer | undefined) | undefined, options: RigOptions = {}): Tried {
  let proofCount = 0;
  const rig: Rig = startedRig(options);
  const path = rig.offer(IMAGE, {
    version: "2.0.0",
    answer: (request) => {
      const isProof = rig.device.life.version === "2.0.0";
      return { ...GOOD(request), ...(isProof ? answerTo?.(proofCount++) : undefined) };
    },
  });
  ok(rig.runUntilLine("2.0.0 boots: software, trial"), rig.device.lines.join("\n"));
  return { rig, path };
}

function proofRanges({ rig, path }: Tried): (string | undefined)[] {
  return rig.traffic
    .to(path)
    .filter(({ isOnTrial }) => isOnTrial)
    .map(({ range }) => range);
}

function demandKept({ rig }: Tried): void {
  ok(rig.runUntilKept("2.0.0"), rig.device.lines.join("\n"));
  equal(rig.linesWith("trial: "), ["2.0.0 trial: confirmed (all checks)"]);
}

describe("an image on trial", () => {
  it("fetches the last full chunk of itself, once, and is confirmed by it", () => {
    const trial = tried(undefined, { settings: { trialUptimeMs: 25_000 } });
    trial.rig.device.advance(24_000);
    const updater = trial.rig.node!.updater()!;
    equal([proofRanges(trial), updater.fetchProof, updater.canFetch], [[PROOF], "chunk", true], "in three rounds");
    demandKept(trial);
    trial.rig.device.advance(60_000);
    equal([trial.rig.traffic.to(trial.path).length, trial.rig.linesWith("failed")], [3 + 1, []], "and none later");
  });

  it("fetches all of an image of one chunk", () => {
    const image = makeImage("2.0.0");
    const rig = startedRig();
    const path = rig.offer(image, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
    equal(proofRanges({ rig, path }), [`0-${image.length - 1}`]);
  });

  it("writes nothing to flash meanwhile, and goes on with its work", () => {
    const steps: number[] = [];
    let isUnderWay = false;
    const trial = tried(() => ({ chunkSizeBytes: 64, chunkPeriodMs: 10 }), {
      onStep: ({ offset }) => {
        if (isUnderWay) steps.push(offset);
      },
    });
    const { rig } = trial;
    ok(rig.device.runUntil(() => proofRanges(trial).length > 0, 1000));
    const [workCount, slots] = [rig.node!.workCount(), [rig.slotBytes(0), rig.slotBytes(1)]];
    isUnderWay = true;
    rig.device.advance(2000);
    equal([rig.node!.updater()!.fetchProof, rig.node!.updater()!.phase], ["manifest", "polling"]);
    equal([steps, rig.node!.workCount()], [[], workCount + 4]);
    isUnderWay = false;
    demandKept(trial);
    equal([rig.slotBytes(0), rig.slotBytes(1)], slots);
  });

  it("is not confirmed before the chunk is there, whatever else is healthy", () => {
    const trial = tried(() => ({ chunkSizeBytes: 64, chunkPeriodMs: 40 }));
    trial.rig.device.advance(TRIAL_MS);
    equal([trial.rig.node!.core.slots.isTrial, trial.rig.node!.updater()!.canFetch], [true, false]);
    demandKept(trial);
  });

  it("tells the server first that it runs, once, however often the chunk has to be asked for", () => {
    const trial = tried((index) => (index < 2 ? { status: 500 } : undefined), { settings: { trialDeadlineMs: 90_000 } });
    demandKept(trial);
    equal(trial.rig.fleet.reports().filter((report) => report === "proceeding none: it runs, on trial").length, 1);
    equal(proofRanges(trial), [PROOF, PROOF, PROOF]);
  });

  it("may be on a slow link, where the gate's deadline leaves the time that a chunk may take", () => {
    const trial = tried(() => ({ chunkSizeBytes: 100, chunkPeriodMs: 370 }), { settings: { trialDeadlineMs: 90_000 } });
    demandKept(trial);
    equal(trial.rig.linesWith("failed"), []);
  });
});

/** What a server does to the chunk, and what the device says of it. */
const REFUSALS: readonly (readonly [string, ScriptedAnswer, string])[] = [
  ["has no such file", { status: 404 }, "download: the server answered 404, expected 206"],
  ["sends the whole file for a range", { status: 200, body: IMAGE }, "download: the server answered 200, expected 206"],
  ["sends it elsewhere", { status: 302 }, "download: the server answered 302, expected 206"],
  [
    "sends another range",
    { headers: { etag: '"1"', "content-range": `bytes 0-16383/${SIZE}` } },
    `download: the server sends bytes 0-16383/${SIZE}, expected bytes ${PROOF}/${SIZE}`,
  ],
  [
    "names its file weakly",
    { headers: { etag: 'W/"1"', "content-range": `bytes ${PROOF}/${SIZE}` } },
    'download: the server names its file W/"1", expected a strong ETag',
  ],
  ["is broken", { status: 500 }, "the server answered 500; expected 206"],
  ["sends other bytes", { body: new Uint8Array(16_384).fill(0xa5) }, "image: the 16384 bytes at 16384 are not what was signed"],
  ["sends less", { contentLength: "none", sentBytes: 16_383 }, "the answer ended after 16383 bytes of a chunk; expected 16384"],
  [
    "sends more",
    { contentLength: "none", body: new Uint8Array(20_000) },
    "download: the server sends more, expected what was asked for",
  ],
  ["ends the connection", { sentBytes: 5000, end: "reset" }, ""],
  ["stalls", { sentBytes: 5000, end: "stall" }, "the server sent nothing in time"],
];

describe("an image on trial whose server", () => {
  for (const [name, answer, because] of REFUSALS) {
    it(`${name} is not confirmed, and not sent away before the deadline, nor banned then`, () => {
      const trial = tried(() => answer);
      const { rig } = trial;
      ok(rig.runUntilLine("2.0.0 update failed"));
      ok(rig.linesWith("2.0.0 update failed")[0]!.startsWith(`2.0.0 update failed: ${because}`), rig.device.lines.at(-1));
      equal([rig.node!.updater()!.fetchProof, rig.node!.updater()!.canFetch], ["manifest", false]);
      ok(rig.runUntilLine("1.0.0 boots: software, run"));
      equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)"]);
      equal([rig.inspect().quarantine, rig.linesWith("declined")], [[], []]);
      ok(proofRanges(trial).length > 1, "it tried again in a later round");
    });

    it(`${name} and gets over it is confirmed after all`, () => {
      const trial = tried((index) => (index === 0 ? answer : undefined), { settings: { trialDeadlineMs: 60_000 } });
      demandKept(trial);
      equal([proofRanges(trial), trial.rig.linesWith("2.0.0 update failed").length], [[PROOF, PROOF], 1]);
    });
  }
});

describe("the rounds of an image on trial that got no chunk", () => {
  it("come later and later, as after any failure", () => {
    const trial = tried(() => ({ status: 404 }), { settings: { trialDeadlineMs: 200_000 } });
    ok(trial.rig.runUntilLine("1.0.0 boots: software, run"));
    const waitsMs = trial.rig.linesWith("2.0.0 update failed").map((line) => Number(line.split("again in ")[1]!.split(" ")[0]));
    for (const [index, waitMs] of waitsMs.slice(0, 4).entries()) {
      const doubledMs = 10_000 * 2 ** index;
      ok(waitMs >= doubledMs / 2 && waitMs <= doubledMs, `wait ${index + 1} is ${waitMs} ms`);
    }
    ok(waitsMs.length >= 4, `${waitsMs.length} rounds`);
  });

  it("come no sooner than the server asks", () => {
    const answer = { status: 503, headers: { "retry-after": "40" } };
    const trial = tried((index) => (index === 0 ? answer : undefined), { settings: { trialDeadlineMs: 200_000 } });
    demandKept(trial);
    equal(trial.rig.linesWith("2.0.0 update failed"), [
      "2.0.0 update failed: the server answered 503; expected 206; again in 40000 ms",
    ]);
  });
});

/** 2.0.0 boots on trial, where its server wants something else by then. */
function triedWhere(change: (fleet: Fleet) => void, options: RigOptions = {}): Rig {
  let isChanged = false;
  const rig = startedRig({
    ...options,
    onStart: (started) => {
      if (started.device.life.version !== "2.0.0" || isChanged) return;
      isChanged = true;
      change(started.fleet);
    },
  });
  rig.offer(IMAGE, { version: "2.0.0" });
  ok(rig.runUntilLine("2.0.0 boots: software, trial"), rig.device.lines.join("\n"));
  rig.device.advance(1000);
  return rig;
}

function shownBy(rig: Rig): [string, boolean] {
  const updater = rig.node!.updater()!;
  return [updater.fetchProof, updater.canFetch];
}

describe("what an image on trial has to show", () => {
  it("is that the server answers, where nothing is offered: it may have come by a tool", () => {
    const rig = triedWhere((fleet) => fleet.withdraw());
    equal(shownBy(rig), ["answered", true]);
    ok(rig.runUntilKept("2.0.0"));
  });

  it("is nothing, where the server does not answer", () => {
    const rig = triedWhere((fleet) => {
      fleet.meddle = (subject, good) => (subject === "poll" ? { status: 500 } : good());
    });
    equal(shownBy(rig), ["none", false]);
  });

  it("is a chunk of another image, where that is offered", () => {
    const other = makeImage("3.0.0", { sectorCount: 14 });
    let path = "";
    const rig = triedWhere((fleet) => {
      path = fleet.offer(other, { version: "3.0.0" });
    });
    equal([shownBy(rig), proofRanges({ rig, path })], [["chunk", true], ["32768-49151"]]);
    equal(rig.fleet.reports().at(-1), "scheduled none: the running image has no verdict yet");
    ok(rig.runUntilKept("3.0.0"));
    equal(rig.linesWith("trial: "), ["2.0.0 trial: confirmed (all checks)", "3.0.0 trial: confirmed (all checks)"]);
  });

  it("is that a signed update came, where it is for another device and was declined", () => {
    const declined = triedWhere((fleet) => {
      fleet.offer(makeImage("3.0.0"), { version: "3.0.0", deployment: { device: "B2" } });
    });
    equal(shownBy(declined), ["manifest", true]);
    ok(declined.runUntilKept("2.0.0"));
  });

  it("stays a chunk, where what was offered is withdrawn after it did not come", () => {
    const trial = tried(() => ({ status: 404 }));
    ok(trial.rig.runUntilLine("2.0.0 update failed"));
    trial.rig.fleet.withdraw();
    trial.rig.device.advance(15_000);
    equal(shownBy(trial.rig), ["manifest", false]);
    ok(trial.rig.runUntilLine("1.0.0 boots: software, run"));
    equal(trial.rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)"]);
  });

  it("becomes a chunk, where something is offered after a round with nothing, be it signed by strangers", () => {
    const rig = triedWhere((fleet) => fleet.withdraw(), { settings: { trialUptimeMs: 25_000 } });
    equal(shownBy(rig), ["answered", true]);
    rig.offer(makeImage("3.0.0"), { version: "3.0.0", tamper: (update) => update.fill(0, update.length - 8) });
    rig.device.advance(12_000);
    equal(shownBy(rig), ["answered", false]);
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)"]);
  });

  it("cannot be shown, where the action brings the signed update and no image", () => {
    const rig = triedWhere((fleet) => {
      fleet.serve(fleet.sign(IMAGE, { version: "2.0.0" }), { bytes: IMAGE.subarray(1), version: "2.0.0" });
    });
    equal(shownBy(rig), ["manifest", false]);
    const because = `the action has no artifact of ${SIZE} bytes, expected the image`;
    equal(rig.linesWith(`2.0.0 update failed: ${because}`).length, 1);
    equal(rig.fleet.reports().at(-1), "proceeding none: it runs, on trial");
  });
});

/** A server that asks to be left alone (429 and 503, Retry-After): it is, within the bounds that the device was built with. */
import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { fileOf } from "./fleet.js";
import { makeImage, type Rig, startedRig } from "./rig.js";
import { endureFailures } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
const SECOND_MS = 1000;

function busy(status: 429 | 503 | 500, retryAfter?: string): ScriptedAnswer {
  return { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } };
}

describe("a poll that is answered with 429 or 503", () => {
  const asked: readonly (readonly [retryAfter: string, retryAfterMs: number])[] = [
    ["30", 30 * SECOND_MS],
    ["80", 80 * SECOND_MS],
    ["86400", 86_400 * SECOND_MS],
    ["99999999999999", Number.MAX_SAFE_INTEGER],
  ];
  for (const status of [429, 503] as const) {
    for (const [retryAfter, retryAfterMs] of asked) {
      it(`and Retry-After: ${retryAfter} comes again after that, or the longest wait (${status})`, () => {
        const setUp = (rig: Rig): void => {
          rig.fleet.meddle = () => busy(status, retryAfter);
        };
        const because = `the server answered ${status}; expected 200`;
        endureFailures({ because, setUp }, { requestCount: 1, retryAfterMs });
      });
    }

    it(`and no Retry-After in seconds comes again as after any failure (${status})`, () => {
      for (const retryAfter of [undefined, "0", "-5", "1.5", "soon", "Tue, 24 Nov 2026 12:00:00 GMT", "Infinity"]) {
        const setUp = (rig: Rig): void => {
          rig.fleet.meddle = () => busy(status, retryAfter);
        };
        endureFailures({ because: `the server answered ${status}; expected 200`, setUp }, { requestCount: 1 });
      }
    });
  }

  it("is the only one that may ask for a wait", () => {
    const setUp = (rig: Rig): void => {
      rig.fleet.meddle = () => busy(500, "80");
    };
    endureFailures({ because: "the server answered 500; expected 200", setUp }, { requestCount: 1 });
  });
});

/** When a download asked for the image, where each request for it before the `goodIndex`th is answered like that. */
function requestsWith(answer: ScriptedAnswer, goodIndex: number): { rig: Rig; atMs: number[] } {
  const rig = startedRig();
  const good = fileOf(IMAGE);
  let requestCount = 0;
  const path = rig.offer(IMAGE, {
    version: "2.0.0",
    answer: (request) => (requestCount++ >= goodIndex ? good(request) : answer),
  });
  ok(rig.device.runUntil(() => rig.isKept("2.0.0") || rig.linesWith("update failed").length > 0, 600_000));
  return { rig, atMs: rig.traffic.downloads(path).map((request) => request.atMs) };
}

describe("a chunk that is answered with 429 or 503", () => {
  it("is asked for again after the device's own waits, where the server asks for none", () => {
    const { rig, atMs } = requestsWith(busy(503), 4);
    equal(atMs.length, 5);
    for (let index = 1; index < 5; index++) demandGap(atMs, index, index * SECOND_MS);
    ok(rig.isKept("2.0.0"));
  });

  it("is asked for again after what the server asks for, up to a minute", () => {
    for (const seconds of [20, 60]) {
      const { rig, atMs } = requestsWith(busy(429, String(seconds)), 3);
      equal(atMs.length, 4);
      for (let index = 1; index < 4; index++) demandGap(atMs, index, seconds * SECOND_MS);
      ok(rig.isKept("2.0.0"));
    }
  });

  it("and asks for more is left for a later poll, which comes after that", () => {
    const setUp = (rig: Rig): void => {
      rig.offer(IMAGE, { version: "2.0.0", answer: () => busy(503, "70") });
    };
    const because = "the server answered 503; expected 206";
    endureFailures({ because, setUp }, { requestCount: 5, retryAfterMs: 70 * SECOND_MS });
  });
});

function demandGap(atMs: readonly number[], index: number, waitMs: number): void {
  const gapMs = atMs[index]! - atMs[index - 1]!;
  ok(gapMs >= waitMs && gapMs < waitMs + 100, `request ${index + 1} came after ${gapMs} ms, expected ${waitMs}`);
}

/** A trace ring becomes a Chrome trace that keeps the rules of that format, whatever the ring went through. */

import { type ChromeTraceOptions, chromeTrace, writeChromeTrace } from "../../../src/scheduler/chrome-trace.js";
import type { Priority } from "../../../src/scheduler/task.js";
import type { TraceKind } from "../../../src/scheduler/trace.js";
import { TraceRing } from "../../../src/scheduler/trace-ring.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly s?: string;
  readonly args: Readonly<Record<string, unknown>>;
}
interface Trace {
  readonly displayTimeUnit: string;
  readonly otherData: { readonly overwrittenCount: number };
  readonly traceEvents: readonly TraceEvent[];
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** The trace of a ring, held against the rules of the format. */
function traceOf(ring: TraceRing, options?: ChromeTraceOptions): Trace {
  const trace = JSON.parse(chromeTrace(ring, options)) as Trace;
  equal(trace.displayTimeUnit, "ms");
  let latestUs = 0;
  const busyUntilUs = new Map<number, number>();
  for (const event of trace.traceEvents) {
    const { name, ph, ts, dur, pid, tid } = event;
    ok(typeof name === "string" && name.length > 0, "a name");
    ok(["X", "i", "M"].includes(ph), ph);
    ok(isCount(ts) && Number.isInteger(pid) && Number.isInteger(tid), `${name}: ts, pid, tid`);
    ok(ts >= latestUs, `${name}: sorted by time`);
    latestUs = ts;
    if (ph === "i") equal(event.s, "t");
    if (ph !== "X") continue;
    ok(isCount(dur), `${name}: dur`);
    ok(ts >= (busyUntilUs.get(tid) ?? 0), `${name}: runs of one lane do not overlap`);
    busyUntilUs.set(tid, ts + dur!);
  }
  return trace;
}

function only(trace: Trace, ph: string): TraceEvent[] {
  return trace.traceEvents.filter((event) => event.ph === ph);
}

/** name → tid, of the lanes. */
function lanes(trace: Trace): Map<unknown, number> {
  const names = only(trace, "M").filter(({ name }) => name === "thread_name");
  return new Map(names.map(({ args, tid }) => [args["name"], tid]));
}

describe("scheduler: Chrome trace", () => {
  it("a run is a complete event of its task's lane, in microseconds, with its lateness", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    ring.begin("sample", "high", 9.5, 10.25);
    ring.end(12.75);
    const trace = traceOf(ring);
    equal(only(trace, "X"), [
      {
        ...{ name: "sample", cat: "high", ph: "X", ts: 10_250, dur: 2500, pid: 1, tid: 1 },
        args: { priority: "high", latenessMs: 0.75 },
      } as TraceEvent,
    ]);
    equal(lanes(trace).get("sample"), 1);
  });

  it("a note is an instant event of its task's lane; one about no task has the scheduler's", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    ring.note("wake", "", 1, 0.25);
    ring.note("missed", "sample", 2, 3);
    ring.note("deadline", "sample", 3, 4.5);
    const trace = traceOf(ring);
    const notes = only(trace, "i").map(({ name, ts, tid, args }) => [name, ts, tid, args]);
    equal(notes, [
      ["wake", 1000, 0, { ms: 0.25 }],
      ["missed", 2000, 1, { count: 3 }],
      ["deadline", 3000, 1, { ms: 4.5 }],
    ]);
    equal(lanes(trace).get("scheduler"), 0);
  });

  it("lanes are sorted by priority, then by their first record", () => {
    const ring = new TraceRing({ recordCountMax: 8 });
    for (const [name, priority] of [
      ["l", "low"],
      ["n1", "normal"],
      ["h", "high"],
      ["n2", "normal"],
    ] as const) {
      ring.begin(name, priority, 0, ring.count);
      ring.end(ring.count);
    }
    const trace = traceOf(ring);
    const ranks = only(trace, "M").filter(({ name }) => name === "thread_sort_index");
    const inOrder = ranks.sort((one, other) => Number(one.args["sort_index"]) - Number(other.args["sort_index"]));
    const byId = new Map([...lanes(trace)].map(([name, tid]) => [tid, name]));
    equal(
      inOrder.map(({ tid }) => byId.get(tid)),
      ["scheduler", "h", "n1", "n2", "l"],
    );
  });

  it("a run that has not ended reaches to the present, or to the latest record", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    ring.begin("writer", "low", 100, 100);
    ring.note("budget", "writer", 130, 10);
    const durations = (options?: ChromeTraceOptions) =>
      only(traceOf(ring, options), "X").map(({ dur, args }) => [dur, args["open"]]);
    equal(durations(), [[30_000, true]]);
    equal(durations({ nowMs: 150 }), [[50_000, true]]);
    equal(durations({ nowMs: 120 }), [[30_000, true]], "a present before the latest record is none");
  });

  it("a run whose end was never told reaches to the next run", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    ring.begin("a", "normal", 0, 0);
    ring.note("fault", "a", 1, 0);
    ring.begin("a", "normal", 5, 5);
    ring.end(6);
    equal(
      only(traceOf(ring), "X").map(({ ts, dur }) => [ts, dur]),
      [
        [0, 5000],
        [5000, 1000],
      ],
    );
  });

  it("a run whose begin was overwritten is not there, and the loss is told", () => {
    const ring = new TraceRing({ recordCountMax: 2 });
    ring.begin("long", "low", 0, 0);
    ring.note("starved", "a", 1, 100);
    ring.note("starved", "b", 2, 200);
    ring.end(50);
    const trace = traceOf(ring);
    equal([only(trace, "X").length, only(trace, "i").length, trace.otherData.overwrittenCount], [0, 2, 1]);
  });

  it("rounding lets no run reach into the next one", () => {
    const ring = new TraceRing({ recordCountMax: 400 });
    let nowMs = 0.1;
    while (ring.count < 400) {
      ring.begin("busy", "normal", nowMs, nowMs);
      nowMs += 0.1234567;
      ring.end(nowMs);
    }
    equal(only(traceOf(ring), "X").length, 400);
  });

  it("names of quotes, backslashes, control characters and other scripts come through", () => {
    const names = [
      'say "hi"',
      "back\\slash",
      "line\nbreak\ttab\u0000nul\u001b[31m",
      "Größe 温度 😀",
      "</script>",
      "{}[],:",
      "\u2028",
    ];
    const ring = new TraceRing({ recordCountMax: 16 });
    for (const name of names) {
      ring.begin(name, "normal", 0, ring.count);
      ring.end(ring.count);
    }
    const trace = traceOf(ring, { processName: 'a "device"\n' });
    equal(
      only(trace, "X").map(({ name }) => name),
      names,
    );
    equal([...lanes(trace).keys()], ["scheduler", ...names]);
    equal(only(trace, "M")[0]!.args["name"], 'a "device"\n');
  });

  it("an empty ring is a trace too, and numbers that are none do not break it", () => {
    equal(only(traceOf(new TraceRing({ recordCountMax: 1 })), "M").length, 3);
    const ring = new TraceRing({ recordCountMax: 8 });
    ring.note("wake", "", -1, Number.NaN);
    ring.begin("a", "normal", Number.NEGATIVE_INFINITY, 5);
    ring.end(Number.POSITIVE_INFINITY);
    const trace = traceOf(ring);
    equal(
      trace.traceEvents.slice(-2).map(({ ts, dur, args }) => [ts, dur, args["ms"] ?? args["latenessMs"]]),
      [
        [0, undefined, 0],
        [5000, 0, 0],
      ],
    );
  });

  it("writes one event a piece; joined, the pieces are the trace; what write throws ends it", () => {
    const ring = new TraceRing({ recordCountMax: 50 });
    for (let number = 0; number < 50; number++) ring.note("wake", "", number, 0);
    const pieces: string[] = [];
    writeChromeTrace(ring, (piece) => void pieces.push(piece), { nowMs: 60 });
    equal(pieces.join(""), chromeTrace(ring, { nowMs: 60 }));
    ok(pieces.length >= 50 && Math.max(...pieces.map(({ length }) => length)) < 200, "short pieces");
    let count = 0;
    const full = (): void => {
      if (++count === 3) throw new Error("the link is down");
    };
    throws(() => writeChromeTrace(ring, full), /the link is down/);
    equal(count, 3);
  });

  it("keeps the rules for a ring of any size that was told anything", () => {
    const priorities: readonly Priority[] = ["high", "normal", "low"];
    const kinds: readonly TraceKind[] = ["deadline", "budget", "starved", "missed", "fault", "wake"];
    let state = 1;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) % limit;
    };
    for (let round = 0; round < 60; round++) {
      const ring = new TraceRing({ recordCountMax: 1 + below(12) });
      let nowMs = 0;
      for (let step = 0; step < 40; step++) {
        nowMs += below(1000) / 300;
        const choice = below(3);
        if (choice === 0) ring.begin(`task ${below(4)}`, priorities[below(3)]!, nowMs - below(9), nowMs);
        else if (choice === 1) ring.end(nowMs);
        else ring.note(kinds[below(6)]!, below(2) === 0 ? "" : `task ${below(5)}`, nowMs, below(100));
      }
      const trace = traceOf(ring, { nowMs });
      equal(only(trace, "X").length + only(trace, "i").length, ring.count);
    }
  });
});

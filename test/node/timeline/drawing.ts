/** The timeline's picture: well-formed whatever the trace holds, small however long it is, and with everything at its place. */
import { readFileSync } from "node:fs";
import { drawTrace, type Window } from "../../../cli/timeline/drawing.js";
import { parseTrace } from "../../../cli/timeline/trace-file.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { DRAWING, sceneDrawing } from "./scene.js";

type Event = Readonly<Record<string, unknown>>;

function lane(tid: number, name: string, sortIndex = 0): Event[] {
  return [
    { name: "thread_name", ph: "M", pid: 1, tid, args: { name } },
    { name: "thread_sort_index", ph: "M", pid: 1, tid, args: { sort_index: sortIndex } },
  ];
}

/** Times in ms. */
function run(tid: number, name: string, fromMs: number, durationMs: number, args: Event = {}): Event {
  return { name, ph: "X", ts: 1000 * fromMs, dur: 1000 * durationMs, pid: 1, tid, args };
}

function mark(tid: number, name: string, atMs: number, args: Event = {}): Event {
  return { name, ph: "i", s: "t", ts: 1000 * atMs, pid: 1, tid, args };
}

function draw(traceEvents: readonly Event[], window?: Window): string {
  const trace = parseTrace(JSON.stringify({ traceEvents }));
  return checked(drawTrace(trace, window ?? trace, "trace.json"));
}

/** Fails unless the text is one XML element, its tags in pairs, its attributes in quotes, and nothing in it that XML lacks. */
function checked(svg: string): string {
  const open: string[] = [];
  let rest = svg.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not be there.
  ok(!/[\u0000-\u0008\u000b-\u001f\ud800-\udfff]/u.test(svg), "no character that XML has no place for");
  while (rest.length > 0) {
    const tag = /^<(\/?)([a-z]+)((?: [A-Za-z:-]+="[^"<]*")*)(\/?)>/.exec(rest);
    const text = /^[^<]+/.exec(rest)?.[0];
    const part = tag?.[0] ?? text ?? "";
    ok(part.length > 0, `well-formed at ${rest.slice(0, 60)}`);
    ok(!/&(?!(?:amp|lt|gt|quot);)/.test(part), `entities in ${part}`);
    ok(!/NaN|Infinity|undefined/.test(part.replace(/>.*/, "")), part);
    if (tag?.[1] === "/") equal(open.pop(), tag[2]);
    else if (tag && tag[4] === "") open.push(tag[2]!);
    rest = rest.slice(part.length);
    ok(open.length > 0 || rest === "", "one root");
  }
  return svg;
}

function count(svg: string, part: string): number {
  return svg.split(part).length - 1;
}

/** Where the names of the lanes stand, from the top. */
function laneNames(svg: string): string[] {
  return [...svg.matchAll(/class="name"><title>([^<]*)<\/title>/g)].map(([, name]) => name!);
}

describe("timeline: the picture", () => {
  it("the guide's drawing is the one that this code draws: npx tsx test/node/timeline/scene.ts makes it anew", () => {
    equal(readFileSync(DRAWING, "utf8"), checked(sceneDrawing()));
  });

  it("a lane a task, in the order of the trace's sort indices", () => {
    const events = [...lane(1, "log", 30), ...lane(2, "control", 10), ...lane(3, "empty", 5), ...lane(4, "send", 20)];
    equal(laneNames(draw([...events, run(1, "log", 0, 1), run(2, "control", 2, 1), mark(4, "starved", 3)])), [
      "control",
      "send",
      "log",
    ]);
  });

  it("lanes without names are called by their threads, and of several processes by both", () => {
    equal(laneNames(draw([{ ...run(7, "a", 0, 1) }])), ["thread 7"]);
    const process = { name: "process_name", ph: "M", pid: 2, args: { name: "host" } };
    const other = { ...run(1, "b", 1, 1), pid: 2, tid: "main" };
    equal(laneNames(draw([process, run(1, "a", 0, 1), other])), ["process 1: thread 1", "host: thread main"]);
    equal(laneNames(draw([{ name: "a", ph: "X", ts: 0, dur: 5 }])), ["thread 0"], "neither pid nor tid");
  });

  it("a bar is where its run is, in the colour of its priority, and tells the exact times", () => {
    const svg = draw([
      run(1, "a", 0, 100, { priority: "high" }),
      run(1, "a", 150, 25, { priority: "low", latenessMs: 20, open: true }),
      { ...run(1, "a", 180, 20), cat: "normal" },
    ]);
    ok(svg.includes('<rect x="150" y="18" width="377" height="15" rx="2" fill="#1d4e89">'), "0 to 100 of 200 ms");
    ok(svg.includes('<rect x="715.5" y="18" width="94.25" height="15" rx="2" fill="#a5c8e4" stroke="#1f2937"'), "150 to 175");
    ok(svg.includes("<title>a: at 150 ms for 25 ms, 20 ms late, low, not ended</title>"), "its words");
    ok(svg.includes("M640.1 25.5H715.5M640.1 21.5V29.5"), "it waits from 130 on");
    equal(
      ["high", "normal", "low", "due, waits"].map((word) => count(svg, `class="quiet">${word}<`)),
      [1, 1, 1, 1],
    );
    ok(svg.includes(">3 runs<") && svg.includes(">72.5 %<"), "figures");
  });

  it("runs without a priority have the lane's colour, and no legend", () => {
    const svg = draw([run(1, "a", 0, 10), run(2, "b", 10, 10)]);
    ok(svg.includes('fill="#4a90c9"><title>a:') && svg.includes('fill="#5aa469"><title>b:'), svg);
    equal(count(svg, 'class="quiet">normal<'), 0);
  });

  it("each kind of mark has its sign and its words in the legend", () => {
    const kinds = ["deadline", "budget", "starved", "missed", "fault", "wake", "something"];
    const svg = draw([run(1, "a", 0, 1000), ...kinds.map((kind, index) => mark(1, kind, 100 * (index + 1), { ms: index }))]);
    const words = ["deadline missed", "ran too long", "starved", "periods missed", "fault", "timer expired", "other event"];
    equal(
      words.map((word) => count(svg, `class="quiet">${word}<`)),
      [1, 1, 1, 1, 1, 1, 1],
    );
    ok(svg.includes("<title>budget at 200 ms: ms 1</title>") && svg.includes("<title>something at 700 ms: ms 6</title>"), svg);
  });

  it("marks too near for signs of their own share a place: their number, or the gravest two kinds", () => {
    const many = draw([run(1, "a", 0, 1000), ...[0, 1, 2, 3].map((at) => mark(1, "deadline", 500 + at))]);
    equal(count(many, 'd="M-5-4H5L0 5Z"'), 2, "in the legend and once in the lane");
    ok(many.includes('class="sum">4<'), many);
    const mixed = ["wake", "starved", "fault", "deadline"].map((kind, index) => mark(1, kind, 500 + index));
    const svg = draw([run(1, "a", 0, 1000), ...mixed]);
    equal([count(svg, "<title>fault at"), count(svg, "<title>deadline at"), count(svg, "<title>starved at")], [1, 1, 0]);
    ok(svg.includes('class="sum">+<'), "and more");
  });

  it("a window shows what is in it, cut at its edges", () => {
    const events = [
      run(1, "a", 0, 100),
      run(1, "b", 200, 10),
      mark(1, "fault", 205),
      mark(1, "wake", 290),
      run(1, "c", 300, 9),
    ];
    const svg = draw(events, { fromMs: 50, toMs: 250 });
    ok(svg.includes('<rect x="150" y="18" width="188.5"'), "a from the edge on");
    equal(
      ["<title>a:", "<title>b:", "<title>c:", "<title>wake"].map((part) => count(svg, part)),
      [1, 1, 0, 0],
    );
    ok(svg.includes("50 ms to 250 ms, 200 ms · 2 runs"), svg.slice(0, 900));
    ok(svg.includes(">2 runs<") && svg.includes(">30.0 %<"), "figures of the window");
  });

  it("a run within a run is drawn within its bar and counted once", () => {
    const svg = draw([run(1, "outer", 0, 100), run(1, "inner", 20, 50), run(1, "innermost", 30, 10)]);
    ok(svg.includes('y="20.5" width="377" height="10"') && svg.includes('y="23" width="75.4" height="5"'), svg);
    ok(svg.includes(">100.0 %<"), "busy");
  });

  it("ten thousand runs are a small picture", () => {
    const events = Array.from({ length: 10_000 }, (_, index) => run(1, "a", index, 0.5, { priority: "high" }));
    const marks = Array.from({ length: 10_000 }, (_, index) => mark(1, "wake", index, { ms: index }));
    const svg = draw([...events, ...marks]);
    ok(svg.length < 60_000, `${svg.length} characters`);
    ok(svg.includes("10000 runs"), "and says how many there are");
  });

  it("names of markup, quotes and control characters are only text", () => {
    const name = '<script>alert("&")</script>\u0000\u001b[31m\ud800 Größe 温度 ]]>';
    const args = { [name]: name, list: [], nothing: null };
    const process = { name: "process_name", ph: "M", pid: 1, args: { name } };
    const svg = draw([process, ...lane(1, name), run(1, name, 0, 1), mark(1, name, 0.5, args)]);
    ok(
      !svg.includes("<script") && svg.includes("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;??[31m? Größe 温度"),
      svg,
    );
  });

  it("what the ring had to overwrite is told, and a trace without a name is called by its file", () => {
    const trace = { traceEvents: [run(1, "a", 0, 1)], otherData: { overwrittenCount: 12 } };
    const parsed = parseTrace(JSON.stringify(trace));
    const svg = checked(drawTrace(parsed, parsed, "board-3.json"));
    ok(svg.includes("12 earlier records were overwritten") && svg.includes(">board-3.json<"), svg);
  });
});

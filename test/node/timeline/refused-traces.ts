/** What is no Chrome trace is refused with one sentence: which event, what was found, what was expected. */
import { parseTrace } from "../../../cli/timeline/trace-file.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const RUN = { name: "a", ph: "X", ts: 0, dur: 5, pid: 1, tid: 1 };
const MARK = { name: "wake", ph: "i", ts: 0, pid: 1, tid: 1 };

describe("timeline: refused traces", () => {
  it("each fault has its sentence", () => {
    const refusals: readonly (readonly [content: unknown, message: string | RegExp])[] = [
      ["", /^found no JSON \(.*\), expected a Chrome trace, \{ "traceEvents": \[ … \] \}$/],
      ['{"traceEvents":[', /^found no JSON \(/],
      ["7", /^found 7, expected a Chrome trace/],
      ["null", /^found null, expected a Chrome trace/],
      [{}, /^found traceEvents: nothing, expected a Chrome trace/],
      [{ traceEvents: {} }, /^found traceEvents: an object, expected a Chrome trace/],
      [{ traceEvents: "[]" }, /^found traceEvents: "\[\]", expected a Chrome trace/],
      [{ traceEvents: [] }, /^found no event of the kinds X and i, expected a Chrome trace/],
      [[{ name: "counter", ph: "C", ts: 1 }], /^found no event of the kinds X and i/],
      [[RUN, 7], "traceEvents[1]: found 7, expected an object with name, ph and ts"],
      [[null], "traceEvents[0]: found null, expected an object with name, ph and ts"],
      [[{ ...RUN, ph: undefined }], 'traceEvents[0] "a": found ph: nothing, expected the kind of the event, X, i or M'],
      [[RUN, { ...RUN, ts: undefined }], 'traceEvents[1] "a": found ts: nothing, expected microseconds, a number'],
      [[{ ...RUN, ts: "5" }], 'traceEvents[0] "a": found ts: "5", expected microseconds, a number'],
      [[{ ...RUN, dur: undefined }], 'traceEvents[0] "a": found dur: nothing, expected microseconds, a number'],
      [[{ ...RUN, dur: -1 }], 'traceEvents[0] "a": found dur: -1, expected microseconds, 0 or more'],
      [[{ ...MARK, ts: undefined }], 'traceEvents[0] "wake": found ts: nothing, expected microseconds, a number'],
      ['[{"ph":"X","ts":1e999,"dur":1}]', "traceEvents[0]: found ts: null, expected microseconds, a number"],
    ];
    for (const [content, expected] of refusals) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      const { message } = throws(() => parseTrace(text), "corrupt") as Error;
      ok(typeof expected === "string" ? message === expected : expected.test(message), `${text}: ${message}`);
      ok(!message.includes("\n"), message);
    }
  });

  it("a trace is taken as an object or as its bare list, with the old sign of an instant, and other kinds are counted", () => {
    const events = [RUN, { ...MARK, ph: "I" }, { name: "b", ph: "B", ts: 1 }, { name: "b", ph: "E", ts: 2 }];
    for (const document of [events, { traceEvents: events, metadata: { any: "thing" } }]) {
      const trace = parseTrace(JSON.stringify(document));
      equal([trace.lanes.length, trace.passedOverCount, trace.overwrittenCount], [1, 2, 0]);
      equal([trace.lanes[0]!.runs.length, trace.lanes[0]!.marks.length], [1, 1]);
    }
  });
});

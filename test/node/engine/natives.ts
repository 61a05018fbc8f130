/** What the adapters get from C: requests, texts, and exact counters. */
import { encodeFrame } from "../../../hosts/node/simulator/rpc.js";
import { Status } from "../../../hosts/simulated/wire.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();
/** Beyond all real operations. */
const ECHO = 90;
const REFUSE = 91;
const NOTHING = 92;

function requests(bench: RigBench): void {
  it("sends numbers and bytes and gives the reply's bytes", async () => {
    const rig = bench.start({
      application: `
        export default ({ native, say }) => {
          const bytes = Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4);
          const reply = native.call(${ECHO}, 4294967295, 7, bytes);
          say("reply " + (reply instanceof ArrayBuffer) + " " + new Uint8Array(reply).join());
          say("buffer " + new Uint8Array(native.call(${ECHO}, 0, 0, bytes.slice().buffer)).join());
          say("empty " + native.call(${ECHO}, 0, 0).byteLength);
          say("nothing " + native.call(${NOTHING}, 0, 0));
          native.send(${NOTHING}, 1, 2, bytes);
        };`,
      answer: (frame) =>
        frame.code === NOTHING
          ? encodeFrame(frame.first === 1 ? 9 : Status.nothing)
          : encodeFrame(Status.done, 0, 0, frame.bytes),
    });
    equal(await rig.line("reply "), "true 1,2,3");
    equal(await rig.line("buffer "), "1,2,3");
    equal(await rig.line("empty "), "0");
    equal(await rig.line("nothing "), "undefined");
    equal([rig.frames[0]!.first, rig.frames[0]!.second], [4294967295, 7]);
  });

  it("throws an Error with the whole text of a refusal", async () => {
    const text = `grüß: ${"long ".repeat(60)}end`;
    const rig = bench.start({
      application: `
        export default ({ native, say }) => {
          try { native.call(${REFUSE}, 0, 0); } catch (error) { say("got " + (error instanceof Error) + " " + error.message); }
        };`,
      answer: () => encodeFrame(Status.refused, 0, 0, Buffer.from(text, "utf8")),
    });
    equal(await rig.line("got "), `true ${text}`);
  });

  it("moves a quarter of a megabyte both ways", async () => {
    const rig = bench.start({
      application: `
        export default ({ native, say }) => {
          const reply = new Uint8Array(native.call(${ECHO}, 0, 0, new Uint8Array(250000).fill(5)));
          say("got " + reply.length + " " + reply.every((byte) => byte === 5));
        };`,
      parameters: ["--heap", "2000000"],
      answer: (frame) => encodeFrame(Status.done, 0, 0, frame.bytes),
    });
    equal(await rig.line("got "), "250000 true");
  });

  it("refuses wrong arguments before anything is sent", async () => {
    const calls = [
      "native.call(256, 0, 0)",
      "native.call(-1, 0, 0)",
      "native.call(1.5, 0, 0)",
      "native.call('1', 0, 0)",
      "native.call(90, 4294967296, 0)",
      "native.call(90, 0, NaN)",
      "native.call()",
      "native.call(90, 0, 0, 'text')",
      "native.call(90, 0, 0, new Uint16Array(2))",
      "native.send(90, 0, 0, {})",
      "native.wakeAt(NaN)",
      "native.listen(1, 2)",
      "native.listen(() => {})",
      "native.utf8Encode(1)",
      "native.utf8Decode({})",
    ];
    const rig = bench.start(`
      export default ({ native, say }) => {
        const refused = [${calls.map((call) => `() => ${call}`).join()}].map((body) => {
          try { body(); return false; } catch { return true; }
        });
        native.listen(() => {}, () => {});
        try { native.listen(() => {}, () => {}); } catch (error) { say("again " + error.message); }
        say("refused " + refused.join());
      };`);
    equal(await rig.line("again "), "native.listen: called before; expected to be called once");
    equal(await rig.line("refused "), calls.map(() => "true").join());
    equal(rig.frames, []);
  });
}

function texts(bench: RigBench): void {
  it("turns text to UTF-8 and back, zero and characters beyond 16 bits included", async () => {
    const rig = bench.start(`
      const texts = ["", "a\\0b", "grüß", "\\u20AC", "\\u{1F600}x"];
      export default ({ native, say }) => {
        say("bytes " + texts.map((text) => new Uint8Array(native.utf8Encode(text)).join(".")).join(" "));
        say("same " + texts.map((text) => native.utf8Decode(native.utf8Encode(text)) === text).join());
        say("surrogate " + new Uint8Array(native.utf8Encode("\\uD800")).join("."));
      };`);
    const encoded = ["", "a\0b", "grüß", "\u20AC", "\u{1F600}x"].map((text) => Buffer.from(text, "utf8").join("."));
    equal(await rig.line("bytes "), encoded.join(" "));
    equal(await rig.line("same "), "true,true,true,true,true");
    equal(await rig.line("surrogate "), "239.191.189");
  });

  it("replaces what is no UTF-8 exactly as TextDecoder does", async () => {
    const broken = [
      [0x80],
      [0xc0, 0x80],
      [0xc1, 0xbf],
      [0xe2, 0x82],
      [0xe2, 0x82, 0x41],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f, 0x98],
      [0xf0, 0x80, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0x41, 0xff, 0x42],
      [0xef, 0xbb, 0xbf, 0x41],
    ];
    const rig = bench.start(`
      const broken = ${JSON.stringify(broken)};
      export default ({ native, say }) => {
        const pointsOf = (bytes) => [...native.utf8Decode(Uint8Array.from(bytes))].map((c) => c.codePointAt(0)).join(".");
        say("points " + broken.map(pointsOf).join(" "));
      };`);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const expected = broken.map((bytes) => [...decoder.decode(Uint8Array.from(bytes))].map((c) => c.codePointAt(0)).join("."));
    equal(await rig.line("points "), expected.join(" "));
  });
}

function counters(bench: RigBench): void {
  it("counts slots and chunk bytes exactly: the figures known of the engine", async () => {
    const rig = bench.start(`
      const kept = [];
      kept.length = 100;
      const costs = { object: () => ({}), twoFields: () => ({ a: 1, b: 2 }), array: () => [1, 2], map: () => new Map(),
        bytes: () => new Uint8Array(16), none: () => 1 };
      const before = {}, after = {};
      export default ({ native, say }) => {
        native.statistics(before); native.statistics(after);
        let index = 0;
        for (const make of Object.values(costs)) kept[index++] = make();
        native.collect();
        for (const [title, make] of Object.entries(costs)) {
          native.collect(); native.statistics(before);
          kept[index++] = make();
          native.collect(); native.statistics(after);
          say(title + " " + (after.slots - before.slots));
        }
        say("all");
      };`);
    await rig.line("all");
    equal(rig.lines, ["object 1", "twoFields 3", "array 2", "map 4", "bytes 7", "none 0", "all"]);
  });

  it("reads its own counters without allocating", async () => {
    const rig = bench.start(`
      const first = {}, second = {};
      export default ({ native, say }) => {
        native.statistics(first); native.statistics(second);
        native.statistics(first);
        for (let turn = 0; turn < 100; turn++) { native.statistics(second); native.meter(); native.now(); }
        say("grown " + (second.slots - first.slots) + " " + (second.chunkBytes - first.chunkBytes));
        say("fields " + Object.keys(second).sort());
        say("whole " + Object.values(second).every((value) => value >= 0 && Number.isInteger(value)));
      };`);
    equal(await rig.line("grown "), "0 0");
    equal(
      await rig.line("fields "),
      "chunkBytes,chunkPeak,gcCount,keyCount,meter,parserPeakBytes,slotBytes,slotPeak,slotSizeBytes,slots,stackPeak",
    );
    equal(await rig.line("whole "), "true");
  });

  it("meters the same work with the same number in every process, and line breaks cost nothing", async () => {
    const work = (gap: string): string => `
      export default ({ native, say }) => {${gap}
        const from = native.meter();${gap}
        let sum = 0;${gap}
        for (let index = 0; index < 1000; index++) { sum += index; }${gap}
        say("meter " + (native.meter() - from));
      };`;
    const [plain, again, spaced] = await Promise.all([" ", " ", "\n\n\n"].map((gap) => bench.start(work(gap)).line("meter ")));
    ok(Number(plain) > 1000 && Number(plain) < 20_000, plain);
    equal([again, spaced], [plain, plain]);
  });

  it("meters the application's machine alone, whatever the preload did", async () => {
    const application = "export default ({ native, say }) => say('meter ' + native.meter());";
    const waits = "export const late = await Promise.resolve(1);";
    const [plain, awaited] = await Promise.all(
      [bench.start(application), bench.start({ preload: waits, application })].map((rig) => rig.line("meter ")),
    );
    equal(awaited, plain);
  });

  it("sees the engine's stack, collections and peaks move", async () => {
    const rig = bench.start(`
      export default ({ native, say }) => {
        const deep = (depth) => (depth > 0 ? 1 + deep(depth - 1) : 0);
        const before = native.statistics();
        deep(30);
        for (let index = 0; index < 20000; index++) ({ index });
        const after = native.statistics();
        say("moved " + [after.stackPeak - before.stackPeak > 100, after.gcCount > before.gcCount, after.slotPeak > before.slots,
          after.slotPeak >= after.slots, after.slotBytes === after.slots * after.slotSizeBytes].join());
      };`);
    equal(await rig.line("moved "), "true,true,true,true,true");
  });

  it("idles on top of the preload with few slots and no chunk", async () => {
    const rig = bench.start(`
      export default ({ native, say }) => {
        native.collect();
        const { slots, chunkBytes } = native.statistics();
        say("idle " + slots + " " + chunkBytes);
      };`);
    const [slots, chunkBytes] = (await rig.line("idle ")).split(" ").map(Number);
    ok(slots! <= 110, `${slots} slots`);
    equal(chunkBytes, 0);
  });
}

if (program !== undefined) {
  const bench = new RigBench(program);
  for (const [title, specs] of Object.entries({ requests, texts, counters })) {
    describe(`engine: natives: ${title}`, () => {
      afterEach(() => bench.stop());
      specs(bench);
    });
  }
}

/**
 * Garbage collections of the application's heap leave alone what lies in the shared machine.
 *
 * Symptom: after a collection, the string "concat" that an application held read "configurable", the built-in name next to it.
 * Cause: the string's bytes are a chunk of the shared machine, and the application's collector took them for its own: it
 * followed the header of the chunk to where it thought that it had moved. Held over a collection, every kind of value that
 * has bytes in a chunk shows it: names, computed strings, BigInts, and the copies that a write makes of a buffer or a RegExp.
 */
import { equal } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();

const PRELOAD = `
  const part = "com";
  export const computed = [part + "puted", part + "bined"];
  export const big = 2n ** 70n;
  export const table = { concat: 1, module: 2, [part + "pound"]: 3 };
  export const buffer = Uint8Array.of(1, 2, 3).buffer;
  export const pattern = /(b+)/g;
  export const map = new Map([["key" + part, "value" + part]]);
  export const error = new Error("made " + part);
`;

const APPLICATION = `
  import * as preload from "./preload.js";
  const { computed, big, table, buffer, pattern, map, error } = preload;
  const show = () => {
    pattern.lastIndex = 0;
    return [computed.join(), big, Object.keys(table).join(), new Uint8Array(buffer).join(), pattern.exec("abbc")[1],
      [...map].join(), error.message, typeof map, Object.keys(preload).join()].map(String).join(" ");
  };
  export default ({ native, say }) => {
    const held = [...Object.keys(table), ...computed, big, computed[0].slice(1), error.message, error.stack];
    const before = [show(), held.map(String).join()];
    buffer.extra = 1;
    map.extra = 2;
    table.added = computed[1];
    computed.push("third");
    for (let turn = 0; turn < 20; turn++) {
      for (let index = 0; index < 200; index++) ("garbage " + index).toUpperCase();
      native.collect();
    }
    delete table.added;
    computed.pop();
    say("same " + (before[0] === show()) + " " + (before[1] === held.map(String).join()));
    say("show " + show());
  };
`;

if (program !== undefined) {
  describe("engine: collections spare the preload", () => {
    const bench = new RigBench(program);
    afterEach(() => bench.stop());

    it("keeps names, texts, numbers, buffers and patterns of the preload over many collections", async () => {
      const rig = bench.start({ preload: PRELOAD, application: APPLICATION });
      equal(await rig.line("same "), "true true");
      equal(
        await rig.line("show "),
        "computed,combined 1180591620717411303424 concat,module,compound 1,2,3 bb keycom,valuecom made com object " +
          "big,buffer,computed,error,map,pattern,table",
      );
    });

    it("moves the application's own chunks and loses none", async () => {
      const rig = bench.start(`
        export default ({ native, say }) => {
          const kept = [];
          for (let round = 0; round < 30; round++) {
            for (let index = 0; index < 100; index++) ("x" + index).repeat(20);
            kept.push("kept " + round);
            native.collect();
          }
          say("sum " + kept.every((text, index) => text === "kept " + index));
        };`);
      equal(await rig.line("sum "), "true");
    });
  });
}

/** A boot on the engine: preload from the slot, shared; then the adapters; then the application; and nothing but these. */
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip, imageOf, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();

function specs(bench: RigBench): void {
  afterEach(() => bench.stop());

  it("hands native and the application's main to the adapters' boot", async () => {
    const rig = bench.start({
      host: `export function boot(native, main) {
        main({ native, say: (line) => native.send(12, 0, 0, native.utf8Encode(line)) });
      }`,
      application: `
        export default function main({ say, native }) {
          say("hello " + native.hello);
          say("natives " + Object.getOwnPropertyNames(native).join());
          say("prototype " + Object.getPrototypeOf(native));
          say("frozen " + Object.isFrozen(native));
        }`,
    });
    equal(await rig.line("hello "), '{"greeting":"grüß dich"}');
    equal(
      await rig.line("natives "),
      "call,send,now,wakeAt,listen,statistics,collect,meter,utf8Encode,utf8Decode,hello",
      "what native is, is all it is",
    );
    equal(await rig.line("prototype "), "null");
    equal(await rig.line("frozen "), "true");
  });

  it("gives the application the preload's exports, its namespace and its live bindings", async () => {
    const rig = bench.start({
      preload: "export let count = 1; export const bump = () => ++count; export class Base { get kind() { return 'base'; } }",
      application: `
        import * as preload from "./preload.js";
        import { bump, count, Base } from "./preload.js";
        class Mine extends Base {}
        bump();
        export default ({ say }) => say(["got", count, preload.bump(), new Mine().kind, Object.keys(preload)].join(" "));`,
    });
    equal(await rig.line("got "), "2 3 base Base,bump,count");
  });

  it("waits for top-level await in the preload and in the application", async () => {
    const rig = bench.start({
      preload: "export const early = await Promise.resolve('early');",
      application: `
        import { early } from "./preload.js";
        const late = await Promise.resolve("late");
        export default ({ say }) => say("got " + early + " " + late);`,
    });
    equal(await rig.line("got "), "early late");
  });

  it("loads a preload of hundreds of functions, whose code and names cost the application nothing", async () => {
    const application = `
      import { f1, f499 } from "./preload.js";
      export default ({ native, say }) => {
        native.collect();
        say(["idle", f1(1), f499(1), native.statistics().slots].join(" "));
      };`;
    const preloadOf = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) => `export const f${index} = (x) => x + ${index} + " text ${index}".length;`,
      ).join("\n");
    const large = await bench.start({ preload: preloadOf(500), application }).line("idle ");
    const larger = await bench.start({ preload: preloadOf(900), application }).line("idle ");
    equal(large, larger, "400 more functions in the preload");
    ok(large.startsWith("9 509 "), large);
  });

  it("shows the language, and no global of a computer, of SES or of this host", async () => {
    const rig = bench.start(`
      const names = ["console", "setTimeout", "print", "native", "boot", "TextEncoder", "structuredClone", "queueMicrotask",
        "harden", "lockdown", "petrify", "process", "require", "WebAssembly", "Intl", "performance", "fetch"];
      export default ({ say }) => {
        say("strange " + names.filter((name) => name in globalThis));
        say("own " + Object.getOwnPropertyNames(globalThis));
        say("language " + ["Promise", "Uint8Array", "Map", "WeakRef", "BigInt", "Proxy"].every((name) => name in globalThis));
      };`);
    equal(await rig.line("strange "), "");
    equal(await rig.line("own "), "global,globalThis");
    equal(await rig.line("language "), "true");
  });

  it("strips names and lengths of functions, as a device's image does", async () => {
    const rig = bench.start(
      "export default function main({ say }) { say(['got', main.name, main.length, Map.name].map(String).join(' ')); }",
    );
    equal(await rig.line("got "), "undefined undefined undefined");
  });

  it("refuses code from strings", async () => {
    const rig = bench.start(`
      export default ({ say }) => {
        for (const make of [() => (0, eval)("1"), () => Function("return 1")]) {
          try { make(); say("ran"); } catch (error) { say("refused " + error); }
        }
        say("end");
      };`);
    await rig.line("end");
    equal(
      rig.lines.filter((line) => line !== "end"),
      Array(2).fill("refused SyntaxError: no code from strings: a device has no compiler"),
    );
  });

  it("reads nothing of the flash but what leads to the bundles", async () => {
    const preload = "export const nothing = 0;";
    const application = "export default ({ say }) => say('up');";
    const rig = bench.start({ slot: imageOf(preload, application), application });
    await rig.line("up");
    const bytes = rig.flashReads.reduce((sum, [, byteLength]) => sum + byteLength, 0);
    equal(bytes, 24 + 2 * 8 + 2 * 12 + preload.length + application.length);
  });
}

if (program !== undefined) describe("engine: boot order", () => specs(new RigBench(program)));

/** Whatever ends a boot ends it with one line that says what and where; then the process waits to be killed. */
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip, imageOf, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();
const MAIN = "export default () => {};";

function exceptions(bench: RigBench): void {
  it("names message, file and line of an exception in main", async () => {
    const line = await bench.abortOf("export default function main() {\n  const nothing = undefined;\n\n  nothing.field;\n}\n");
    ok(/^unhandled exception: TypeError: .* \(application\.js:4\)$/.test(line), line);
  });

  it("names the line of the call and not the one after it, for an exception that a built-in throws", async () => {
    const line = await bench.abortOf("export default () => {\n  [1].map(\n    1);\n  let after;\n};\n");
    ok(/^unhandled exception: TypeError: .* \(application\.js:[23]\)$/.test(line), line);
  });

  it("names the preload's line for an exception in the preload's function", async () => {
    const line = await bench.abortOf({
      preload: "\n\nexport function fail() {\n  throw new RangeError('too far');\n}",
      application: "import { fail } from './preload.js';\nexport default () => fail();",
    });
    equal(line, "unhandled exception: RangeError: too far (preload.js:4)");
  });

  it("names what is thrown while a module is evaluated: preload, adapters, application", async () => {
    equal(
      await bench.abortOf({ preload: "\nthrow new Error('p');", application: MAIN }),
      "unhandled exception: Error: p (preload.js:2)",
    );
    equal(
      await bench.abortOf({ host: "throw new Error('h');", application: MAIN }),
      "unhandled exception: Error: h (host.js:1)",
    );
    equal(await bench.abortOf("throw new Error('a');"), "unhandled exception: Error: a (application.js:1)");
  });

  it("shows what is no Error, keeps to one line, and survives what cannot be shown", async () => {
    equal(await bench.abortOf("export default () => { throw 'a\\nb'; };"), "unhandled exception: a b");
    equal(
      await bench.abortOf("export default () => { throw { toString() { throw 1; } }; };"),
      "unhandled exception: a value that cannot be shown",
    );
  });

  it("aborts for an exception in a promise job's reaction and for a rejection that nobody handles", async () => {
    equal(
      await bench.abortOf("export default async () => {\n  await undefined;\n  throw new Error('late');\n};"),
      "unhandled rejection: Error: late (application.js:3)",
    );
    equal(await bench.abortOf("export default () => { Promise.reject(7); };"), "unhandled rejection: 7");
    equal(await bench.abortOf(`Promise.reject(8); ${MAIN}`), "unhandled rejection: 8");
  });

  it("does not abort for a rejection that is handled within the same turn", async () => {
    const rig = bench.start(`
      export default ({ say }) => {
        const late = Promise.reject(1);
        Promise.resolve().then(() => late.catch((reason) => say("caught " + reason)));
      };`);
    equal(await rig.line("caught "), "1");
    equal(rig.aborts, []);
  });

  it("aborts for an exception in onWake and in onEvent", async () => {
    const wake =
      "export default ({ native }) => { native.listen(() => { throw new Error('wake'); }, () => {}); native.wakeAt(0); };";
    equal(await bench.abortOf(wake), "unhandled exception: Error: wake (application.js:1)");
  });
}

function modules(bench: RigBench): void {
  it("names file, line and message of a syntax error", async () => {
    const line = await bench.abortOf("export default () => {};\n\nlet 2amCount;\n");
    ok(/^unhandled exception: SyntaxError: .+ \(application\.js:3\)$/.test(line), line);
    const inPreload = await bench.abortOf({ preload: "export const a = ;", application: MAIN });
    ok(/^unhandled exception: SyntaxError: .+ \(preload\.js:1\)$/.test(inPreload), inPreload);
  });

  it("refuses an application without a main, and adapters without a boot", async () => {
    const text = "the application exports no main; expected a function as its default export";
    equal(await bench.abortOf("export const main = 1;"), text);
    equal(await bench.abortOf("export default 1;"), text);
    equal(
      await bench.abortOf({ host: "export default 1;", application: MAIN }),
      "the host module exports no boot; expected a function of that name",
    );
  });

  it("refuses every import but the preload, by name", async () => {
    equal(
      await bench.abortOf(`import "./other.js"; ${MAIN}`),
      "unhandled exception: ReferenceError: application.js imports ./other.js; expected nothing but ./preload.js",
    );
    equal(
      await bench.abortOf({ preload: "import 'fs';", application: MAIN }),
      "unhandled exception: ReferenceError: preload.js imports fs; expected no import",
    );
    const missing = await bench.abortOf(`import { absent } from "./preload.js"; ${MAIN}`);
    equal(missing, "unhandled exception: SyntaxError: import absent not found");
  });

  it("says so where a top-level await never settles", async () => {
    equal(
      await bench.abortOf(`await new Promise(() => {}); ${MAIN}`),
      "application.js does not finish loading: expected its top-level await to settle by promise jobs alone",
    );
  });
}

function images(bench: RigBench): void {
  const application = MAIN;
  const good = imageOf("export {};", MAIN);
  const changed = (offset: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[offset] = value;
    return bytes;
  };
  /** The first segment's data begin behind both headers; the bundle behind the descriptor of 256 bytes. */
  const bundle = 32 + 256;
  const cases: readonly [string, Uint8Array, string][] = [
    ["an erased slot", new Uint8Array(0), "the slot at 0x20000 holds no image: it begins with 0xff, expected 0xe9"],
    ["one segment", changed(1, 1), "the image in the slot at 0x20000 has 1 segments; expected two bundles"],
    ["no bundle", changed(bundle, 0), "the image holds no preload bundle; expected the magic HFB1"],
    ["another bundle", changed(bundle + 4, 2), "the image holds another bundle where preload belongs"],
    ["a bundle that is too long", changed(bundle + 10, 1), "the preload bundle runs out of its segment"],
    [
      "a segment that is longer than the slot",
      changed(30, 0x10),
      "a segment of the image in the slot at 0x20000 has 1048856 bytes; expected at most 1048544",
    ],
  ];
  for (const [title, slot, expected] of cases) {
    it(`says what is wrong with ${title}`, async () => {
      equal(await bench.abortOf({ slot, application }), expected);
    });
  }

  it("says so where the host module is not there", async () => {
    const line = await bench.abortOf({ application, parameters: ["--host", "/nowhere/host.js"] });
    equal(line, "the host module /nowhere/host.js cannot be opened");
  });
}

function limits(bench: RigBench): void {
  it("aborts when slots fill the heap, and when chunks do", async () => {
    const slots = await bench.abortOf("export default () => { const all = []; for (;;) all.push({}); };");
    ok(
      /^memory full: \d+ slots of (16|32) bytes and \d+ bytes of chunks in use; \d+ bytes of the heap are free$/.test(slots),
      slots,
    );
    const chunks = await bench.abortOf("export default () => { const all = []; for (;;) all.push(new ArrayBuffer(1000)); };");
    ok(chunks.startsWith("memory full: "), chunks);
    const one = await bench.abortOf("export default () => { new ArrayBuffer(10000000); };");
    ok(one.startsWith("memory full: "), one);
  });

  it("cannot be saved from a full memory by catching", async () => {
    const rig = bench.start("export default ({ say }) => { try { new ArrayBuffer(10000000); } catch { say('caught'); } };");
    ok((await rig.abort()).startsWith("memory full: "));
    equal(rig.lines, []);
  });

  it("takes the heap's size from the command line, as a hard limit", async () => {
    const application = "export default ({ say }) => { new Uint8Array(60000); say('fits'); };";
    await bench.start({ application, parameters: ["--heap", "131072"] }).line("fits");
    const line = await bench.abortOf({ application, parameters: ["--heap", "65536"] });
    ok(line.startsWith("memory full: "), line);
  });

  it("aborts for a recursion without end, in JavaScript and through a built-in", async () => {
    const plain = await bench.abortOf("export default function main() { return 1 + main(); }");
    ok(/^stack overflow: 1024 slots of the engine's stack/.test(plain), plain);
    const native = await bench.abortOf({
      application: "const deep = () => [1].forEach(deep); export default deep;",
      parameters: ["--stack", "8000", "--heap", "1000000"],
    });
    ok(/^stack overflow: 8000 slots of the engine's stack, or the C stack/.test(native), native);
  });

  it("aborts when the table of property names is full", async () => {
    const line = await bench.abortOf({
      application: "export default () => { for (let index = 0; ; index++) ({})['name' + index] = 1; };",
      parameters: ["--keys", "100"],
    });
    equal(line, "too many keys: 100 property names beyond the preload's; keys are never collected");
  });

  it("refuses a wrong command line with one line and an exit", async () => {
    const rig = bench.start({ application: MAIN, parameters: ["--heap", "12"] });
    equal(await rig.exit(), "code 2");
    equal(rig.complaints, "holdfast-xs: --heap 12: expected a number from 16384 to 536870912\n");
    const strange = bench.start({ application: MAIN, parameters: ["--verbose"] });
    equal(await strange.exit(), "code 2");
    equal(strange.complaints, "holdfast-xs: --verbose: expected --host FILE [--heap BYTES] [--stack SLOTS] [--keys COUNT]\n");
  });

  it("neither ends nor goes on after an abort, and ends with the chip", async () => {
    const rig = bench.start(
      "export default ({ native }) => { native.listen(() => {}, () => {}); native.wakeAt(1); throw 1; };",
    );
    equal(await rig.abort(), "unhandled exception: 1");
    equal([rig.ended, rig.aborts.length], [undefined, 1]);
    rig.releaseTether();
    await rig.exit();
    equal(rig.aborts.length, 1);
  });
}

if (program !== undefined) {
  const bench = new RigBench(program);
  const parts = { exceptions, modules, images, limits };
  for (const [title, specs] of Object.entries(parts)) {
    describe(`engine: aborts: ${title}`, () => {
      afterEach(() => bench.stop());
      specs(bench);
    });
  }
}

/**
 * What the preload made lies in flash on a device: the application reads it, and what cannot be written there throws here too.
 *
 * Each case is one export of the preload and one thing an application does to it. `refused` ones must throw a TypeError and
 * leave the value as it was; `allowed` ones are the engine's copy on write, which a device does in the same way.
 */
import { equal } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip, RigBench } from "./engine-rig.js";

const program = await engineOrSkip();

interface Case {
  readonly does: string;
  /** Declares `it`. */
  readonly preload: string;
  readonly write: string;
  /** What is seen after the write. */
  readonly read: string;
  readonly sees: string;
}

const REFUSED: readonly Case[] = [
  { does: "Map.set", preload: "const it = new Map([[1, 2]])", write: "it.set(3, 4)", read: "it.size", sees: "1" },
  { does: "Map.delete", preload: "const it = new Map([[1, 2]])", write: "it.delete(1)", read: "it.get(1)", sees: "2" },
  { does: "Set.add", preload: "const it = new Set([1])", write: "it.add(2)", read: "it.size", sees: "1" },
  { does: "WeakMap.set", preload: "const it = new WeakMap()", write: "it.set({}, 1)", read: "it", sees: "[object WeakMap]" },
  { does: "a typed array's element", preload: "const it = new Uint8Array(2)", write: "it[0] = 1", read: "it[0]", sees: "0" },
  { does: "typed array.fill", preload: "const it = new Uint8Array(2)", write: "it.fill(1)", read: "it[0]", sees: "0" },
  {
    does: "DataView.setUint8",
    preload: "const it = new DataView(new ArrayBuffer(2))",
    write: "it.setUint8(0, 1)",
    read: "it.getUint8(0)",
    sees: "0",
  },
  { does: "a static", preload: "class it { static count = 0 }", write: "it.count = 1", read: "it.count", sees: "0" },
  { does: "a new static", preload: "class it {}", write: "it.extra = 1", read: "it.extra", sees: "undefined" },
  {
    does: "a private static",
    preload: "class it { static #count = 0; static bump() { it.#count++; } static get count() { return it.#count; } }",
    write: "it.bump()",
    read: "it.count",
    sees: "0",
  },
  {
    does: "a class's prototype",
    preload: "class it { a() { return 1 } }",
    write: "it.prototype.a = 0",
    read: "new it().a()",
    sees: "1",
  },
  { does: "a built-in prototype", preload: "const it = 0", write: "Array.prototype.at = 0", read: "[7].at(0)", sees: "7" },
  {
    does: "a new built-in method",
    preload: "const it = 0",
    write: "Promise.soon = 1",
    read: "Promise.soon",
    sees: "undefined",
  },
  { does: "a frozen table", preload: "const it = Object.freeze({ a: 1 })", write: "it.a = 2", read: "it.a", sees: "1" },
  {
    does: "this.name in a subclass of Error",
    preload: "class it extends Error { override() { this.name = 'it'; } }",
    write: "new it().override()",
    read: "new it().name",
    sees: "Error",
  },
];

const ALLOWED: readonly Case[] = [
  {
    does: "a frozen constant is read",
    preload: "const it = Object.freeze([1, 2])",
    write: "0",
    read: "it.join()",
    sees: "1,2",
  },
  { does: "a Map is read", preload: "const it = new Map([[1, 2]])", write: "0", read: "it.get(1)", sees: "2" },
  { does: "an object is copied on write", preload: "const it = { a: 1 }", write: "it.a = 2", read: "it.a", sees: "2" },
  { does: "an array is copied on write", preload: "const it = [1]", write: "it.push(2)", read: "it.join()", sees: "1,2" },
  {
    does: "a module's let is copied on write",
    preload: "let count = 0; const it = () => ++count",
    write: "it()",
    read: "it()",
    sees: "2",
  },
  {
    does: "a private field of an instance is copied on write",
    preload: "class Counter { #count = 0; bump() { return ++this.#count; } } const it = new Counter()",
    write: "it.bump()",
    read: "it.bump()",
    sees: "2",
  },
  {
    does: "an instance that the application makes is its own",
    preload: "class it { static #made = 'once'; items = new Map(); get made() { return it.#made; } }",
    write: "0",
    read: "[new it().items.set(1, 2).size, new it().made].join()",
    sees: "1,once",
  },
];

function firmware({ preload, write, read }: Case): { preload: string; application: string } {
  return {
    preload: `${preload}; export { it };`,
    application: `
      import { it } from "./preload.js";
      export default ({ say }) => {
        let outcome = "written";
        try { ${write}; } catch (error) { outcome = error instanceof TypeError ? "refused" : String(error); }
        say("outcome " + outcome + ", sees " + (${read}));
      };`,
  };
}

function specs(bench: RigBench): void {
  afterEach(() => bench.stop());

  for (const refused of REFUSED) {
    it(`refuses to write: ${refused.does}`, async () => {
      equal(await bench.start(firmware(refused)).line("outcome "), `refused, sees ${refused.sees}`);
    });
  }

  for (const allowed of ALLOWED) {
    it(`as on a device: ${allowed.does}`, async () => {
      equal(await bench.start(firmware(allowed)).line("outcome "), `written, sees ${allowed.sees}`);
    });
  }

  it("lets the preload fill its own collections while it is evaluated", async () => {
    const rig = bench.start({
      preload: "export const it = new Map(); it.set('a', 1); export class C { static n = 0; static { C.n = 5; } }",
      application:
        "import { it, C } from './preload.js'; export default ({ say }) => say(['got', it.get('a'), C.n].join(' '));",
    });
    equal(await rig.line("got "), "1 5");
  });
}

if (program !== undefined) describe("engine: the preload is read-only", () => specs(new RigBench(program)));

/**
 * The ESP32 host as a build for a board puts it together, on Node: the shipped modules in one bundle, with stand-ins in the
 * places of Moddable's modules, of the native part, and of the application.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Plugin, rollup } from "rollup";
import esbuild from "rollup-plugin-esbuild";
import type { NativeChip } from "../../../hosts/esp32/native-chip.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { encodePartitionTable, PARTITION_TABLE_OFFSET, type Partition, parsePartitionCsv } from "../../../src/image/index.js";
import type { Host } from "../../../src/ports/host.js";
import { fakeArithmetic } from "./moddable/ec.js";
import { fakeFlashModule } from "./moddable/flash.js";
import { type FakeNVS, fakeKeyValueModule } from "./moddable/key-value.js";
import type { FakeLoop } from "./moddable/time.js";
import { fakeUpdateModule } from "./moddable/update.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const FLASH_SIZE_BYTES = 4 * 1024 * 1024;
const STAND_INS = "moddableStandIns";

/** By specifier, what a module exports: its default, or its named exports. */
type StandIns = Readonly<Record<string, unknown>>;

/** The place of native/chip.ts: the shipped native/none.ts at the basic level, what it is like at the full. */
function nativeModule(chip: string): string {
  const host = join(ROOT, "hosts", "esp32");
  return `import { createNativeVerifier } from "${host}/native-verifier.ts";
    import * as none from "${host}/native/none.ts";
    export const openNativeChip = () => ${chip} ?? none.openNativeChip();
    export const openVerifier = ({ Digest, trace }) =>
      ${chip} ? createNativeVerifier({ chip: ${chip}, trace }) : none.openVerifier({ Digest, trace });`;
}

/** Every specifier without a file is one of Moddable's or of the build's. */
function standIns(): Plugin {
  return {
    name: "stand-ins",
    resolveId(specifier, importer) {
      if (importer === "\0native") return specifier;
      if (importer === undefined || specifier.startsWith(".")) {
        if (/native\/chip\.js$/.test(specifier)) return "\0native";
        return importer === undefined ? null : resolve(dirname(importer), specifier.replace(/\.js$/, ".ts"));
      }
      return `\0${specifier}`;
    },
    load(id) {
      if (!id.startsWith("\0")) return null;
      const value = `globalThis.${STAND_INS}[${JSON.stringify(id.slice(1))}]`;
      if (id === "\0crypt") return `export const Digest = ${value};`;
      if (id === "\0native") return nativeModule(value);
      return `export default ${value};`;
    },
  };
}

/** The two modules that Moddable calls. */
export interface Board {
  readonly setup: (done: () => void) => void;
  readonly start: () => void;
}

/** Bundles setup module and entry once; each load is a start: fresh modules, as after a reset. */
export class ModdableBuild {
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-esp32-"));
  #startCount = 0;

  async bundle(): Promise<void> {
    const entry = join(this.#folder, "board.ts");
    const host = join(ROOT, "hosts", "esp32");
    const lines = [
      `export { default as setup } from "${host}/setup.ts";`,
      `export { default as start } from "${host}/main.ts";`,
    ];
    writeFileSync(entry, lines.join("\n"));
    const build = await rollup({
      input: entry,
      plugins: [
        {
          name: "files",
          resolveId: (specifier) => (specifier.startsWith(host) ? specifier : null),
        },
        standIns(),
        esbuild({ target: "es2022", tsconfig: false }),
      ],
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
    });
    await build.write({ file: join(this.#folder, "board.mjs"), format: "es" });
    await build.close();
  }

  async load(modules: StandIns, globals: Readonly<Record<string, unknown>>): Promise<Board> {
    const places = globalThis as Record<string, unknown>;
    places[STAND_INS] = modules;
    Object.assign(places, globals);
    const url = pathToFileURL(join(this.#folder, "board.mjs"));
    return (await import(`${url.href}?start=${++this.#startCount}`)) as Board;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    const places = globalThis as Record<string, unknown>;
    for (const name of [STAND_INS, "System", "device", "trace", "holdfastHost"]) delete places[name];
  }
}

/** The partition table that the package ships for 4 MB, and a flash with it. */
export function shippedFlash(csv: string): { readonly flash: NorFlash; readonly partitions: readonly Partition[] } {
  const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  const partitions = parsePartitionCsv(csv, { flashSizeBytes: FLASH_SIZE_BYTES });
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions, { flashSizeBytes: FLASH_SIZE_BYTES }));
  return { flash, partitions };
}

export interface ModulesOptions {
  readonly flash: NorFlash;
  readonly partitions: readonly Partition[];
  readonly runningSlot: number;
  readonly loop: FakeLoop;
  readonly nvs: FakeNVS;
  readonly native?: NativeChip;
  readonly application: (host: Host) => void;
  readonly config?: object;
  readonly WiFi?: unknown;
  readonly Digest: unknown;
}

/** Everything that a bundle asks for. */
export function modulesOf(options: ModulesOptions): StandIns {
  const { flash, partitions, runningSlot, loop, nvs } = options;
  const Unused = class {};
  return {
    "embedded:storage/flash": fakeFlashModule({ flash, partitions, runningSlot }),
    "embedded:storage/key-value": fakeKeyValueModule(nvs),
    "embedded:update": fakeUpdateModule({ flash, partitions, runningSlot }),
    "embedded:io/socket/tcp": Unused,
    "embedded:io/socket/udp": Unused,
    "embedded:network/dns/resolver/udp": Unused,
    "embedded:network/interface/wifi": options.WiFi,
    "mc/config": options.config ?? {},
    crypt: options.Digest,
    ec: fakeArithmetic.EC,
    ecp: fakeArithmetic.ECPoint,
    modular: fakeArithmetic.Modular,
    timer: loop.timer,
    time: Object.assign(Object.create(loop.time) as object, { set: () => {} }),
    native: options.native,
    application: options.application,
  };
}

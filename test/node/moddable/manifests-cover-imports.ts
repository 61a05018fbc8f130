/**
 * What an integrator's mcconfig reads is whole: every path exists, every import is covered, everything of ours is preloaded.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { flatten, importsOf, ROOT, resolveName } from "./manifest.js";

/** Modules of the SDK that the ESP32 host imports, and what of the SDK brings each: a manifest, or its source (8.2.3). */
const FROM_SDK: Readonly<Record<string, string>> = Object.freeze({
  "embedded:storage/flash": "modules/io/flash/manifest.json",
  "embedded:storage/key-value": "modules/io/storage/manifest.json",
  "embedded:update": "modules/io/update/manifest.json",
  "embedded:io/i2c": "modules/io/manifest.json",
  "embedded:io/smbus": "modules/io/manifest.json",
  "embedded:io/socket/tcp": "modules/io/manifest.json",
  "embedded:io/socket/udp": "modules/io/manifest.json",
  "embedded:provider/builtin": "modules/io/manifest.json",
  "embedded:network/interface/wifi": "modules/io/manifest.json",
  "embedded:network/dns/resolver/udp": "examples/io/udp/dns/manifest_dns.json",
  crypt: "modules/crypt/digest/manifest.json",
  ec: "modules/crypt/arith/ec",
  ecp: "modules/crypt/arith/ecp",
  modular: "modules/crypt/arith/modular",
  timer: "modules/io/manifest.json",
  time: "modules/io/manifest.json",
});
/** In every build. */
const COMMON = "esp_common";
/** Where ESP-IDF v6.0 has a header. */
const COMPONENTS: Readonly<Record<string, string>> = Object.freeze({
  "sdkconfig.h": COMMON,
  "esp_attr.h": COMMON,
  "esp_err.h": COMMON,
  "esp_idf_version.h": COMMON,
  "esp_private/esp_clk.h": "esp_hw_support",
  "esp_system.h": "esp_system",
  "esp_task_wdt.h": "esp_system",
  "esp_ota_ops.h": "app_update",
  "app_update/include/esp_ota_ops.h": "app_update",
  "hal/wdt_hal.h": "esp_hal_wdt",
});
/** Made by mcconfig, and the integrator's own. */
const FROM_BUILD: readonly string[] = Object.freeze(["mc/config", "application"]);
/** The entry imports the application, which is not preloaded, so it cannot be either. */
const NOT_PRELOADED: readonly string[] = Object.freeze(["main", "holdfast/dist/hosts/esp32/main"]);
/** Modules that Moddable calls deprecated: their place is taken by ECMA-419's. */
const DEPRECATED = /^(pins\/|wifi$|sntp$|socket$|http$|net$|dns$|flash$|file$|mdns$|ota$|preference$|websocket$|mqtt$)/;

const parts = readdirSync(join(ROOT, "manifests"))
  .filter((name) => name.endsWith(".json"))
  .map((name) => `manifests/${name}`)
  .sort();
const pure = parts.filter((path) => !path.includes("esp32"));
const wholes = ["manifest.json", ...pure, "manifests/esp32.json", "manifests/esp32-basic.json"];

describe("the manifests for Moddable", () => {
  it("are one for each part of the core, and the hosts'", () => {
    for (const { name, parentPath } of readdirSync(join(ROOT, "dist", "src"), { withFileTypes: true })) {
      const isPart = name !== "ports" && name !== "keys" && statSync(join(parentPath, name)).isDirectory();
      if (isPart) ok(parts.includes(`manifests/${name}.json`), `no manifests/${name}.json`);
    }
  });

  for (const path of [...wholes, "examples/sensor-node/manifest.json"]) {
    it(`${path}: every source exists, and every preload is a module`, () => {
      equal(flatten(path, "esp32").missing, []);
    });
  }

  for (const path of wholes) {
    it(`${path}: every import is covered, alone as it is`, () => {
      const flat = flatten(path, "esp32");
      const uncovered: string[] = [];
      for (const [name, file] of flat.modules) {
        for (const specifier of importsOf(file)) {
          const wanted = resolveName(name, specifier);
          const isCovered = flat.modules.has(wanted) || flat.sdk.has(FROM_SDK[wanted] ?? "") || FROM_BUILD.includes(wanted);
          if (!isCovered) uncovered.push(`${file} imports ${specifier}`);
          if (DEPRECATED.test(wanted)) uncovered.push(`${file} imports ${specifier}, which is deprecated`);
        }
      }
      equal(uncovered, []);
    });

    it(`${path}: everything is preloaded into flash`, () => {
      const { modules, preloaded } = flatten(path, "esp32");
      equal(
        [...modules.keys()].filter((name) => !preloaded.has(name)),
        [],
      );
    });
  }

  it("leave out of the preload what waits for the application, and nothing else", () => {
    const { modules, preloaded } = flatten("manifests/esp32-main.json", "esp32");
    equal([...modules.keys()].filter((name) => !preloaded.has(name)).sort(), [...NOT_PRELOADED].sort());
    for (const specifier of importsOf("dist/hosts/esp32/main.js")) {
      const wanted = resolveName("holdfast/dist/hosts/esp32/main", specifier);
      const host = flatten("manifests/esp32.json", "esp32");
      ok(
        host.modules.has(wanted) || host.sdk.has(FROM_SDK[wanted] ?? "") || FROM_BUILD.includes(wanted),
        `main imports ${specifier}`,
      );
    }
  });

  it("bring every module of the ESP32 host", () => {
    const covered = new Set(
      ["manifests/esp32.json", "manifests/esp32-basic.json", "manifests/esp32-main.json"].flatMap((path) => [
        ...flatten(path, "esp32").modules.values(),
      ]),
    );
    const compiled = readdirSync(join(ROOT, "dist", "hosts", "esp32"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".js"))
      .map((name) => `dist/hosts/esp32/${name}`);
    ok(compiled.length > 10, "the host is compiled");
    equal(
      compiled.filter((file) => !covered.has(file) && !isTypesOnly(file)),
      [],
    );
  });

  it("name the component of ESP-IDF behind each header that the native part includes", () => {
    const { platforms } = JSON.parse(readFileSync(join(ROOT, "manifests", "esp32.json"), "utf8"));
    const named = new Set(platforms.esp32.dependency.map(({ idf }: { readonly idf: string }) => idf));
    const text = readFileSync(join(ROOT, "hosts", "esp32", "native", "holdfast-idf.h"), "utf8");
    const headers = [...text.matchAll(/^ *#include "([^"]+)"$/gm)].map((match) => match[1]!);
    ok(headers.length > 5, "the header is read");
    const needed = new Set(headers.map((header) => COMPONENTS[header] ?? `the component of ${header}`));
    // Declared there and not included: the crypto library's functions, in whichever of its two forms.
    if (/psa_hash_setup|mbedtls_sha256_starts/.test(text)) needed.add("mbedtls");
    for (const component of needed) ok(component === COMMON || named.has(component), `${component} is not in the manifest`);
    for (const component of named) ok(needed.has(component as string), `${component} is in the manifest for nothing`);
  });

  it("put the native part into the full level only", () => {
    equal(flatten("manifests/esp32.json", "esp32").natives, ["hosts/esp32/native/holdfast-chip.c"]);
    equal(flatten("manifests/esp32-basic.json", "esp32").natives, []);
    const chip = "holdfast/dist/hosts/esp32/native/chip";
    equal(flatten("manifests/esp32.json", "esp32").modules.get(chip), "dist/hosts/esp32/native/chip.js");
    const arithmetic = [...flatten("manifests/esp32.json", "esp32").sdk].filter((source) => source.includes("/arith/"));
    equal(arithmetic, [], "the chip's library verifies: the SDK's arithmetic is in the basic level only");
    equal(flatten("manifests/esp32-basic.json", "esp32").modules.get(chip), "dist/hosts/esp32/native/none.js");
  });

  it("name what is expected where there is no host for a platform, and are for every platform otherwise", () => {
    for (const path of ["manifests/esp32.json", "manifests/esp32-basic.json"]) {
      ok(
        flatten(path, "pico").errors.some((text) => /no host for this platform, expected esp32/.test(text)),
        path,
      );
    }
    for (const path of ["manifest.json", ...pure]) equal(flatten(path, "pico").errors, []);
  });

  it("resolve a name as the SDK does", () => {
    equal(resolveName("holdfast/dist/src/ota/slots", "../errors.js"), "holdfast/dist/src/errors");
    equal(resolveName("holdfast/dist/src/core", "./ota/slots.js"), "holdfast/dist/src/ota/slots");
    equal(resolveName("holdfast", "./core.js"), "core", "so no module with a relative import has a name without folder");
  });
});

function isTypesOnly(file: string): boolean {
  return !/^(?:export )?(?:default )?(?:class|function|const|import)\b/m.test(readFileSync(join(ROOT, file), "utf8"));
}

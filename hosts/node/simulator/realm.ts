/**
 * A realm for one boot of a firmware: the language and nothing else, as on the device.
 *
 * The two bundles are evaluated as ES modules in a fresh V8 context without Node's globals, so a firmware that reaches for
 * setTimeout or console fails here as it would on XS. The host comes in as the argument of `main`, not through a global.
 * Needs Node's `--experimental-vm-modules`.
 */
import { type Context, createContext, type Module, runInContext, SourceTextModule } from "node:vm";
import { FirmwareError } from "../../../src/errors.js";
import type { Host, Main } from "../../../src/ports/host.js";
import type { FirmwareBundles } from "./firmware-bundle.js";

/** What V8 puts into every context and XS on a device does not have. */
const REMOVED_GLOBALS = ["console", "WebAssembly", "Intl", "SharedArrayBuffer", "escape", "unescape"];

/** Evaluates the bundles and gives the application's `main`. Throws `corrupt` where there is none, or what a bundle throws. */
export async function loadMain(bundles: FirmwareBundles): Promise<Main> {
  const context = createContext(Object.create(null) as Context, { codeGeneration: { strings: false, wasm: false } });
  for (const name of REMOVED_GLOBALS) runInContext(`delete globalThis.${name}`, context);
  const preload = new SourceTextModule(bundles.preload, { context, identifier: "preload.js" });
  const application = new SourceTextModule(bundles.application, { context, identifier: "application.js" });
  await application.link((specifier): Module => {
    if (specifier === "./preload.js") return preload;
    throw new FirmwareError("corrupt", `the application imports ${specifier}; expected nothing but ./preload.js`);
  });
  await application.evaluate();
  const main = (application.namespace as { default?: unknown }).default;
  if (typeof main !== "function") {
    throw new FirmwareError("corrupt", "the application exports no main; expected a function as its default export");
  }
  return main as Main;
}

/** Loads the bundles and starts the firmware on `host`. */
export async function runFirmware(bundles: FirmwareBundles, host: Host): Promise<void> {
  const main = await loadMain(bundles);
  main(host);
}

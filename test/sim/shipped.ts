/**
 * The shipped code: what `npm run build` made in dist/, loaded by those specs that start real processes.
 *
 * A processor's or a chip's process runs a compiled program, and a bundle holds the compiled framework, so a spec that started
 * them from the sources would test something that nobody installs.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIST = new URL("../../dist/", import.meta.url);

export type NodeHost = typeof import("../../hosts/node/index.js");
export type Application = typeof import("../../cli/build/application.js");
export type BuildImage = typeof import("../../cli/build/build-image.js");
export type XSEngine = typeof import("../../cli/engine/xs-processor.js");
export type Releasing = typeof import("../../cli/story/release-desk.js");

/** What those specs use of it. */
export type Shipped = NodeHost & Application & BuildImage & Releasing & XSEngine;

/** Throws where dist/ is missing, and says what to do about it. */
export async function loadShipped(): Promise<Shipped> {
  if (!existsSync(fileURLToPath(new URL("hosts/node/index.js", DIST)))) {
    throw new Error("dist/ is missing; expected the compiled package: run `npm run build` first");
  }
  return {
    ...((await load("hosts/node/index.js")) as NodeHost),
    ...((await load("cli/build/application.js")) as Application),
    ...((await load("cli/build/build-image.js")) as BuildImage),
    ...((await load("cli/story/release-desk.js")) as Releasing),
    ...((await load("cli/engine/xs-processor.js")) as XSEngine),
  };
}

function load(path: string): Promise<unknown> {
  return import(new URL(path, DIST).href);
}

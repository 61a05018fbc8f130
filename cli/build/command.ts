/** `holdfast build`: an application into the image file that a slot, a server or a flashing tool takes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { grouped, table } from "../terminal.js";
import { readApplication } from "./application.js";
import { buildApplicationImage } from "./build-image.js";

const DEFAULT_FILE = "out/firmware.bin";

/** Writes the image and prints what is in it. Gives the exit code. */
export async function buildCommand(folder: string, options: { readonly out?: string }): Promise<number> {
  const out = options.out ?? DEFAULT_FILE;
  const application = readApplication(folder);
  const { image, sha256, bundles } = await buildApplicationImage(application);
  const file = resolve(out);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, image);
  const rows = [
    ["part", "bytes"],
    ["framework (preload)", grouped(Buffer.byteLength(bundles.preload))],
    ["application", grouped(Buffer.byteLength(bundles.application))],
    ["image", grouped(image.length)],
  ];
  if (application.keys === undefined) console.log("no update keys (holdfast.json: keys): this firmware takes no updates");
  console.log(`${application.name} ${application.version} for ${application.chip}\n${table(rows)}\nSHA-256 ${sha256}\n${out}`);
  return 0;
}

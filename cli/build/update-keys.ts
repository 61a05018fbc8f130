/** The public keys that a build puts into a firmware: the module `holdfast/keys` of this product. */
import { readPublicKey } from "../../hosts/node/signing/key-pair.js";

/** Points (x and y, 64 bytes) by role. */
export interface UpdateKeys {
  readonly release: readonly Uint8Array[];
  readonly deploy: readonly Uint8Array[];
}

export const UPDATE_KEYS_SPECIFIER = "holdfast/keys";

/** Reads the public halves. Throws `missing` or `invalid`, with the path. */
export function readUpdateKeys(files: { readonly release: readonly string[]; readonly deploy: readonly string[] }): UpdateKeys {
  const pointsOf = (paths: readonly string[]): readonly Uint8Array[] => paths.map((path) => readPublicKey(path).point);
  return { release: pointsOf(files.release), deploy: pointsOf(files.deploy) };
}

/** The module's source. */
export function updateKeysModule(keys: UpdateKeys): string {
  const textsOf = (points: readonly Uint8Array[]): string =>
    JSON.stringify(points.map((point) => Buffer.from(point).toString("hex")));
  return [
    `export const RELEASE_KEYS = Object.freeze(${textsOf(keys.release)});`,
    `export const DEPLOY_KEYS = Object.freeze(${textsOf(keys.deploy)});`,
    "",
  ].join("\n");
}

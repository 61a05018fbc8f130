/** An application folder to an ESP-IDF image, in one call. */

import type { FirmwareBundles } from "../../hosts/node/simulator/firmware-bundle.js";
import { buildFirmwareImage } from "../../hosts/node/simulator/firmware-image.js";
import type { Application } from "./application.js";
import { bundleFirmware } from "./bundle.js";

/** The image and what went into it. */
export interface BuiltImage {
  readonly version: string;
  readonly image: Uint8Array;
  /** The appended SHA-256, 64 hexadecimal digits: what an offer names. */
  readonly sha256: string;
  readonly bundles: FirmwareBundles;
}

/** Bundles and wraps. Throws what bundleFirmware throws. */
export async function buildApplicationImage(application: Application): Promise<BuiltImage> {
  const bundles = await bundleFirmware(application);
  const { name, version, chip } = application;
  const image = buildFirmwareImage({ bundles, project: name, version, chip });
  return { version, image, sha256: Buffer.from(image.subarray(image.length - 32)).toString("hex"), bundles };
}

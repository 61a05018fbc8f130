/** `holdfast ota pack`: an image, signed as a release. */
import { createHash } from "node:crypto";
import { publicKeyOf, readPrivateKey, readPublicKey } from "../../hosts/node/signing/key-pair.js";
import { signRelease } from "../../hosts/node/signing/sign-update.js";
import { parseImageHead } from "../../src/image/index.js";
import { parseSign1 } from "../../src/ota/cose-sign1.js";
import { parseRelease } from "../../src/ota/manifest.js";
import { readBytes, reading, writeBytes } from "./files.js";
import type { PackOptions } from "./options.js";

const IMAGE_HASH_SIZE_BYTES = 32;

/** Signs, reads back as a device would, writes, and says what it is. */
export async function packCommand(path: string, options: PackOptions): Promise<number> {
  const image = readBytes(path, "an application image");
  const key = readPrivateKey(options.key);
  const [hardwareRevisionMin, hardwareRevisionMax] = options.hardware ?? [];
  const replaced = options.replaces === undefined ? undefined : readBytes(options.replaces, "an application image");
  const version = options.imageVersion ?? reading(path, () => parseImageHead(image).descriptor.version);
  const signed = await signRelease({
    image,
    key,
    sequenceNumber: options.sequence,
    vendor: options.vendor,
    deviceClass: options.class,
    version,
    issuedS: options.issued ?? Math.floor(Date.now() / 1000),
    securityVersion: options.security,
    ...(hardwareRevisionMin === undefined ? {} : { hardwareRevisionMin }),
    ...(hardwareRevisionMax === undefined ? {} : { hardwareRevisionMax }),
    ...(options.expires === undefined ? {} : { expiresS: options.expires }),
    ...(replaced === undefined ? {} : { precursor: replaced.slice(-IMAGE_HASH_SIZE_BYTES) }),
    ...(options.nextKey === undefined ? {} : { nextKeyDigest: readPublicKey(options.nextKey).digest }),
  });
  // What a device would refuse is not written.
  const release = reading(path, () => parseRelease(parseSign1(signed).payload));
  writeBytes(options.out, signed);
  const chunkCount = release.chunkDigests.length / IMAGE_HASH_SIZE_BYTES;
  console.log(
    `release ${release.sequenceNumber}: ${release.deviceClass} ${release.version}, ${image.length} bytes, ${chunkCount} chunks`,
  );
  console.log(`signed by key ${Buffer.from(publicKeyOf(key).id).toString("hex")}`);
  console.log(`${options.out}: ${signed.length} bytes, SHA-256 ${createHash("sha256").update(signed).digest("hex")}`);
  return 0;
}

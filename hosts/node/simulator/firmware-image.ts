/**
 * A firmware as an application image that the stock bootloader accepts, and back.
 *
 * The first segment holds the descriptor and the preload bundle and is mapped as data; the second holds the application bundle.
 * Load addresses follow the file offsets, as the memory mapping asks, so no padding segments are needed.
 */
import { FirmwareError } from "../../../src/errors.js";
import { APP_DESCRIPTOR_SIZE_BYTES, encodeAppDescriptor } from "../../../src/image/app-descriptor.js";
import { ChipId, type ChipName, mappedAddress } from "../../../src/image/chip.js";
import { buildImage, segmentDataOffset } from "../../../src/image/image-builder.js";
import { Digest } from "../digest.js";
import { decodeBundle, encodeBundle, type FirmwareBundles } from "./firmware-bundle.js";

export interface FirmwareImageOptions {
  readonly bundles: FirmwareBundles;
  readonly project: string;
  readonly version: string;
  /** Default "esp32c3". */
  readonly chip?: ChipName;
}

/** The whole image, its SHA-256 appended. Same input, same bytes. */
export function buildFirmwareImage(options: FirmwareImageOptions): Uint8Array {
  const chipId = ChipId[options.chip ?? "esp32c3"];
  const descriptor = encodeAppDescriptor({ version: options.version, projectName: options.project });
  const preload = Buffer.concat([descriptor, encodeBundle("preload", options.bundles.preload)]);
  const application = encodeBundle("application", options.bundles.application);
  const lengths = [preload.length, application.length];
  const applicationAddress = mappedAddress(chipId, "instructions", segmentDataOffset(lengths, 1));
  return buildImage({
    chipId,
    entryAddress: applicationAddress,
    Digest,
    segments: [
      { address: mappedAddress(chipId, "data", segmentDataOffset(lengths, 0)), data: preload },
      { address: applicationAddress, data: application },
    ],
  });
}

/** The bundles in an image's bytes; what follows the image is ignored. Throws `corrupt` where they are not there. */
export function readFirmwareBundles(image: Uint8Array): FirmwareBundles {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const firstOffset = segmentDataOffset([], 0);
  if (image.length < firstOffset) throw new FirmwareError("corrupt", "the slot is too short for an image");
  const firstLength = view.getUint32(firstOffset - 4, true);
  const secondOffset = segmentDataOffset([firstLength], 1);
  return {
    preload: decodeBundle("preload", image, firstOffset + APP_DESCRIPTOR_SIZE_BYTES),
    application: decodeBundle("application", image, secondOffset),
  };
}

/** Small images for the specs, and the repairs that make a damaged one look whole again. */
import {
  buildImage,
  ChipId,
  encodeAppDescriptor,
  type ImageVerifierOptions,
  imageSourceOf,
  mappedAddress,
  segmentDataOffset,
  type VerifiedImage,
  verifyImage,
} from "../../../src/image/index.js";
import { SpecDigest, sha256 } from "./sha256.js";

/** A RAM address of the ESP32-C3, above what its bootloader uses. */
export const RAM_ADDRESS = 0x3fc80000;
export const SHA256_SIZE_BYTES = 32;

/** Descriptor plus `payload` as mapped data, eight bytes of RAM data, and the hash: 368 bytes with a payload of 16. */
export function smallImage(options: { readonly hash?: "appended" | "none"; readonly payload?: Uint8Array } = {}): Uint8Array {
  const descriptor = encodeAppDescriptor({ version: "1.2.3", projectName: "lamp", secureVersion: 7 });
  const payload = options.payload ?? Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  const first = new Uint8Array(descriptor.length + payload.length);
  first.set(descriptor);
  first.set(payload, descriptor.length);
  return buildImage({
    chipId: ChipId.esp32c3,
    entryAddress: RAM_ADDRESS,
    segments: [
      { address: mappedAddress(ChipId.esp32c3, "data", segmentDataOffset([], 0)), data: first },
      { address: RAM_ADDRESS, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    ],
    Digest: SpecDigest,
    hash: options.hash ?? "appended",
  });
}

/** The image with other bytes at `offset`, and nothing else changed. */
export function patched(image: Uint8Array, offset: number, ...bytes: number[]): Uint8Array {
  const copy = image.slice();
  copy.set(bytes, offset);
  return copy;
}

/** The image with its appended SHA-256 made anew. */
export function rehashed(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  copy.set(sha256(copy.subarray(0, copy.length - SHA256_SIZE_BYTES)), copy.length - SHA256_SIZE_BYTES);
  return copy;
}

/** A file: reads stop at its end. */
export const sourceOf = imageSourceOf;

export function verify(bytes: Uint8Array, options: Partial<ImageVerifierOptions> = {}): VerifiedImage {
  return verifyImage({
    source: sourceOf(bytes),
    sizeBytesMax: bytes.length,
    Digest: SpecDigest,
    chipId: ChipId.esp32c3,
    ...options,
  });
}

/** `image` at the start of an erased slot. */
export function inSlot(image: Uint8Array, slotSizeBytes = 8192): Uint8Array {
  const slot = new Uint8Array(slotSizeBytes).fill(0xff);
  slot.set(image);
  return slot;
}

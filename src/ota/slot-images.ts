/**
 * The two slots' images as the boot authority looks at them: by identity, which is cheap, or in full, which is not.
 */
import { AssertionError } from "../assert.js";
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, FirmwareError } from "../errors.js";
import {
  IMAGE_HEAD_SIZE_BYTES,
  IMAGE_HEADER_SIZE_BYTES,
  parseImageHead,
  parseImageHeader,
} from "../image/application-image.js";
import { verifyImage } from "../image/image-verifier.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import { readImageIdentity } from "./image-identity.js";
import { imageIdOf } from "./journal-record.js";

/** A write of so many bytes is aligned on encrypted flash too. */
const HEAD_LINE_SIZE_BYTES = 16;

/** The path of a slot in ECMA-419's flash storage, as Moddable names it. */
export type SlotPath = "running" | "nextota";

export interface SlotImagesOptions {
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
}

export class SlotImages {
  readonly #options: SlotImagesOptions;

  constructor(options: SlotImagesOptions) {
    this.#options = options;
  }

  /** The beginning of the identity, by which the journal knows an image: 16 hexadecimal digits. */
  idIn(path: SlotPath): string | undefined {
    const identity = this.identityIn(path);
    return identity && imageIdOf(identity);
  }

  /**
   * The SHA-256 (32 bytes) that the image in a slot carries; `undefined` where there is no image with one, and where the host
   * cannot say which slot is meant.
   */
  identityIn(path: SlotPath): Uint8Array | undefined {
    const partition = this.#open(path);
    if (partition === undefined) return undefined;
    try {
      return readImageIdentity(partition, partition.status().size);
    } finally {
      partition.close();
    }
  }

  /** The version in the application descriptor; `undefined` where there is no image that has one. */
  versionIn(path: SlotPath): string | undefined {
    const partition = this.#open(path);
    if (partition === undefined) return undefined;
    try {
      return parseImageHead(new Uint8Array(partition.read(IMAGE_HEAD_SIZE_BYTES, 0))).descriptor.version;
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      return undefined;
    } finally {
      partition.close();
    }
  }

  /**
   * The chip's number in the header of the running image, which this chip runs; `undefined` where the host shows no running
   * image.
   */
  get chipId(): number | undefined {
    const partition = this.#open("running");
    if (partition === undefined) return undefined;
    try {
      return parseImageHeader(new Uint8Array(partition.read(IMAGE_HEADER_SIZE_BYTES, 0))).chipId;
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      return undefined;
    } finally {
      partition.close();
    }
  }

  /** Whether a slot's first word is erased, so that no bootloader takes it for an image. */
  isBlank(path: SlotPath): boolean {
    const partition = this.#open(path);
    if (partition === undefined) return false;
    try {
      return new Uint8Array(partition.read(4, 0)).every((byte) => byte === 0xff);
    } finally {
      partition.close();
    }
  }

  /**
   * Reads and hashes a whole slot: a second a megabyte on a device. Gives the image's hash; throws `corrupt` where it would not
   * boot, an image for another chip than the running one's included.
   */
  verify(path: SlotPath): Uint8Array {
    const { flash, Digest } = this.#options;
    const { chipId } = this;
    const partition = flash.open({ path, mode: "r" });
    try {
      const sizeBytesMax = partition.status().size;
      return verifyImage({ source: partition, sizeBytesMax, Digest, chipId }).hash;
    } finally {
      partition.close();
    }
  }

  /**
   * The image id in the other slot, whole and, where an identity is given, that very image. Without `isReadBack` it is hashed.
   * Throws `corrupt` where it is not.
   */
  demandOther(options: { readonly identity: Uint8Array | undefined; readonly isReadBack: boolean }): string {
    if (!options.isReadBack) this.verify("nextota");
    const identity = this.identityIn("nextota");
    if (identity === undefined)
      throw new FirmwareError("corrupt", "slots: the image carries no SHA-256; expected hash_appended");
    const imageId = imageIdOf(identity);
    if (options.identity !== undefined && !areEqualBytes(identity, options.identity)) {
      const expected = imageIdOf(options.identity);
      throw new FirmwareError("corrupt", `slots: the slot holds ${imageId}…; expected ${expected}… as signed, all 32 bytes`);
    }
    if (!options.isReadBack) this.#strengthenHead();
    return imageId;
  }

  /**
   * Programs the image's first line once more, as it reads. Its magic byte is what is written last: where the power went just
   * then, it may read right today, and not when the bootloader looks. Throws `corrupt` where it does not read so any more.
   */
  #strengthenHead(): void {
    const partition = this.#options.flash.open({ path: "nextota", mode: "r+" });
    try {
      const line = new Uint8Array(partition.read(HEAD_LINE_SIZE_BYTES, 0));
      partition.write(line, 0);
      if (areEqualBytes(new Uint8Array(partition.read(HEAD_LINE_SIZE_BYTES, 0)), line)) return;
      throw new FirmwareError(
        "corrupt",
        "slots: the image's first line does not stay as it is; expected it to be written anew",
      );
    } finally {
      partition.close();
    }
  }

  /** Whether verify() finds nothing. */
  isWhole(path: SlotPath): boolean {
    try {
      this.verify(path);
      return true;
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      return false;
    }
  }

  /** A host that does not know the running slot has no partition of either name. */
  #open(path: SlotPath): FlashPartition | undefined {
    try {
      return this.#options.flash.open({ path, mode: "r" });
    } catch (error) {
      if (errorCodeOf(error) !== "missing") throw error;
      return undefined;
    }
  }
}

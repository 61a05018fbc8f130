/**
 * The Digest port by the chip's own library, which uses its SHA unit: an order of magnitude faster than one in JavaScript.
 *
 * There is no such class without the native part: the host then takes another. See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import type { Digest, DigestConstructor } from "../../src/ports/digest.js";
import type { NativeChip, NativeDigest as NativeHandle } from "./native-chip.js";

const DIGEST_SIZE_BYTES = 32;

function refused(error: unknown): FirmwareError {
  return new FirmwareError("io", `Digest: ${messageOf(error)}`);
}

class NativeDigest implements Digest {
  readonly #chip: NativeChip;
  #handle: NativeHandle | undefined;

  /** Throws `io` where the library or its memory refuses. */
  constructor(chip: NativeChip) {
    this.#chip = chip;
    try {
      this.#handle = chip.digestOpen();
    } catch (error) {
      throw refused(error);
    }
  }

  /** Throws `io` where the library refuses; then it is closed. */
  write(bytes: Uint8Array): void {
    const handle = this.#open();
    try {
      this.#chip.digestWrite(handle, bytes);
    } catch (error) {
      this.#handle = undefined;
      throw refused(error);
    }
  }

  /** Throws `io` where the library refuses. Closed in any case. */
  digest(): Uint8Array {
    const handle = this.#open();
    const result = new Uint8Array(DIGEST_SIZE_BYTES);
    this.#handle = undefined;
    try {
      this.#chip.digestFinish(handle, result);
    } catch (error) {
      throw refused(error);
    }
    return result;
  }

  close(): void {
    if (this.#handle === undefined) return;
    this.#chip.digestClose(this.#handle);
    this.#handle = undefined;
  }

  #open(): NativeHandle {
    if (this.#handle === undefined) throw new FirmwareError("closed", "Digest: used after digest() or close()");
    return this.#handle;
  }
}

/** The class over one chip. */
export function createNativeDigest(options: { readonly chip: NativeChip }): DigestConstructor {
  return class extends NativeDigest {
    constructor() {
      super(options.chip);
    }
  };
}

/**
 * SHA-256 by the chip, as the ESP32 has an engine for it: the bytes go over the wire, the system's library does the work.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Digest, DigestConstructor } from "../../src/ports/digest.js";
import { DigestStep, Operation } from "../simulated/wire.js";
import type { Native } from "./native.js";

class XSDigest implements Digest {
  readonly #native: Native;
  /** The chip's number for this digest. */
  readonly #handle: number;
  #isOpen = true;

  constructor(native: Native) {
    this.#native = native;
    const reply = native.call(Operation.digest, 0, DigestStep.open)!;
    this.#handle = new DataView(reply).getUint32(0, true);
  }

  write(bytes: Uint8Array): void {
    this.#assertOpen();
    this.#native.call(Operation.digest, this.#handle, DigestStep.write, bytes);
  }

  digest(): Uint8Array {
    this.#assertOpen();
    this.#isOpen = false;
    return new Uint8Array(this.#native.call(Operation.digest, this.#handle, DigestStep.finish)!);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#native.call(Operation.digest, this.#handle, DigestStep.close);
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new FirmwareError("closed", "Digest: used after digest() or close()");
  }
}

/** The class over one wire. */
export function createDigest(native: Native): DigestConstructor {
  return class extends XSDigest {
    constructor() {
      super(native);
    }
  };
}

/**
 * The Verifier port by the chip's own library: some 100 ms, where the same in JavaScript takes several times that.
 *
 * The port answers, whatever happens; so what the library refuses is "not verified". The reason would be lost with it, and a
 * device that takes no update any more would look like one that is offered forgeries: it goes to the console.
 * See docs/design/esp32-host.md.
 */
import { messageOf } from "../../src/errors.js";
import type { Verifier, VerifyRequest } from "../../src/ports/verifier.js";
import type { NativeChip } from "./native-chip.js";

class NativeVerifier implements Verifier {
  readonly #chip: NativeChip;
  readonly #trace: (line: string) => void;

  constructor(chip: NativeChip, trace: (line: string) => void) {
    this.#chip = chip;
    this.#trace = trace;
  }

  /** Lengths, and the range of r and s, are the chip's to look at, before its library is asked. */
  verify({ publicKey, message, signature }: VerifyRequest): boolean {
    try {
      return this.#chip.verify(publicKey, message, signature);
    } catch (error) {
      this.#trace(`Verifier: ${messageOf(error)}`);
      return false;
    }
  }
}

/** The port over one chip. `trace` is told why, in a line, where an answer of false says nothing about the signature. */
export function createNativeVerifier(options: { readonly chip: NativeChip; readonly trace: (line: string) => void }): Verifier {
  return new NativeVerifier(options.chip, options.trace);
}

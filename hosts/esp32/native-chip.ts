/**
 * What only C can reach on the ESP32, as one object of plain calls: the native module's shape, and all of it.
 *
 * The calls carry numbers, bytes and one opaque handle, so that the same C file serves a board through Moddable and a test
 * through our desktop engine. A call that ESP-IDF refuses throws an Error whose message names the ESP-IDF function and its
 * error code; the adapters beside this file turn it into the ports' own errors. See docs/design/esp32-host.md.
 */

import type { DigestConstructor } from "../../src/ports/digest.js";

/** A SHA-256 under way, made by `digestOpen`. Only handed back. */
export type NativeDigest = object & { readonly nativeDigest?: never };

export interface NativeChip {
  /** `esp_reset_reason()`, as its number. */
  resetReason(): number;
  /** The number of the running application slot, 0 … 15; `undefined` where a factory or test image runs. */
  runningSlot(): number | undefined;
  /** Arms the hardware watchdogs for `timeoutMs` (100 … 120,000). Once; `watchdogClose` before another. */
  watchdogOpen(timeoutMs: number): void;
  watchdogFeed(): void;
  watchdogClose(): void;
  /** Bytes that survive every reset but loss of power. */
  retainedSize(): number;
  /** Copies `target.length` bytes from `offset`. Throws unless the range lies within. */
  retainedRead(offset: number, target: Uint8Array): void;
  retainedWrite(offset: number, bytes: Uint8Array): void;
  digestOpen(): NativeDigest;
  digestWrite(digest: NativeDigest, bytes: Uint8Array): void;
  /** Fills `target`, 32 bytes, and closes. */
  digestFinish(digest: NativeDigest, target: Uint8Array): void;
  /** A second close does nothing. */
  digestClose(digest: NativeDigest): void;
  /**
   * Whether the signature, 64 bytes, is the key's, 64 bytes, over the message: ES256. Throws where the library refuses to say,
   * as it does for a key that is no point of the curve.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What the verifier of either level may be made of. */
export interface VerifierParts {
  readonly Digest: DigestConstructor;
  /** A line to the console. */
  readonly trace: (line: string) => void;
}

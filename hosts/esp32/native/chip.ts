/**
 * The native module's functions under Moddable: one method for each, and nothing else in it. And what a host makes of them
 * that it makes of something else where they are not there.
 *
 * xsc recognizes the pattern and makes a call into C of it. It wants a literal name and no other statement, so there is no loop
 * over a table here, and no check: holdfast-chip.c checks. The manifest gives the specifier of this module to none.ts where
 * there is no native part.
 */
/// <reference path="./native.d.ts" />
import type { Verifier } from "../../../src/ports/verifier.js";
import type { NativeChip, NativeDigest, VerifierParts } from "../native-chip.js";
import { createNativeVerifier } from "../native-verifier.js";

class ModdableChip implements NativeChip {
  resetReason(): number {
    return native("xs_holdfast_resetReason").call(this) as number;
  }

  runningSlot(): number | undefined {
    return native("xs_holdfast_runningSlot").call(this) as number | undefined;
  }

  watchdogOpen(timeoutMs: number): void {
    native("xs_holdfast_watchdogOpen").call(this, timeoutMs);
  }

  watchdogFeed(): void {
    native("xs_holdfast_watchdogFeed").call(this);
  }

  watchdogClose(): void {
    native("xs_holdfast_watchdogClose").call(this);
  }

  retainedSize(): number {
    return native("xs_holdfast_retainedSize").call(this) as number;
  }

  retainedRead(offset: number, target: Uint8Array): void {
    native("xs_holdfast_retainedRead").call(this, offset, target);
  }

  retainedWrite(offset: number, bytes: Uint8Array): void {
    native("xs_holdfast_retainedWrite").call(this, offset, bytes);
  }

  digestOpen(): NativeDigest {
    return native("xs_holdfast_digestOpen").call(this) as NativeDigest;
  }

  digestWrite(digest: NativeDigest, bytes: Uint8Array): void {
    native("xs_holdfast_digestWrite").call(this, digest, bytes);
  }

  digestFinish(digest: NativeDigest, target: Uint8Array): void {
    native("xs_holdfast_digestFinish").call(this, digest, target);
  }

  digestClose(digest: NativeDigest): void {
    native("xs_holdfast_digestClose").call(this, digest);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return native("xs_holdfast_verify").call(this, publicKey, message, signature) as boolean;
  }
}

/** The chip, where the native part is in the image. */
export function openNativeChip(): NativeChip | undefined {
  return new ModdableChip();
}

/** ES256 by the chip's library. */
export function openVerifier({ trace }: VerifierParts): Verifier {
  return createNativeVerifier({ chip: new ModdableChip(), trace });
}

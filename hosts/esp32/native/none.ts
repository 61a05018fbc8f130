/**
 * The native module's place where there is none: on stock Moddable, without C of ours.
 *
 * The manifest gives this module the specifier of chip.ts, so that the host asks in the same words at both levels. What takes
 * the place of the chip's library is imported here and not by the host: a build with the native part has none of it.
 */
import EC from "ec";
import ECPoint from "ecp";
import Modular from "modular";
import type { Verifier } from "../../../src/ports/verifier.js";
import { createModdableVerifier } from "../moddable-verifier.js";
import type { NativeChip, VerifierParts } from "../native-chip.js";

/** Gives no chip. */
export function openNativeChip(): NativeChip | undefined {
  return undefined;
}

/** ES256 by the SDK's arithmetic. */
export function openVerifier({ Digest }: VerifierParts): Verifier {
  return createModdableVerifier({ Digest, arithmetic: { EC, ECPoint, Modular } });
}

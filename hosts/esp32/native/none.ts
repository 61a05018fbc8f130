/**
 * The native module's place where there is none: on stock Moddable, without C of ours.
 *
 * The manifest gives this module the specifier of chip.ts, so that the host asks in the same words at both levels.
 */
import type { NativeChip } from "../native-chip.js";

/** Gives no chip. */
export function openNativeChip(): NativeChip | undefined {
  return undefined;
}

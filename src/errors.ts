/**
 * The one class of operating errors: what the world did wrong, with a code to branch on and a sentence to read.
 *
 * Codes instead of subclasses, because a firmware image carries each class in flash and because `instanceof` fails across
 * realms (a host's error reaches a firmware that was loaded from a slot). See docs/design/errors.md.
 */

/**
 * closed: the object was closed · busy: an earlier request will still complete · full: a bound given at start is reached ·
 * invalid: an argument or option is not usable · corrupt: input from outside fails its check · refused: allowed later or
 * elsewhere, not now · unsupported: this host cannot do it · missing: nothing of that name · timeout · io: the hardware or
 * the network said no.
 */
export type ErrorCode =
  | "closed"
  | "busy"
  | "full"
  | "invalid"
  | "corrupt"
  | "refused"
  | "unsupported"
  | "missing"
  | "timeout"
  | "io";

/** An operating error. `message` names what was wrong and what was expected. */
export class FirmwareError extends Error {
  override name = "FirmwareError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code of any thrown value that carries one of ours, from whichever realm it came; `undefined` otherwise. */
export function errorCodeOf(thrown: unknown): ErrorCode | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const error = thrown as { name?: unknown; code?: unknown };
  return error.name === "FirmwareError" ? (error.code as ErrorCode) : undefined;
}

/** What to print of a thrown value: its message where it has one. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null && "message" in thrown) return String(thrown.message);
  return String(thrown);
}

/** What the two ends of the scripted network tell each other, as JSON in ASCII. Imported on both engines. */

/** A part of a body: its text, or, where it is very long, one text so many times. */
export type Part = string | { readonly text: string; readonly times: number };

/** What a server saw. */
export interface ServerState {
  readonly server: number;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  }[];
  readonly openConnectionCount: number;
  readonly sentByteLength: number;
}

const LONG_PART_LENGTH = 100_000;

/** Megabytes of one character are sent as what they are, not as megabytes. */
export function shortened(part: string): Part {
  if (part.length < LONG_PART_LENGTH) return part;
  const text = part.charAt(0);
  return part === text.repeat(part.length) ? { text, times: part.length } : part;
}

export function lengthened(part: Part): string {
  return typeof part === "string" ? part : part.text.repeat(part.times);
}

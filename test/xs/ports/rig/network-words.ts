/** What the two ends of the scripted network tell each other, as JSON in ASCII. Imported on both engines. */
import type { TLSFlaw } from "../../../ports/https-client.js";

/** A part of a body: its text, or, where it is very long, one text so many times. */
export type Part = string | { readonly text: string; readonly times: number };

/** What a server's connections run over: TCP in the clear, TLS done right, or TLS with that flaw. */
export type LinkName = "clear" | "secure" | TLSFlaw;

/** Where a server listens, or nobody does, and `socket` of the options of its clients. */
export interface Address {
  readonly port: number;
  readonly socket: object;
}

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

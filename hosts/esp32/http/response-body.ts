/** Where the body of a response ends, and which of the bytes that arrive are not its own. */
export interface ResponseBody {
  /** So many bytes of the body come next, with nothing between them; Infinity where only the connection's end ends them. */
  readonly runBytes: number;
  /** All of it was taken, and what frames it. */
  readonly isComplete: boolean;
  readonly endsWithConnection: boolean;
  /** Takes what frames the body from `bytes[from…to)`, up to a run. Gives the index behind it. Throws `corrupt`. */
  push(bytes: Uint8Array, from: number, to: number): number;
  /** So many bytes of the run were taken. */
  take(count: number): void;
}

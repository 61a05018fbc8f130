/** A body without framing inside: RFC 9112, 6.3: of a length that was announced, of none, or up to the connection's end. */
import { assert } from "../../../src/assert.js";
import type { ResponseBody } from "./response-body.js";

export class PlainBody implements ResponseBody {
  readonly endsWithConnection: boolean;
  #runBytes: number;

  /** Infinity: up to the end of the connection. */
  constructor(byteLength: number) {
    this.#runBytes = byteLength;
    this.endsWithConnection = byteLength === Number.POSITIVE_INFINITY;
  }

  get runBytes(): number {
    return this.#runBytes;
  }

  get isComplete(): boolean {
    return this.#runBytes === 0;
  }

  push(_bytes: Uint8Array, from: number): number {
    return from;
  }

  take(count: number): void {
    assert(count <= this.#runBytes, "body: no more is taken than there is");
    this.#runBytes -= count;
  }
}

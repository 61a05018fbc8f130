/**
 * The Digest of `crypt` as Moddable 8.2.3 behaves, for SHA-256: it takes texts too, and close() ends nothing. What is called
 * behind it goes on with a state that is used up, and says nothing.
 */
import { createHash } from "node:crypto";
import type { ModdableDigest } from "../../../../hosts/esp32/moddable-digest.js";
import { bytesOf } from "./flash.js";

const STALE = "what close() left";

export class FakeDigest implements ModdableDigest {
  #hash = createHash("sha256");

  constructor(type: string) {
    if (type !== "SHA256") throw new Error("crypt: unsupported digest");
  }

  write(data: Uint8Array | string): void {
    this.#hash.update(typeof data === "string" ? data : bytesOf(data));
  }

  close(): ArrayBuffer {
    const bytes = new Uint8Array(this.#hash.digest());
    this.#hash = createHash("sha256").update(STALE);
    return bytes.buffer;
  }
}

/**
 * ECMA-419's update (3rd edition, 28: Update). The core does not arm through it: `complete()` changes otadata by the rules of
 * the ESP-IDF version beneath (docs/design/ota.md lists them), and the standard knows no confirm and no rollback.
 */
import type { FlashPartition } from "./flash.js";

export interface Update {
  /** Mode "a": `write(buffer)`. Mode "w": `write(buffer, offset)`. Throws where the data is seen to be no image. */
  write(buffer: Uint8Array | ArrayBuffer, offset?: number): void;
  /** Activates the image for the next start, or throws and changes nothing. Does not restart. */
  complete(): void;
  /** Without complete(), what was written will not be used. */
  close(): void;
  format: "buffer";
}

export interface UpdateOpenOptions {
  readonly partition: FlashPartition;
  /** Default "a". */
  readonly mode?: "a" | "w";
  readonly byteLength?: number;
}

/** The default export of `embedded:update`. */
export interface UpdateStorage {
  open(options: UpdateOpenOptions): Update;
}

/** SHA-256, computed by the chip or the system library: hashing an image in JavaScript takes too long on a device. */
export interface Digest {
  /** Adds `bytes`. They are consumed before the call returns. Throws `closed` after digest or close. */
  write(bytes: Uint8Array): void;
  /** The 32-byte SHA-256 of all that was written, and closes. Throws `closed` the second time. */
  digest(): Uint8Array;
  /** Releases the hardware without a result. A second close does nothing. */
  close(): void;
}

export type DigestConstructor = new () => Digest;

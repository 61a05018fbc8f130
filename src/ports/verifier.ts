/** ES256 signatures (ECDSA on P-256 with SHA-256, RFC 7518 3.4), by the chip's or the system's library. */

export interface VerifyRequest {
  /** The point's coordinates x and y, 32 bytes each, big endian. 64 bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** r and s, 32 bytes each, big endian. 64 bytes. */
  readonly signature: Uint8Array;
}

export interface Verifier {
  /**
   * Whether the signature is the key's own over the message. MUST answer false, and MUST NOT throw or go on for ever, for a key
   * that is no point of the curve, for r or s of 0 or not below the group's order, and for fields of another length. May block
   * for some 100 ms on a device.
   */
  verify(request: VerifyRequest): boolean;
}

/** Randomness fit for keys and nonces. Simulations hand in a seeded one. */
export interface Random {
  /** Fills `bytes` with random values. MUST come from the hardware on a device. */
  fill(bytes: Uint8Array): void;
}

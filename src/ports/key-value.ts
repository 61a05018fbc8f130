/** Small named values in flash, as ECMA-419 (3rd edition, 28: Key-Value) defines them. */

export type KeyValueFormat =
  | "buffer"
  | "string"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64";

export type KeyValueValue = ArrayBuffer | Uint8Array | string | number | bigint;

/** One open domain. Iterating gives its keys. */
export interface KeyValueDomain extends Iterable<string> {
  /**
   * The value, in the current `format`; `undefined` where there is no such key. Throws TypeError where it was written in
   * another format. With a buffer as second argument (format "buffer"), fills it and gives the byte count.
   */
  read(key: string, buffer?: Uint8Array | ArrayBuffer): ArrayBuffer | string | number | bigint | undefined;
  /** Replaces the value, all or nothing even when the power fails. Throws TypeError where `value` does not fit `format`. */
  write(key: string, value: KeyValueValue): void;
  /** Removes the key; does nothing where there is none. */
  delete(key: string): void;
  close(): void;
  format: KeyValueFormat;
}

export interface KeyValueOpenOptions {
  readonly path: string;
  /** Default "r+". */
  readonly mode?: "r" | "r+";
  /** Default "buffer". */
  readonly format?: KeyValueFormat;
}

/** The default export of `embedded:storage/key-value`. */
export interface KeyValueStorage {
  open(options: KeyValueOpenOptions): KeyValueDomain;
}

/**
 * The text of an HTTP head as bytes and back: ISO 8859-1, one character a byte.
 *
 * Not UTF-8: RFC 9110 (5.5) leaves the bytes above 7F without a meaning, and a head that is cut anywhere must read the same.
 */

/** Characters made in one call: each is an argument, and takes a slot of the engine's stack. */
const BLOCK_SIZE = 32;

/** The text of `bytes[start…end)`. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let index = start; index < end; index += BLOCK_SIZE) {
    const block = bytes.subarray(index, Math.min(index + BLOCK_SIZE, end));
    text += String.fromCharCode.apply(undefined, block as unknown as number[]);
  }
  return text;
}

/** The bytes of `text`, whose characters are below 100 (hexadecimal). */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

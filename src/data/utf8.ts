/**
 * UTF-8 without TextEncoder, which XS does not have.
 *
 * Small and plain: keys, names and short texts. What is no UTF-8 decodes to U+FFFD, one for each byte that fits nowhere, and a
 * lone surrogate encodes as U+FFFD, as the WHATWG's encoder has it.
 */

const REPLACEMENT = 0xfffd;
/** Characters that are added one by one: XS copies a text at each addition. */
const PIECE_LENGTH = 64;

/** The bytes of `text`. */
export function encodeUTF8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0)!; // By iteration: XS counts code points where others count UTF-16 units.
    if (code >= 0xd800 && code <= 0xdfff) code = REPLACEMENT;
    if (code < 0x80) {
      bytes.push(code);
    } else if (code < 0x800) {
      bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    } else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return new Uint8Array(bytes);
}

/** The text of `bytes[start…end)`. */
export function decodeUTF8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const pieces: string[] = [];
  let piece = "";
  let pieceLength = 0;
  let index = start;
  while (index < end) {
    const lead = bytes[index]!;
    const count = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    const code = count === 1 ? lead : codePoint(bytes, index, end, count);
    piece += String.fromCodePoint(code ?? REPLACEMENT);
    index += code === undefined ? 1 : count;
    if (++pieceLength < PIECE_LENGTH) continue;
    pieces.push(piece);
    piece = "";
    pieceLength = 0;
  }
  return pieces.join("") + piece;
}

/** The code point of a sequence of 2 to 4 bytes; `undefined` where it is cut, over-long, a surrogate or beyond U+10FFFF. */
function codePoint(bytes: Uint8Array, index: number, end: number, count: number): number | undefined {
  if (count < 2 || index + count > end || bytes[index]! > 0xf4) return undefined;
  let code = bytes[index]! & (0xff >> (count + 1));
  for (let offset = 1; offset < count; offset++) {
    const byte = bytes[index + offset]!;
    if ((byte & 0xc0) !== 0x80) return undefined;
    code = (code << 6) | (byte & 63);
  }
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  const isOverLong = (count === 3 && code < 0x800) || (count === 4 && code < 0x10000);
  return isSurrogate || isOverLong || code > 0x10ffff ? undefined : code;
}

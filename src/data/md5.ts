/**
 * MD5 (RFC 1321), because the ESP-IDF partition table is guarded by one. It protects against accidents, not against people.
 *
 * The chip has it in ROM, but the table is read once a boot and is 3 KiB long: sixty-four steps in JavaScript are cheaper
 * than a port. The sines are literals, not computed at start: engines may differ in the last bit of Math.sin.
 */
import { assert } from "../assert.js";

const SINES: readonly number[] = Object.freeze([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
  0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
  0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
  0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
  0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
  0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
]);
const SHIFTS: readonly number[] = Object.freeze([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
const BLOCK_SIZE_BYTES = 64;
const LENGTH_SIZE_BYTES = 8;

/** The 16-byte MD5 of `bytes[start…end)`. Copies the message once to pad it: meant for kilobytes. */
export function md5(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  assert(start >= 0 && start <= end && end <= bytes.length, "md5: start … end lie within the bytes");
  const length = end - start;
  const blockCount = Math.floor((length + LENGTH_SIZE_BYTES) / BLOCK_SIZE_BYTES) + 1;
  const message = new Uint8Array(blockCount * BLOCK_SIZE_BYTES);
  message.set(bytes.subarray(start, end));
  message[length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 8, length << 3, true);
  view.setUint32(message.length - 4, length >>> 29, true);

  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < blockCount; block++) mixBlock(state, view, block * BLOCK_SIZE_BYTES);
  const digest = new Uint8Array(16);
  const out = new DataView(digest.buffer);
  for (let index = 0; index < 4; index++) out.setUint32(index * 4, state[index]!, true);
  return digest;
}

/** One block of 64 bytes at `offset`; `state` is the four words A, B, C, D. */
function mixBlock(state: number[], view: DataView, offset: number): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let step = 0; step < 64; step++) {
    const round = step >>> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = step;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = (5 * step + 1) & 15;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = (3 * step + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * step) & 15;
    }
    const sum = (a + mixed + SINES[step]! + view.getUint32(offset + word * 4, true)) | 0;
    const shift = SHIFTS[round * 4 + (step & 3)]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
}

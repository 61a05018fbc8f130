/**
 * CRC-32 (IEEE 802.3, reflected 0xEDB88320), the checksum of otadata and of every record we write to flash.
 *
 * A table of 16 entries instead of 256: two look-ups a byte, 64 bytes of flash, and no table in RAM at start. A plain frozen
 * array, because a typed array at module level is read-only once preloaded and reads slower on XS.
 */

const NIBBLE_TABLE: readonly number[] = Object.freeze([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344,
  0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
]);

/**
 * The CRC of `bytes[start…end)`, unsigned. `initial` is the CRC of what came before (0 at the start of a message), as in
 * zlib's crc32(); ESP-IDF's `crc32_le(0xFFFFFFFF, …)` is `crc32(bytes, 0, n, 0xFFFFFFFF)`.
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length, initial = 0): number {
  let crc = ~initial;
  for (let index = start; index < end; index++) {
    crc ^= bytes[index]!;
    crc = (crc >>> 4) ^ NIBBLE_TABLE[crc & 15]!;
    crc = (crc >>> 4) ^ NIBBLE_TABLE[crc & 15]!;
  }
  return ~crc >>> 0;
}

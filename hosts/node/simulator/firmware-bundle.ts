/**
 * How JavaScript lies in an application image: two bundles, each behind a small header, one in each of the first two segments.
 *
 * `preload` holds the framework and its modules, `application` what the product's team wrote. They are kept apart because the
 * device's engine evaluates the first at build time and keeps it in flash. Nothing of the framework comes from anywhere but
 * the slot, or an update would not replace the core. Bytes: docs/spec/firmware-bundle.md.
 */
import { FirmwareError } from "../../../src/errors.js";

/** "HFB1", little endian. */
const MAGIC = 0x31424648;
const HEADER_SIZE_BYTES = 12;

export const BundleKind = Object.freeze({ preload: 1, application: 2 });
export type BundleKindName = keyof typeof BundleKind;

/** The source texts of one firmware, both ES modules; the application imports the preload as "./preload.js". */
export interface FirmwareBundles {
  readonly preload: string;
  readonly application: string;
}

/** One bundle with its header: magic u32, kind u32, length in bytes u32, then UTF-8 text, padded to 4 bytes with zeros. */
export function encodeBundle(kind: BundleKindName, text: string): Uint8Array {
  const source = Buffer.from(text, "utf8");
  const bytes = Buffer.alloc(HEADER_SIZE_BYTES + Math.ceil(source.length / 4) * 4);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(BundleKind[kind], 4);
  bytes.writeUInt32LE(source.length, 8);
  source.copy(bytes, HEADER_SIZE_BYTES);
  return bytes;
}

/** The text of the bundle at `offset`. Throws `corrupt` where there is none of that kind or it runs out of `bytes`. */
export function decodeBundle(kind: BundleKindName, bytes: Uint8Array, offset: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + HEADER_SIZE_BYTES > buffer.length || buffer.readUInt32LE(offset) !== MAGIC) {
    throw new FirmwareError("corrupt", `the image holds no ${kind} bundle; expected the magic HFB1`);
  }
  if (buffer.readUInt32LE(offset + 4) !== BundleKind[kind]) {
    throw new FirmwareError("corrupt", `the image holds another bundle where ${kind} belongs`);
  }
  const end = offset + HEADER_SIZE_BYTES + buffer.readUInt32LE(offset + 8);
  if (end > buffer.length) throw new FirmwareError("corrupt", `the ${kind} bundle runs out of its segment`);
  return buffer.toString("utf8", offset + HEADER_SIZE_BYTES, end);
}

/**
 * The application descriptor (`esp_app_desc_t`): name, version and security version of an image, at a fixed place in it.
 *
 * 256 bytes at the start of the first segment's data, file offset 32. The bootloader boots an image with a wrong one, so
 * whoever needs it has to check: see parseImageHead in application-image.ts. Bytes: docs/spec/application-image.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";

export const APP_DESCRIPTOR_SIZE_BYTES = 256;
export const APP_DESCRIPTOR_MAGIC = 0xabcd5432;
/** Where it stands in the file: after the 24 bytes of the image header and the 8 of the first segment's. */
export const APP_DESCRIPTOR_OFFSET = 32;

const SECURE_VERSION_OFFSET = 4;
const VERSION_OFFSET = 16;
const PROJECT_NAME_OFFSET = 48;
const TIME_OFFSET = 80;
const DATE_OFFSET = 96;
const IDF_VERSION_OFFSET = 112;
const ELF_SHA256_OFFSET = 144;
const MIN_EFUSE_BLOCK_REVISION_OFFSET = 176;
const MAX_EFUSE_BLOCK_REVISION_OFFSET = 178;
const MMU_PAGE_SIZE_OFFSET = 180;

const LONG_TEXT_SIZE_BYTES = 32;
const SHORT_TEXT_SIZE_BYTES = 16;
const ELF_SHA256_SIZE_BYTES = 32;
/** log2 of 64 KiB, as ESP-IDF writes `mmu_page_size`. */
const MMU_PAGE_SIZE_LOG2 = 16;

export interface AppDescriptor {
  /** Anti-rollback counter. The bootloader ignores it unless anti-rollback is burnt into the chip. */
  readonly secureVersion: number;
  readonly version: string;
  readonly projectName: string;
  /** Compile time and date as the builder wrote them, e.g. "12:34:56" and "Nov 23 2026". */
  readonly time: string;
  readonly date: string;
  readonly idfVersion: string;
  /** 32 bytes; zeros where the builder left it out. */
  readonly elfSha256: Uint8Array;
  /** Major × 100 + minor; 0 and 0xFFFF mean any. */
  readonly minEfuseBlockRevision: number;
  readonly maxEfuseBlockRevision: number;
  /** log2 of the page size that the image is laid out for; 0 where the builder is too old to say. */
  readonly mmuPageSizeLog2: number;
}

export interface AppDescriptorOptions {
  /** At most 31 characters of ASCII, as are projectName and idfVersion; time and date take 15. */
  readonly version: string;
  readonly projectName: string;
  /** Default 0. */
  readonly secureVersion?: number;
  /** Default empty: a reproducible image carries no time. */
  readonly time?: string;
  readonly date?: string;
  readonly idfVersion?: string;
  /** 32 bytes. Default zeros. */
  readonly elfSha256?: Uint8Array;
  /** Default 0. */
  readonly minEfuseBlockRevision?: number;
  /** Default 0xFFFF. */
  readonly maxEfuseBlockRevision?: number;
}

/** The 256 bytes of a descriptor. Throws `invalid` where a text is too long or not printable ASCII. */
export function encodeAppDescriptor(options: AppDescriptorOptions): Uint8Array {
  const secureVersion = options.secureVersion ?? 0;
  const elfSha256 = options.elfSha256;
  assert(secureVersion >>> 0 === secureVersion, "encodeAppDescriptor: secureVersion is a uint32");
  assert(elfSha256 === undefined || elfSha256.length === ELF_SHA256_SIZE_BYTES, "encodeAppDescriptor: elfSha256 is 32 bytes");
  const bytes = new Uint8Array(APP_DESCRIPTOR_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, APP_DESCRIPTOR_MAGIC, true);
  view.setUint32(SECURE_VERSION_OFFSET, secureVersion, true);
  writeText(bytes, VERSION_OFFSET, LONG_TEXT_SIZE_BYTES, options.version, "version");
  writeText(bytes, PROJECT_NAME_OFFSET, LONG_TEXT_SIZE_BYTES, options.projectName, "project name");
  writeText(bytes, TIME_OFFSET, SHORT_TEXT_SIZE_BYTES, options.time ?? "", "time");
  writeText(bytes, DATE_OFFSET, SHORT_TEXT_SIZE_BYTES, options.date ?? "", "date");
  writeText(bytes, IDF_VERSION_OFFSET, LONG_TEXT_SIZE_BYTES, options.idfVersion ?? "", "ESP-IDF version");
  if (elfSha256 !== undefined) bytes.set(elfSha256, ELF_SHA256_OFFSET);
  view.setUint16(MIN_EFUSE_BLOCK_REVISION_OFFSET, options.minEfuseBlockRevision ?? 0, true);
  view.setUint16(MAX_EFUSE_BLOCK_REVISION_OFFSET, options.maxEfuseBlockRevision ?? 0xffff, true);
  view.setUint8(MMU_PAGE_SIZE_OFFSET, MMU_PAGE_SIZE_LOG2);
  return bytes;
}

/**
 * Reads the descriptor at `offset`; `undefined` where its magic word is not there. A byte of a text that is not printable
 * ASCII reads as "?", so that what ends up in a log or a report is harmless.
 */
export function readAppDescriptor(bytes: Uint8Array, offset = 0): AppDescriptor | undefined {
  assert(offset >= 0 && offset + APP_DESCRIPTOR_SIZE_BYTES <= bytes.length, "readAppDescriptor: 256 bytes at offset");
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, APP_DESCRIPTOR_SIZE_BYTES);
  if (view.getUint32(0, true) !== APP_DESCRIPTOR_MAGIC) return undefined;
  return {
    secureVersion: view.getUint32(SECURE_VERSION_OFFSET, true),
    version: readText(bytes, offset + VERSION_OFFSET, LONG_TEXT_SIZE_BYTES),
    projectName: readText(bytes, offset + PROJECT_NAME_OFFSET, LONG_TEXT_SIZE_BYTES),
    time: readText(bytes, offset + TIME_OFFSET, SHORT_TEXT_SIZE_BYTES),
    date: readText(bytes, offset + DATE_OFFSET, SHORT_TEXT_SIZE_BYTES),
    idfVersion: readText(bytes, offset + IDF_VERSION_OFFSET, LONG_TEXT_SIZE_BYTES),
    elfSha256: bytes.slice(offset + ELF_SHA256_OFFSET, offset + ELF_SHA256_OFFSET + ELF_SHA256_SIZE_BYTES),
    minEfuseBlockRevision: view.getUint16(MIN_EFUSE_BLOCK_REVISION_OFFSET, true),
    maxEfuseBlockRevision: view.getUint16(MAX_EFUSE_BLOCK_REVISION_OFFSET, true),
    mmuPageSizeLog2: view.getUint8(MMU_PAGE_SIZE_OFFSET),
  };
}

/** One byte of every field stays 0: C code reads these texts up to their NUL. */
function writeText(bytes: Uint8Array, offset: number, sizeBytes: number, text: string, field: string): void {
  if (text.length >= sizeBytes) {
    throw new FirmwareError(
      "invalid",
      `app descriptor: ${field} has ${text.length} characters, expected at most ${sizeBytes - 1}`,
    );
  }
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (!isPrintable(code)) {
      throw new FirmwareError("invalid", `app descriptor: ${field} has character code ${code}, expected printable ASCII`);
    }
    bytes[offset + index] = code;
  }
}

function readText(bytes: Uint8Array, offset: number, sizeBytes: number): string {
  let text = "";
  for (let index = offset; index < offset + sizeBytes && bytes[index] !== 0; index++) {
    text += isPrintable(bytes[index]!) ? String.fromCharCode(bytes[index]!) : "?";
  }
  return text;
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}

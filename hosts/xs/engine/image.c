/**
 * Finds the bundles in an application image: docs/spec/application-image.md, and hosts/node/simulator/firmware-bundle.ts.
 *
 * The bootloader has checked the image; only what leads to the two bundles is read here, and every length is held against what
 * surrounds it all the same, because a test may skip the bootloader's check.
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "abort.h"
#include "wire.h"

#define IMAGE_MAGIC 0xE9
#define IMAGE_HEADER_SIZE_BYTES 24
#define SEGMENT_HEADER_SIZE_BYTES 8
#define APP_DESCRIPTOR_SIZE_BYTES 256
/* "HFB1", little endian. */
#define BUNDLE_MAGIC 0x31424648
#define BUNDLE_HEADER_SIZE_BYTES 12

enum { BUNDLE_PRELOAD = 1, BUNDLE_APPLICATION = 2 };

/** A part of the flash. */
typedef struct Range {
  uint32_t offset;
  uint32_t sizeBytes;
} Range;

static uint32_t getU32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/** Reads from a range; the caller has checked that it is long enough. The bytes are valid until the next read. */
static const uint8_t *readFlash(Range range, uint32_t at, uint32_t byteLength) {
  Frame reply = callChip(OPERATION_READ_FLASH, range.offset + at, byteLength, NULL, 0);
  if (reply.code != STATUS_DONE || reply.byteLength != byteLength) {
    abortWith("the chip gives no %u bytes of flash at 0x%x: %.*s", byteLength, range.offset + at, (int)reply.byteLength,
              (const char *)reply.bytes);
  }
  return reply.bytes;
}

/** The data of the segment whose header is `at` bytes into the slot. */
static Range segmentAt(Range slot, uint32_t at) {
  if (at > slot.sizeBytes || slot.sizeBytes - at < SEGMENT_HEADER_SIZE_BYTES) {
    abortWith("the image in the slot at 0x%x runs out of the slot; expected two segments", slot.offset);
  }
  uint32_t length = getU32(readFlash(slot, at, SEGMENT_HEADER_SIZE_BYTES) + 4);
  uint32_t start = at + SEGMENT_HEADER_SIZE_BYTES;
  if (length > slot.sizeBytes - start) {
    abortWith("a segment of the image in the slot at 0x%x has %u bytes; expected at most %u", slot.offset, length,
              slot.sizeBytes - start);
  }
  return (Range){slot.offset + start, length};
}

static Bundle readBundle(Range segment, uint32_t skipped, uint32_t kind, const char *name) {
  if (segment.sizeBytes < skipped + BUNDLE_HEADER_SIZE_BYTES) {
    abortWith("the image holds no %s bundle; expected the magic HFB1", name);
  }
  const uint8_t *header = readFlash(segment, skipped, BUNDLE_HEADER_SIZE_BYTES);
  if (getU32(header) != BUNDLE_MAGIC) abortWith("the image holds no %s bundle; expected the magic HFB1", name);
  if (getU32(header + 4) != kind) abortWith("the image holds another bundle where %s belongs", name);
  uint32_t length = getU32(header + 8);
  if (length > segment.sizeBytes - skipped - BUNDLE_HEADER_SIZE_BYTES) {
    abortWith("the %s bundle runs out of its segment", name);
  }
  Bundle bundle = {malloc((size_t)length + 1), length};
  if (bundle.text == NULL) abortWith("this computer has no memory for a bundle of %u bytes", length);
  if (length > 0) memcpy(bundle.text, readFlash(segment, skipped + BUNDLE_HEADER_SIZE_BYTES, length), length);
  return bundle;
}

Bundles readBundles(uint32_t offset, uint32_t sizeBytes) {
  Range slot = {offset, sizeBytes};
  if (sizeBytes < IMAGE_HEADER_SIZE_BYTES || sizeBytes > UINT32_MAX - offset) {
    abortWith("the slot at 0x%x has %u bytes; expected room for an image", offset, sizeBytes);
  }
  const uint8_t *header = readFlash(slot, 0, IMAGE_HEADER_SIZE_BYTES);
  if (header[0] != IMAGE_MAGIC) {
    abortWith("the slot at 0x%x holds no image: it begins with 0x%02x, expected 0x%02x", offset, header[0], IMAGE_MAGIC);
  }
  if (header[1] < 2) abortWith("the image in the slot at 0x%x has %u segments; expected two bundles", offset, header[1]);
  Range first = segmentAt(slot, IMAGE_HEADER_SIZE_BYTES);
  Range second = segmentAt(slot, first.offset - offset + first.sizeBytes);
  return (Bundles){
      readBundle(first, APP_DESCRIPTOR_SIZE_BYTES, BUNDLE_PRELOAD, "preload"),
      readBundle(second, 0, BUNDLE_APPLICATION, "application"),
  };
}

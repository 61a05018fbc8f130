/** The two bundles in the running slot. */
#ifndef HOLDFAST_IMAGE
#define HOLDFAST_IMAGE

#include <stdint.h>

typedef struct Bundle {
  /** UTF-8, not ended by a 0; allocated for good. */
  uint8_t *text;
  uint32_t byteLength;
} Bundle;

typedef struct Bundles {
  Bundle preload;
  Bundle application;
} Bundles;

/** Reads them from the slot at `offset` of the flash. Aborts with what is wrong where they are not there. */
Bundles readBundles(uint32_t offset, uint32_t sizeBytes);

#endif

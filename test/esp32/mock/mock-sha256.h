/** SHA-256 (FIPS 180-4), as the chip's unit computes it. */
#ifndef MOCK_SHA256_H
#define MOCK_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE_BYTES 32

typedef struct SHA256 {
  uint32_t words[8];
  uint8_t block[64];
  uint64_t byteLength;
} SHA256;

void sha256Begin(SHA256 *sha);
void sha256Update(SHA256 *sha, const uint8_t *bytes, size_t byteLength);
void sha256Finish(SHA256 *sha, uint8_t *digest);

#endif

/** SHA-256 of mbedTLS 3, which ESP-IDF v5 has. */
#ifndef MOCK_MBEDTLS_SHA256
#define MOCK_MBEDTLS_SHA256

#include <stddef.h>
#include <stdint.h>

#include "mock-sha256.h"

typedef struct mbedtls_sha256_context {
  SHA256 *state;
  uint8_t used[240];
} mbedtls_sha256_context;

void mbedtls_sha256_init(mbedtls_sha256_context *ctx);
void mbedtls_sha256_free(mbedtls_sha256_context *ctx);
int mbedtls_sha256_starts(mbedtls_sha256_context *ctx, int is224);
int mbedtls_sha256_update(mbedtls_sha256_context *ctx, const unsigned char *input, size_t ilen);
int mbedtls_sha256_finish(mbedtls_sha256_context *ctx, unsigned char *output);

#endif

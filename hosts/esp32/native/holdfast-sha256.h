/**
 * SHA-256 by the chip's library, whichever its version has: PSA's functions since ESP-IDF v6.0, mbedTLS's before.
 *
 * An operation is started, updated, finished and ended; the end gives back what the library took, whatever failed before.
 */
#ifndef HOLDFAST_SHA256
#define HOLDFAST_SHA256

#include <stddef.h>
#include <stdint.h>

#include "holdfast-failure.h"
#include "holdfast-idf.h"

/*
 * Room for a psa_hash_operation_t or mbedtls_sha256_context, whose size only the library knows. The largest that a
 * configuration gives is that of SHA-3 in software, about 230 bytes.
 */
#define OPERATION_ROOM_BYTES 512
#define DIGEST_SIZE_BYTES 32

/** The library's own state, in a block that does not move: hardware may look at it between two calls. */
typedef union Operation {
  uint8_t room[OPERATION_ROOM_BYTES];
  max_align_t aligned;
} Operation;

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
static psa_hash_operation_t *stateOf(Operation *operation) {
  return (psa_hash_operation_t *)operation;
}

/** `operation` is all zeros, which is PSA's value of one that has not begun. */
static Failure startOperation(Operation *operation) {
  Failure failure = failureOf("psa_crypto_init", psa_crypto_init());
  if (failure.function != NULL) return failure;
  return failureOf("psa_hash_setup", psa_hash_setup(stateOf(operation), PSA_ALG_SHA_256));
}

static Failure updateOperation(Operation *operation, const uint8_t *bytes, size_t byteLength) {
  return failureOf("psa_hash_update", psa_hash_update(stateOf(operation), bytes, byteLength));
}

static Failure finishOperation(Operation *operation, uint8_t *digest) {
  size_t byteLength = 0;
  return failureOf("psa_hash_finish", psa_hash_finish(stateOf(operation), digest, DIGEST_SIZE_BYTES, &byteLength));
}

static void endOperation(Operation *operation) {
  psa_hash_abort(stateOf(operation));
}
#else
static mbedtls_sha256_context *stateOf(Operation *operation) {
  return (mbedtls_sha256_context *)operation;
}

static Failure startOperation(Operation *operation) {
  mbedtls_sha256_init(stateOf(operation));
  return failureOf("mbedtls_sha256_starts", mbedtls_sha256_starts(stateOf(operation), 0));
}

static Failure updateOperation(Operation *operation, const uint8_t *bytes, size_t byteLength) {
  return failureOf("mbedtls_sha256_update", mbedtls_sha256_update(stateOf(operation), bytes, byteLength));
}

static Failure finishOperation(Operation *operation, uint8_t *digest) {
  return failureOf("mbedtls_sha256_finish", mbedtls_sha256_finish(stateOf(operation), digest));
}

static void endOperation(Operation *operation) {
  mbedtls_sha256_free(stateOf(operation));
}
#endif

#endif

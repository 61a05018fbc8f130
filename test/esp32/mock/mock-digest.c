/**
 * The two crypto libraries over one SHA-256, as strict as their documentation: an operation has a beginning and an end, and one
 * that fails is over.
 */
#include <string.h>

#include "mbedtls/sha256.h"
#include "mock-chip.h"
#include "mock-memory.h"
#include "psa/crypto.h"

#define USED_PATTERN 0xa5

static bool isInitialized;

void resetDigests(void) {
  isInitialized = false;
}

bool isCryptoInitialized(void) {
  return isInitialized;
}

/** A library's state has its end where the module's room has not ended yet. */
static void fill(uint8_t *used, size_t byteLength) {
  memset(used, USED_PATTERN, byteLength);
}

static void checkFilled(const uint8_t *used, size_t byteLength, const char *function) {
  for (size_t index = 0; index < byteLength; index++) {
    if (used[index] != USED_PATTERN) noteFault("%s: somebody wrote into the library's state", function);
  }
}

psa_status_t psa_crypto_init(void) {
  int code;
  if (isRefused("psa_crypto_init", &code, "psa_crypto_init")) return code;
  isInitialized = true;
  return PSA_SUCCESS;
}

psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg) {
  int code;
  if (isRefused("psa_hash_setup", &code, "psa_hash_setup")) return code;
  if (!isInitialized || operation->id != 0) return PSA_ERROR_BAD_STATE;
  if (alg != PSA_ALG_SHA_256) return PSA_ERROR_NOT_SUPPORTED;
  operation->id = 1;
  operation->state = mockCalloc(1, sizeof *operation->state);
  fill(operation->used, sizeof operation->used);
  sha256Begin(operation->state);
  return PSA_SUCCESS;
}

static psa_status_t failHash(psa_hash_operation_t *operation, psa_status_t status) {
  psa_hash_abort(operation);
  return status;
}

psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input, size_t input_length) {
  int code;
  if (isRefused("psa_hash_update", &code, "psa_hash_update %zu", input_length)) return failHash(operation, code);
  if (operation->id == 0) return PSA_ERROR_BAD_STATE;
  if (input == NULL) return failHash(operation, PSA_ERROR_INVALID_ARGUMENT);
  checkFilled(operation->used, sizeof operation->used, "psa_hash_update");
  sha256Update(operation->state, input, input_length);
  return PSA_SUCCESS;
}

psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size, size_t *hash_length) {
  int code;
  bool refused = isRefused("psa_hash_finish", &code, "psa_hash_finish %zu", hash_size);
  if (operation->id == 0) return PSA_ERROR_BAD_STATE;
  if (hash_size < SHA256_SIZE_BYTES) return failHash(operation, PSA_ERROR_BUFFER_TOO_SMALL);
  sha256Finish(operation->state, hash);
  *hash_length = SHA256_SIZE_BYTES;
  /* A failure may leave anything in the result. */
  return failHash(operation, refused ? code : PSA_SUCCESS);
}

psa_status_t psa_hash_abort(psa_hash_operation_t *operation) {
  int code;
  bool refused = isRefused("psa_hash_abort", &code, "psa_hash_abort");
  if (operation->id != 0) mockFree(operation->state);
  memset(operation, 0, sizeof *operation);
  return refused ? code : PSA_SUCCESS;
}

void mbedtls_sha256_init(mbedtls_sha256_context *ctx) {
  noteCall("mbedtls_sha256_init");
  memset(ctx, 0, sizeof *ctx);
}

void mbedtls_sha256_free(mbedtls_sha256_context *ctx) {
  noteCall("mbedtls_sha256_free");
  mockFree(ctx->state);
  memset(ctx, 0, sizeof *ctx);
}

int mbedtls_sha256_starts(mbedtls_sha256_context *ctx, int is224) {
  int code;
  bool refused = isRefused("mbedtls_sha256_starts", &code, "mbedtls_sha256_starts %d", is224);
  /* What fails may have taken something: it is free that ends a context, in any case. */
  ctx->state = mockCalloc(1, sizeof *ctx->state);
  fill(ctx->used, sizeof ctx->used);
  sha256Begin(ctx->state);
  return refused ? code : 0;
}

int mbedtls_sha256_update(mbedtls_sha256_context *ctx, const unsigned char *input, size_t ilen) {
  int code;
  if (isRefused("mbedtls_sha256_update", &code, "mbedtls_sha256_update %zu", ilen)) return code;
  checkFilled(ctx->used, sizeof ctx->used, "mbedtls_sha256_update");
  sha256Update(ctx->state, input, ilen);
  return 0;
}

int mbedtls_sha256_finish(mbedtls_sha256_context *ctx, unsigned char *output) {
  int code;
  bool refused = isRefused("mbedtls_sha256_finish", &code, "mbedtls_sha256_finish");
  sha256Finish(ctx->state, output);
  return refused ? code : 0;
}

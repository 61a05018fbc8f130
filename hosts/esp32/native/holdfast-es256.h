/**
 * ES256 by the chip's library: ECDSA on P-256 with SHA-256, a signature of 64 bytes against a public key of 64 bytes.
 *
 * One path for all versions: PSA's functions, which mbedTLS has had since long before ESP-IDF v6.0 has nothing else. What the
 * signature's numbers may be is decided here, before the library sees them: there are libraries and accelerators that do not
 * come back from a 0. Nothing is allocated by a length that came from outside; the message is hashed piece by piece.
 */
#ifndef HOLDFAST_ES256
#define HOLDFAST_ES256

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "holdfast-failure.h"
#include "holdfast-idf.h"
#include "holdfast-sha256.h"

#if !CONFIG_MBEDTLS_ECDSA_C || !CONFIG_MBEDTLS_ECP_DP_SECP256R1_ENABLED
#error "sdkconfig: expected CONFIG_MBEDTLS_ECDSA_C=y and CONFIG_MBEDTLS_ECP_DP_SECP256R1_ENABLED=y, which check updates"
#endif

/* r, s, x and y, big endian. */
#define NUMBER_SIZE_BYTES 32
#define PAIR_SIZE_BYTES (2 * NUMBER_SIZE_BYTES)
/* What stands before x and y (SEC 1, 2.3.3). */
#define UNCOMPRESSED_POINT 0x04
#define HASH_PIECE_BYTES 1024
#define ES256_ALGORITHM PSA_ALG_ECDSA(PSA_ALG_SHA_256)

/** The order of the group, n (SEC 2, 2.4.2). */
static const uint8_t ORDER[NUMBER_SIZE_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

/** From 1 to n − 1. */
static bool isScalar(const uint8_t *number) {
  static const uint8_t zero[NUMBER_SIZE_BYTES];
  return memcmp(number, zero, sizeof zero) != 0 && memcmp(number, ORDER, sizeof ORDER) < 0;
}

static bool isSignature(const uint8_t *bytes, size_t byteLength) {
  return byteLength == PAIR_SIZE_BYTES && isScalar(bytes) && isScalar(bytes + NUMBER_SIZE_BYTES);
}

static Failure hashMessage(const uint8_t *message, size_t byteLength, uint8_t *digest) {
  Operation operation;
  memset(&operation, 0, sizeof operation);
  Failure failure = startOperation(&operation);
  while (failure.function == NULL && byteLength > 0) {
    size_t pieceLength = byteLength < HASH_PIECE_BYTES ? byteLength : HASH_PIECE_BYTES;
    failure = updateOperation(&operation, message, pieceLength);
    message += pieceLength;
    byteLength -= pieceLength;
  }
  if (failure.function == NULL) failure = finishOperation(&operation, digest);
  endOperation(&operation);
  return failure;
}

/** `key` is to be destroyed where nothing failed, and is none where something did. */
static Failure importKey(const uint8_t *publicKey, psa_key_id_t *key) {
  const psa_key_attributes_t attributes = {
      .type = PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1),
      .bits = 8 * NUMBER_SIZE_BYTES,
      .usage = PSA_KEY_USAGE_VERIFY_HASH,
      .algorithm = ES256_ALGORITHM,
  };
  uint8_t point[1 + PAIR_SIZE_BYTES] = {UNCOMPRESSED_POINT};
  memcpy(point + 1, publicKey, PAIR_SIZE_BYTES);
  Failure failure = failureOf("psa_crypto_init", psa_crypto_init());
  if (failure.function != NULL) return failure;
  return failureOf("psa_import_key", psa_import_key(&attributes, point, sizeof point, key));
}

/** Whether the signature is the key's over the digest. It is not where anything failed. */
static Failure verifyDigest(const uint8_t *publicKey, const uint8_t *digest, const uint8_t *signature, bool *isGenuine) {
  psa_key_id_t key = 0;
  *isGenuine = false;
  Failure failure = importKey(publicKey, &key);
  if (failure.function != NULL) return failure;
  psa_status_t status = psa_verify_hash(key, ES256_ALGORITHM, digest, DIGEST_SIZE_BYTES, signature, PAIR_SIZE_BYTES);
  Failure last = failureOf("psa_destroy_key", psa_destroy_key(key));
  if (status != PSA_SUCCESS && status != PSA_ERROR_INVALID_SIGNATURE) return failureOf("psa_verify_hash", status);
  *isGenuine = status == PSA_SUCCESS && last.function == NULL;
  return last;
}

#endif

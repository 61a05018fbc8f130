/**
 * Keys and signatures of the crypto library, as strict as its documentation about their order and policies. What it knows of
 * the curve is a table: one key and its two signatures, the known answers of RFC 6979, A.2.5.
 *
 * A question that hardware may not come back from is a fault, though this library would answer it.
 */
#include <string.h>

#include "mock-chip.h"
#include "mock-memory.h"
#include "psa/crypto.h"

#define KEY_COUNT_MAX 4
#define NUMBER_SIZE_BYTES 32
/* Volatile keys have numbers that a 32-bit library gives from here on. */
#define FIRST_KEY_ID 0x7fff0000u
#define ES256 PSA_ALG_ECDSA(PSA_ALG_SHA_256)

/** A key that somebody has imported. */
typedef struct Key {
  psa_key_attributes_t attributes;
} Key;

static Key *keys[KEY_COUNT_MAX];

/** The key of the answers: 04, x and y. */
static const uint8_t POINT[1 + 2 * NUMBER_SIZE_BYTES] = {
    0x04, 0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74, 0xc6, 0x35, 0x6d, 0x68,
    0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa, 0x6c, 0xe6, 0x69, 0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79,
    0x03, 0xfe, 0x10, 0x08, 0xb8, 0xbc, 0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc, 0x64, 0xf2, 0xf1,
    0xb2, 0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2, 0x94, 0xd4, 0x46, 0x22, 0x99,
};
static const struct {
  const char *message;
  uint8_t signature[2 * NUMBER_SIZE_BYTES];
} ANSWERS[] = {
    {"sample", {0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6,
                0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16,
                0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65,
                0xf3, 0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8}},
    {"test", {0xf1, 0xab, 0xb0, 0x23, 0x51, 0x83, 0x51, 0xcd, 0x71, 0xd8, 0x81, 0x56, 0x7b, 0x1e, 0xa6, 0x63,
              0xed, 0x3e, 0xfc, 0xf6, 0xc5, 0x13, 0x2b, 0x35, 0x4f, 0x28, 0xd3, 0xb0, 0xb7, 0xd3, 0x83, 0x67,
              0x01, 0x9f, 0x41, 0x13, 0x74, 0x2a, 0x2b, 0x14, 0xbd, 0x25, 0x92, 0x6b, 0x49, 0xc6, 0x49, 0x15,
              0x5f, 0x26, 0x7e, 0x60, 0xd3, 0x81, 0x4b, 0x4c, 0x0c, 0xc8, 0x42, 0x50, 0xe4, 0x6f, 0x00, 0x83}},
};
static const uint8_t ORDER[NUMBER_SIZE_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static void removeKey(int index) {
  mockFree(keys[index]);
  keys[index] = NULL;
}

void resetKeys(void) {
  for (int index = 0; index < KEY_COUNT_MAX; index++) removeKey(index);
}

/** The index of an open key, or -1. */
static int indexOf(psa_key_id_t key) {
  uint32_t index = key - FIRST_KEY_ID;
  return index < KEY_COUNT_MAX && keys[index] != NULL ? (int)index : -1;
}

psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data, size_t data_length, psa_key_id_t *key) {
  int code;
  *key = 0;
  if (isRefused("psa_import_key", &code, "psa_import_key %zu", data_length)) return code;
  if (!isCryptoInitialized()) return PSA_ERROR_BAD_STATE;
  if (attributes->lifetime != 0 || attributes->id != 0) return PSA_ERROR_INVALID_ARGUMENT;
  if (attributes->type != PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)) return PSA_ERROR_NOT_SUPPORTED;
  if (attributes->bits != 0 && attributes->bits != 256) return PSA_ERROR_INVALID_ARGUMENT;
  if (data_length != sizeof POINT || memcmp(data, POINT, sizeof POINT) != 0) return PSA_ERROR_INVALID_ARGUMENT;
  for (int index = 0; index < KEY_COUNT_MAX; index++) {
    if (keys[index] != NULL) continue;
    keys[index] = mockCalloc(1, sizeof *keys[index]);
    keys[index]->attributes = *attributes;
    *key = FIRST_KEY_ID + (psa_key_id_t)index;
    return PSA_SUCCESS;
  }
  return PSA_ERROR_INSUFFICIENT_MEMORY;
}

static void checkScalar(const uint8_t *number, const char *name) {
  static const uint8_t zero[NUMBER_SIZE_BYTES];
  bool isZero = memcmp(number, zero, sizeof zero) == 0;
  if (isZero || memcmp(number, ORDER, sizeof ORDER) >= 0) noteFault("psa_verify_hash: %s is out of range", name);
}

/** By the table. */
static bool isAnswer(const uint8_t *hash, const uint8_t *signature) {
  for (size_t index = 0; index < sizeof ANSWERS / sizeof ANSWERS[0]; index++) {
    SHA256 sha;
    uint8_t expected[SHA256_SIZE_BYTES];
    sha256Begin(&sha);
    sha256Update(&sha, (const uint8_t *)ANSWERS[index].message, strlen(ANSWERS[index].message));
    sha256Finish(&sha, expected);
    if (memcmp(hash, expected, sizeof expected) == 0 &&
        memcmp(signature, ANSWERS[index].signature, sizeof ANSWERS[index].signature) == 0) {
      return true;
    }
  }
  return false;
}

psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash, size_t hash_length,
                             const uint8_t *signature, size_t signature_length) {
  int code;
  bool refused = isRefused("psa_verify_hash", &code, "psa_verify_hash %02x%02x%02x%02x of %zu, %zu", hash[0], hash[1], hash[2],
                           hash[3], hash_length, signature_length);
  int index = indexOf(key);
  if (index < 0) return PSA_ERROR_INVALID_HANDLE;
  const psa_key_attributes_t *attributes = &keys[index]->attributes;
  if ((attributes->policy.usage & PSA_KEY_USAGE_VERIFY_HASH) == 0) return PSA_ERROR_NOT_PERMITTED;
  if (alg != attributes->policy.alg && alg != attributes->policy.alg2) return PSA_ERROR_NOT_PERMITTED;
  if (alg != ES256) return PSA_ERROR_NOT_SUPPORTED;
  if (hash_length != SHA256_SIZE_BYTES) return PSA_ERROR_INVALID_ARGUMENT;
  if (signature_length != 2 * NUMBER_SIZE_BYTES) return PSA_ERROR_INVALID_SIGNATURE;
  checkScalar(signature, "r");
  checkScalar(signature + NUMBER_SIZE_BYTES, "s");
  if (refused) return code;
  return isAnswer(hash, signature) ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}

psa_status_t psa_destroy_key(psa_key_id_t key) {
  int code;
  bool refused = isRefused("psa_destroy_key", &code, "psa_destroy_key");
  if (key == 0) return refused ? code : PSA_SUCCESS;
  int index = indexOf(key);
  if (index < 0) return PSA_ERROR_INVALID_HANDLE;
  /* What fails has done its best: the memory is given back. */
  removeKey(index);
  return refused ? code : PSA_SUCCESS;
}

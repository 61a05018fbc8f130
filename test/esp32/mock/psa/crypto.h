/** Hashing, keys and signatures of the PSA Crypto API 1.0, and those of its codes that occur here. */
#ifndef MOCK_PSA_CRYPTO
#define MOCK_PSA_CRYPTO

#include <stddef.h>
#include <stdint.h>

#include "mock-sha256.h"

typedef int32_t psa_status_t;
typedef uint32_t psa_algorithm_t;

#define PSA_SUCCESS ((psa_status_t)0)
#define PSA_ERROR_NOT_PERMITTED ((psa_status_t)-133)
#define PSA_ERROR_NOT_SUPPORTED ((psa_status_t)-134)
#define PSA_ERROR_INVALID_ARGUMENT ((psa_status_t)-135)
#define PSA_ERROR_INVALID_HANDLE ((psa_status_t)-136)
#define PSA_ERROR_BAD_STATE ((psa_status_t)-137)
#define PSA_ERROR_BUFFER_TOO_SMALL ((psa_status_t)-138)
#define PSA_ERROR_INSUFFICIENT_MEMORY ((psa_status_t)-141)
#define PSA_ERROR_INVALID_SIGNATURE ((psa_status_t)-149)
#define PSA_ALG_SHA_256 ((psa_algorithm_t)0x02000009)
#define PSA_ALG_ECDSA(hash_alg) ((psa_algorithm_t)0x06000600 | ((hash_alg) & 0xff))
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve) ((psa_key_type_t)(0x4100 | (curve)))
#define PSA_ECC_FAMILY_SECP_R1 ((psa_ecc_family_t)0x12)
#define PSA_KEY_USAGE_VERIFY_HASH ((psa_key_usage_t)0x00002000)

/** Zeros are an operation that has not begun. As large as the library's are, and used to the last byte. */
typedef struct psa_hash_operation_s {
  uint32_t id;
  SHA256 *state;
  uint8_t used[240];
} psa_hash_operation_t;

typedef uint8_t psa_ecc_family_t;
typedef uint16_t psa_key_type_t;
typedef uint32_t psa_key_usage_t;
typedef uint32_t psa_key_id_t;

/** As mbedTLS 3.6 and TF-PSA-Crypto 1.0 lay them out. */
typedef struct psa_key_attributes_s {
  psa_key_type_t type;
  uint16_t bits;
  uint32_t lifetime;
  struct {
    psa_key_usage_t usage;
    psa_algorithm_t alg, alg2;
  } policy;
  psa_key_id_t id;
} psa_key_attributes_t;

psa_status_t psa_crypto_init(void);
psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data, size_t data_length, psa_key_id_t *key);
psa_status_t psa_destroy_key(psa_key_id_t key);
psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash, size_t hash_length,
                             const uint8_t *signature, size_t signature_length);
psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);
psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input, size_t input_length);
psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size, size_t *hash_length);
psa_status_t psa_hash_abort(psa_hash_operation_t *operation);

#endif

/** Hashing of the PSA Crypto API 1.0, and those of its codes that occur here. */
#ifndef MOCK_PSA_CRYPTO
#define MOCK_PSA_CRYPTO

#include <stddef.h>
#include <stdint.h>

#include "mock-sha256.h"

typedef int32_t psa_status_t;
typedef uint32_t psa_algorithm_t;

#define PSA_SUCCESS ((psa_status_t)0)
#define PSA_ERROR_NOT_SUPPORTED ((psa_status_t)-134)
#define PSA_ERROR_INVALID_ARGUMENT ((psa_status_t)-135)
#define PSA_ERROR_BAD_STATE ((psa_status_t)-137)
#define PSA_ERROR_BUFFER_TOO_SMALL ((psa_status_t)-138)
#define PSA_ERROR_INSUFFICIENT_MEMORY ((psa_status_t)-141)
#define PSA_ALG_SHA_256 ((psa_algorithm_t)0x02000009)

/** Zeros are an operation that has not begun. As large as the library's are, and used to the last byte. */
typedef struct psa_hash_operation_s {
  uint32_t id;
  SHA256 *state;
  uint8_t used[240];
} psa_hash_operation_t;

psa_status_t psa_crypto_init(void);
psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);
psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input, size_t input_length);
psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size, size_t *hash_length);
psa_status_t psa_hash_abort(psa_hash_operation_t *operation);

#endif

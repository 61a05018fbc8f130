/**
 * The declarations of ESP-IDF that a native module needs, wherever it is compiled.
 *
 * Moddable compiles native modules outside of ESP-IDF's build, with a list of include folders of its own and without the
 * configuration of the crypto library. So three things are not simply included: esp_ota_ops.h lies below `app_update/`;
 * hal/wdt_hal.h moved in v6.0 to a component that is not on the list, with all that it includes; and of the crypto headers
 * some are not on the list since v6.0, and the sizes that they give to their structures would be those of another
 * configuration, so that the library would write beyond them. Of these last, the functions are declared, over structures of
 * unknown size; and the attributes of a key, which are the same in all configurations of ESP-IDF.
 */
#ifndef HOLDFAST_IDF
#define HOLDFAST_IDF

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdkconfig.h"

#include "esp_attr.h"
#include "esp_err.h"
#include "esp_idf_version.h"
#include "esp_private/esp_clk.h"
#include "esp_system.h"
#if CONFIG_ESP_TASK_WDT_INIT
#include "esp_task_wdt.h"
#endif
#if __has_include("esp_ota_ops.h")
#include "esp_ota_ops.h"
#else
#include "app_update/include/esp_ota_ops.h"
#endif

#if ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(6, 0, 0)
#include "hal/wdt_hal.h"
#else
/* As in v5.1 … v6.2. `registers` stands for a union of two pointers; wdt_hal_init sets it. */
typedef enum { WDT_RWDT = 0 } wdt_inst_t;
typedef enum { WDT_STAGE0 = 0 } wdt_stage_t;
typedef enum { WDT_STAGE_ACTION_RESET_SYSTEM = 3 } wdt_stage_action_t;
typedef struct {
  wdt_inst_t inst;
  void *registers;
} wdt_hal_context_t;

void wdt_hal_init(wdt_hal_context_t *hal, wdt_inst_t instance, uint32_t prescaler, bool enableInterrupt);
void wdt_hal_config_stage(wdt_hal_context_t *hal, wdt_stage_t stage, uint32_t timeoutTicks, wdt_stage_action_t action);
void wdt_hal_write_protect_disable(wdt_hal_context_t *hal);
void wdt_hal_write_protect_enable(wdt_hal_context_t *hal);
void wdt_hal_enable(wdt_hal_context_t *hal);
void wdt_hal_disable(wdt_hal_context_t *hal);
void wdt_hal_feed(wdt_hal_context_t *hal);
#endif

typedef int32_t psa_status_t;
typedef uint32_t psa_algorithm_t;
typedef uint32_t psa_key_id_t;
#ifndef PSA_SUCCESS
#define PSA_SUCCESS ((psa_status_t)0)
#define PSA_ERROR_INVALID_SIGNATURE ((psa_status_t)-149)
#define PSA_ALG_SHA_256 ((psa_algorithm_t)0x02000009)
#define PSA_ALG_ECDSA(hash) ((psa_algorithm_t)0x06000600 | ((hash)&0xff))
#define PSA_ECC_FAMILY_SECP_R1 0x12
#define PSA_KEY_TYPE_ECC_PUBLIC_KEY(family) ((uint16_t)(0x4100 | (family)))
#define PSA_KEY_USAGE_VERIFY_HASH 0x2000
#endif

#if ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(5, 1, 5) ||                                                                          \
    (ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 2, 0) && ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(5, 2, 2))
#error "ESP-IDF: expected v5.1.5, v5.2.2, v5.3 or later: before mbedTLS 3.6, a key's attributes had another layout"
#endif
/* As since mbedTLS 3.6.0. Zeros are a key that is kept in memory only, under a number that the library chooses. */
typedef struct {
  uint16_t type, bits;
  uint32_t lifetime;
  uint32_t usage;
  psa_algorithm_t algorithm, otherAlgorithm;
  psa_key_id_t id;
} psa_key_attributes_t;

psa_status_t psa_crypto_init(void);
psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data, size_t dataLength, psa_key_id_t *key);
psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t algorithm, const uint8_t *hash, size_t hashLength,
                             const uint8_t *signature, size_t signatureLength);
psa_status_t psa_destroy_key(psa_key_id_t key);

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
typedef struct psa_hash_operation_s psa_hash_operation_t;

psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t algorithm);
psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input, size_t inputLength);
psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hashSize, size_t *hashLength);
psa_status_t psa_hash_abort(psa_hash_operation_t *operation);
#else
typedef struct mbedtls_sha256_context mbedtls_sha256_context;

void mbedtls_sha256_init(mbedtls_sha256_context *context);
void mbedtls_sha256_free(mbedtls_sha256_context *context);
int mbedtls_sha256_starts(mbedtls_sha256_context *context, int is224);
int mbedtls_sha256_update(mbedtls_sha256_context *context, const unsigned char *input, size_t inputLength);
int mbedtls_sha256_finish(mbedtls_sha256_context *context, unsigned char *output);
#endif

#endif

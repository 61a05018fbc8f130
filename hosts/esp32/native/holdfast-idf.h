/**
 * The declarations of ESP-IDF that a native module needs, wherever it is compiled.
 *
 * Moddable compiles native modules outside of ESP-IDF's build, with a list of include folders of its own and without the
 * configuration of the crypto library. So three things are not simply included: esp_ota_ops.h lies below `app_update/`;
 * hal/wdt_hal.h moved in v6.0 to a component that is not on the list, with all that it includes; and the sizes that the crypto
 * headers give to their structures would be those of another configuration, so that the library would write beyond them. Of
 * these last, only the functions are declared, over structures of unknown size.
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

#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
typedef int32_t psa_status_t;
typedef uint32_t psa_algorithm_t;
typedef struct psa_hash_operation_s psa_hash_operation_t;
#ifndef PSA_ALG_SHA_256
#define PSA_SUCCESS ((psa_status_t)0)
#define PSA_ALG_SHA_256 ((psa_algorithm_t)0x02000009)
#endif

psa_status_t psa_crypto_init(void);
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

/**
 * The configuration that the native module is compiled with in a test. By default ESP-IDF v6.0 on two cores, its task watchdog
 * as menuconfig offers it; chip-idf5.c and chip-bare.c choose others before they include the module.
 *
 * It is the first header of ESP-IDF that the module includes, and no other file's: what the module allocates is counted here.
 */
#ifndef MOCK_SDKCONFIG
#define MOCK_SDKCONFIG

#include <stdlib.h>

#include "mock-memory.h"

#define calloc mockCalloc
#define free mockFree

#ifndef MOCK_IDF_MAJOR
#define MOCK_IDF_MAJOR 6
#define MOCK_IDF_MINOR 0
#else
#define MOCK_IDF_MINOR 5
#endif

#define CONFIG_MBEDTLS_ECDSA_C 1
#define CONFIG_MBEDTLS_ECP_DP_SECP256R1_ENABLED 1

#ifdef MOCK_BARE
/* Stock Moddable on a chip without memory in the RTC's domain, as the ESP32-C2. */
#elif MOCK_IDF_MAJOR == 5
/* One core. */
#define CONFIG_ESP_TASK_WDT_EN 1
#define CONFIG_ESP_TASK_WDT_INIT 1
#define CONFIG_ESP_TASK_WDT_PANIC 1
#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 10
#define CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0 1
#define CONFIG_SOC_RTC_FAST_MEM_SUPPORTED 1
#else
#define CONFIG_ESP_TASK_WDT_EN 1
#define CONFIG_ESP_TASK_WDT_INIT 1
#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 5
#define CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0 1
#define CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1 1
#define CONFIG_SOC_RTC_SLOW_MEM_SUPPORTED 1
#endif

#endif

/** The hardware watchdogs' layer, as the module includes it below ESP-IDF v6.0 and as mock-watchdog.c implements it. */
#ifndef MOCK_WDT_HAL
#define MOCK_WDT_HAL

#include <stdbool.h>
#include <stdint.h>

typedef struct timg_dev_s timg_dev_t;
typedef struct rtc_cntl_dev_s rtc_cntl_dev_t;

typedef enum {
  WDT_RWDT = 0,
  WDT_MWDT0,
  WDT_MWDT1,
} wdt_inst_t;

typedef enum {
  WDT_STAGE0 = 0,
  WDT_STAGE1 = 1,
  WDT_STAGE2 = 2,
  WDT_STAGE3 = 3,
} wdt_stage_t;

typedef enum {
  WDT_STAGE_ACTION_OFF = 0,
  WDT_STAGE_ACTION_INT = 1,
  WDT_STAGE_ACTION_RESET_CPU = 2,
  WDT_STAGE_ACTION_RESET_SYSTEM = 3,
  WDT_STAGE_ACTION_RESET_RTC = 4,
} wdt_stage_action_t;

typedef struct {
  wdt_inst_t inst;
  union {
    timg_dev_t *mwdt_dev;
    rtc_cntl_dev_t *rwdt_dev;
  };
} wdt_hal_context_t;

void wdt_hal_init(wdt_hal_context_t *hal, wdt_inst_t wdt_inst, uint32_t prescaler, bool enable_intr);
void wdt_hal_config_stage(wdt_hal_context_t *hal, wdt_stage_t stage, uint32_t timeout, wdt_stage_action_t behavior);
void wdt_hal_write_protect_disable(wdt_hal_context_t *hal);
void wdt_hal_write_protect_enable(wdt_hal_context_t *hal);
void wdt_hal_enable(wdt_hal_context_t *hal);
void wdt_hal_disable(wdt_hal_context_t *hal);
void wdt_hal_feed(wdt_hal_context_t *hal);

#endif

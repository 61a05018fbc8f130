/**
 * The RTC watchdog and the task watchdog over the mocked clock.
 *
 * Moddable's loop and the idle tasks are taken to be on time always: what the task watchdog waits for is its users. As in
 * ESP-IDF, its timer starts anew only when all of them have reported, and a configuration that fails leaves it standing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_system.h"
#include "esp_task_wdt.h"
#include "hal/wdt_hal.h"
#include "mock-chip.h"

#define PERIOD_FRACTION_BITS 19
#define STAGE_STEP_TICKS 16
#define USER_COUNT_MAX 4

/** The registers. */
struct rtc_cntl_dev_s {
  bool isLocked, isOn;
  uint32_t stageTicks;
  wdt_stage_action_t action;
  uint64_t fedAtUs;
};

struct esp_task_wdt_user_handle_s {
  const char *name;
  bool hasReset;
};

static rtc_cntl_dev_t rtc;

static struct {
  bool isStarted, isCounting, isPanic;
  uint32_t timeoutMs, idleCoreMask;
  uint64_t fedAtUs;
  int complaintCount;
  esp_task_wdt_user_handle_t users[USER_COUNT_MAX];
} task;

static void removeUsers(void) {
  for (int index = 0; index < USER_COUNT_MAX; index++) {
    free(task.users[index]);
    task.users[index] = NULL;
  }
}

static int userCount(void) {
  int count = 0;
  for (int index = 0; index < USER_COUNT_MAX; index++) count += task.users[index] != NULL;
  return count;
}

void resetWatchdogs(int idf) {
  removeUsers();
  memset(&task, 0, sizeof task);
  memset(&rtc, 0, sizeof rtc);
  rtc.isLocked = true;
  if (idf == 0) return;
  task.isStarted = task.isCounting = true;
  task.timeoutMs = idf == 5 ? 10000 : 5000;
  task.idleCoreMask = idf == 5 ? 1 : 3;
  task.isPanic = idf == 5;
}

void leaveBootloaderWatchdog(uint32_t timeoutMs) {
  rtc = (rtc_cntl_dev_t){
      .isLocked = true,
      .isOn = true,
      .stageTicks = (uint32_t)(((uint64_t)timeoutMs * 1000 << PERIOD_FRACTION_BITS) / chipTickPeriod()),
      .action = WDT_STAGE_ACTION_RESET_RTC,
      .fedAtUs = chipNowUs(),
  };
}

static uint64_t rtcExpiryUs(void) {
  if (!rtc.isOn || rtc.action == WDT_STAGE_ACTION_OFF) return UINT64_MAX;
  uint64_t period = chipTickPeriod();
  return rtc.fedAtUs + ((rtc.stageTicks * period + (1 << PERIOD_FRACTION_BITS) - 1) >> PERIOD_FRACTION_BITS);
}

static uint64_t taskExpiryUs(void) {
  if (!task.isCounting || userCount() == 0 || areInterruptsOff()) return UINT64_MAX;
  return task.fedAtUs + (uint64_t)task.timeoutMs * 1000;
}

uint64_t nextExpiryUs(void) {
  uint64_t rtcUs = rtcExpiryUs(), taskUs = taskExpiryUs();
  return rtcUs < taskUs ? rtcUs : taskUs;
}

/** A restart clears both; without a panic the task watchdog complains, and goes on. */
void expireWatchdog(void) {
  if (taskExpiryUs() < rtcExpiryUs() && !task.isPanic) {
    task.complaintCount++;
    task.fedAtUs = chipNowUs();
    return;
  }
  if (taskExpiryUs() < rtcExpiryUs()) noteBite(ESP_RST_TASK_WDT, "task");
  else noteBite(ESP_RST_WDT, "rtc%s", rtc.action == WDT_STAGE_ACTION_RESET_SYSTEM ? "" : ", clearing its memory");
  rtc.isOn = false;
  removeUsers();
}

int describeWatchdogs(char *text, size_t sizeBytes) {
  return snprintf(text, sizeBytes,
                  "\"rtc\":{\"isOn\":%s,\"isLocked\":%s,\"ticks\":%" PRIu32 ",\"action\":%d},"
                  "\"task\":{\"timeoutMs\":%" PRIu32 ",\"idleCoreMask\":%" PRIu32 ",\"isPanic\":%s,\"isCounting\":%s,"
                  "\"userCount\":%d,\"complaintCount\":%d}",
                  rtc.isOn ? "true" : "false", rtc.isLocked ? "true" : "false", rtc.stageTicks, rtc.action, task.timeoutMs,
                  task.idleCoreMask, task.isPanic ? "true" : "false", task.isCounting ? "true" : "false", userCount(),
                  task.complaintCount);
}

/** Whether the context is one of the RTC watchdog that wdt_hal_init has made. */
static bool isContext(const wdt_hal_context_t *hal, const char *function) {
  if (hal->inst == WDT_RWDT && hal->rwdt_dev == &rtc) return true;
  noteFault("%s: not the RTC watchdog", function);
  return false;
}

static bool isWritable(const wdt_hal_context_t *hal, const char *function) {
  noteCall("%s", function);
  if (!isContext(hal, function)) return false;
  if (rtc.isLocked) noteFault("%s: the registers are locked", function);
  return !rtc.isLocked;
}

void wdt_hal_init(wdt_hal_context_t *hal, wdt_inst_t wdt_inst, uint32_t prescaler, bool enable_intr) {
  noteCall("wdt_hal_init %d %" PRIu32 " %d", (int)wdt_inst, prescaler, enable_intr);
  if (wdt_inst != WDT_RWDT) noteFault("wdt_hal_init: not the RTC watchdog");
  memset(hal, 0, sizeof *hal);
  hal->inst = wdt_inst;
  hal->rwdt_dev = &rtc;
  rtc = (rtc_cntl_dev_t){.isLocked = true};
}

void wdt_hal_config_stage(wdt_hal_context_t *hal, wdt_stage_t stage, uint32_t timeout, wdt_stage_action_t behavior) {
  if (!isWritable(hal, "wdt_hal_config_stage")) return;
  if (stage != WDT_STAGE0) noteFault("wdt_hal_config_stage: stage %d", (int)stage);
  rtc.stageTicks = timeout / STAGE_STEP_TICKS * STAGE_STEP_TICKS;
  rtc.action = behavior;
}

void wdt_hal_write_protect_disable(wdt_hal_context_t *hal) {
  noteCall("wdt_hal_write_protect_disable");
  if (isContext(hal, "wdt_hal_write_protect_disable")) rtc.isLocked = false;
}

void wdt_hal_write_protect_enable(wdt_hal_context_t *hal) {
  noteCall("wdt_hal_write_protect_enable");
  if (isContext(hal, "wdt_hal_write_protect_enable")) rtc.isLocked = true;
}

void wdt_hal_enable(wdt_hal_context_t *hal) {
  if (!isWritable(hal, "wdt_hal_enable")) return;
  rtc.isOn = true;
  rtc.fedAtUs = chipNowUs();
}

void wdt_hal_disable(wdt_hal_context_t *hal) {
  if (isWritable(hal, "wdt_hal_disable")) rtc.isOn = false;
}

void wdt_hal_feed(wdt_hal_context_t *hal) {
  if (isWritable(hal, "wdt_hal_feed")) rtc.fedAtUs = chipNowUs();
}

esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config) {
  int code;
  if (isRefused("esp_task_wdt_reconfigure", &code, "esp_task_wdt_reconfigure %" PRIu32 " %" PRIu32 " %s", config->timeout_ms,
                config->idle_core_mask, config->trigger_panic ? "panic" : "complain")) {
    task.isCounting = false;
    return code;
  }
  if (!task.isStarted) return ESP_ERR_INVALID_STATE;
  if (config->idle_core_mask >= 1 << 2) return ESP_ERR_INVALID_ARG;
  task.timeoutMs = config->timeout_ms;
  task.idleCoreMask = config->idle_core_mask;
  task.isPanic = config->trigger_panic;
  task.isCounting = true;
  task.fedAtUs = chipNowUs();
  return ESP_OK;
}

esp_err_t esp_task_wdt_add_user(const char *user_name, esp_task_wdt_user_handle_t *user_handle_ret) {
  int code;
  if (isRefused("esp_task_wdt_add_user", &code, "esp_task_wdt_add_user %s", user_name)) return code;
  if (!task.isStarted) return ESP_ERR_INVALID_STATE;
  for (int index = 0; index < USER_COUNT_MAX; index++) {
    if (task.users[index] != NULL) continue;
    task.users[index] = calloc(1, sizeof *task.users[index]);
    if (task.users[index] == NULL) abort();
    task.users[index]->name = user_name;
    *user_handle_ret = task.users[index];
    task.fedAtUs = chipNowUs();
    return ESP_OK;
  }
  abort();
}

/** Its place, or -1. The handle is only compared: it may be of a user that is gone. */
static int placeOf(esp_task_wdt_user_handle_t user) {
  for (int index = 0; index < USER_COUNT_MAX; index++) {
    if (user != NULL && task.users[index] == user) return index;
  }
  return -1;
}

esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t user_handle) {
  int code;
  bool areAllReset = true;
  if (isRefused("esp_task_wdt_reset_user", &code, "esp_task_wdt_reset_user")) return code;
  int place = placeOf(user_handle);
  if (place < 0) return ESP_ERR_NOT_FOUND;
  task.users[place]->hasReset = true;
  for (int index = 0; index < USER_COUNT_MAX; index++) {
    if (task.users[index] != NULL && !task.users[index]->hasReset) areAllReset = false;
  }
  if (!areAllReset) return ESP_OK;
  task.fedAtUs = chipNowUs();
  for (int index = 0; index < USER_COUNT_MAX; index++) {
    if (task.users[index] != NULL) task.users[index]->hasReset = false;
  }
  return ESP_OK;
}

esp_err_t esp_task_wdt_delete_user(esp_task_wdt_user_handle_t user_handle) {
  int code;
  if (isRefused("esp_task_wdt_delete_user", &code, "esp_task_wdt_delete_user")) {
    removeUsers(); /* What each of its codes says. */
    return code;
  }
  int place = placeOf(user_handle);
  if (place < 0) return ESP_ERR_NOT_FOUND;
  free(task.users[place]);
  task.users[place] = NULL;
  return ESP_OK;
}

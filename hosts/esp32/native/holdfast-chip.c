/**
 * What only C can reach on the ESP32, as one XS native module: reset reason, running slot, watchdogs, retained memory, SHA-256,
 * ES256.
 *
 * It is as small as it can be, because what is here runs without a type checker and fails without a stack trace: each function
 * checks its arguments, calls ESP-IDF, and gives the answer or throws. The promises are those of hosts/esp32/native-chip.ts;
 * which function of ESP-IDF stands behind each, since when, and what its errors become is in holdfast-chip.h.
 */
#include "holdfast-chip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "holdfast-es256.h"
#include "holdfast-failure.h"
#include "holdfast-idf.h"
#include "holdfast-sha256.h"

#define TIMEOUT_MIN_MS 100
#define TIMEOUT_MAX_MS 120000
/* How long the task watchdog's panic has before the RTC watchdog ends it. */
#define BACKSTOP_MARGIN_MS 500
/* Binary places of esp_clk_slowclk_cal_get(). */
#define PERIOD_FRACTION_BITS 19
/* The hardware counts stage 0 in steps of up to 16 ticks, by the chip's fuses; ESP-IDF rounds down to one. */
#define STAGE_STEP_TICKS 16

/** Error codes of ESP-IDF are known in hexadecimal, those of the crypto libraries are negative. */
static void throwFailure(xsMachine *the, Failure failure) {
  if (failure.code < 0) xsUnknownError("%s: %d", failure.function, failure.code);
  xsUnknownError("%s: 0x%x", failure.function, (unsigned)failure.code);
}

/** The argument, a whole number from `least` to `most`. */
static uint32_t wholeNumber(xsMachine *the, int index, const char *what, uint32_t least, uint32_t most) {
  double value = NAN;
  if (index < xsmcArgc) {
    xsType type = xsmcTypeOf(xsArg(index));
    if (type == xsIntegerType || type == xsNumberType) value = xsmcToNumber(xsArg(index));
  }
  if (!(value >= least && value <= most && value == floor(value))) {
    xsRangeError("%s: expected a whole number from %u to %u", what, (unsigned)least, (unsigned)most);
  }
  return (uint32_t)value;
}

/** A view of bytes or a buffer. The bytes stay where they are until the engine allocates something. */
static const uint8_t *readableBytes(xsMachine *the, int index, size_t *byteLength) {
  void *bytes = NULL;
  xsUnsignedValue count = 0;
  if (index >= xsmcArgc) xsTypeError("expected bytes");
  xsmcGetBufferReadable(xsArg(index), &bytes, &count);
  *byteLength = count;
  return bytes;
}

static uint8_t *writableBytes(xsMachine *the, int index, size_t *byteLength) {
  void *bytes = NULL;
  xsUnsignedValue count = 0;
  if (index >= xsmcArgc) xsTypeError("expected bytes");
  xsmcGetBufferWritable(xsArg(index), &bytes, &count);
  *byteLength = count;
  return bytes;
}

void xs_holdfast_resetReason(xsMachine *the) {
  xsmcSetInteger(xsResult, esp_reset_reason());
}

void xs_holdfast_runningSlot(xsMachine *the) {
  const esp_partition_t *partition = esp_ota_get_running_partition();
  if (partition == NULL || partition->type != ESP_PARTITION_TYPE_APP) return;
  int slot = (int)partition->subtype - ESP_PARTITION_SUBTYPE_APP_OTA_MIN;
  if (slot >= 0 && slot < ESP_PARTITION_SUBTYPE_APP_OTA_MAX - ESP_PARTITION_SUBTYPE_APP_OTA_MIN) xsmcSetInteger(xsResult, slot);
}

/* One for all machines of the chip, as the hardware is. */
static struct {
  bool isOpen;
  wdt_hal_context_t backstop;
#if CONFIG_ESP_TASK_WDT_INIT
  esp_task_wdt_user_handle_t taskUser;
  bool isTaskStretched;
#endif
} watchdog;

#if CONFIG_ESP_TASK_WDT_INIT
/* A switch that is off is not defined. */
#ifndef CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0
#define CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0 0
#endif
#ifndef CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1
#define CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1 0
#endif
#ifndef CONFIG_ESP_TASK_WDT_PANIC
#define CONFIG_ESP_TASK_WDT_PANIC 0
#endif
#define TASK_TIMEOUT_MS (CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000)
#define IDLE_CORE_MASK (CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0 | CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1 << 1)

static Failure configureTaskWatchdog(uint32_t timeoutMs, bool isPanic) {
  const esp_task_wdt_config_t config = {
      .timeout_ms = timeoutMs,
      .idle_core_mask = IDLE_CORE_MASK,
      .trigger_panic = isPanic,
  };
  return failureOf("esp_task_wdt_reconfigure", esp_task_wdt_reconfigure(&config));
}

/** As sdkconfig has it and as the start-up code set it. */
static Failure restoreTaskWatchdog(void) {
  return configureTaskWatchdog(TASK_TIMEOUT_MS, CONFIG_ESP_TASK_WDT_PANIC);
}

/** Joins the task watchdog, and makes it wait for `timeoutMs` where that is no shorter than what is configured. */
static Failure openTaskWatchdog(uint32_t timeoutMs) {
  Failure failure = NO_FAILURE;
  watchdog.isTaskStretched = timeoutMs >= TASK_TIMEOUT_MS;
  if (watchdog.isTaskStretched) failure = configureTaskWatchdog(timeoutMs, true);
  if (failure.function == NULL) {
    failure = failureOf("esp_task_wdt_add_user", esp_task_wdt_add_user("holdfast", &watchdog.taskUser));
  }
  /* A second failure would say nothing that the first does not. */
  if (failure.function != NULL && watchdog.isTaskStretched) restoreTaskWatchdog();
  return failure;
}

/** Whatever the one refuses, the other is done. */
static Failure closeTaskWatchdog(void) {
  Failure first = failureOf("esp_task_wdt_delete_user", esp_task_wdt_delete_user(watchdog.taskUser));
  Failure second = watchdog.isTaskStretched ? restoreTaskWatchdog() : NO_FAILURE;
  return first.function != NULL ? first : second;
}

static Failure feedTaskWatchdog(void) {
  return failureOf("esp_task_wdt_reset_user", esp_task_wdt_reset_user(watchdog.taskUser));
}

static uint32_t backstopTimeoutMs(uint32_t timeoutMs) {
  return watchdog.isTaskStretched ? timeoutMs + BACKSTOP_MARGIN_MS : timeoutMs;
}
#else
static Failure openTaskWatchdog(uint32_t timeoutMs) {
  (void)timeoutMs;
  return NO_FAILURE;
}

static Failure closeTaskWatchdog(void) {
  return NO_FAILURE;
}

static Failure feedTaskWatchdog(void) {
  return NO_FAILURE;
}

static uint32_t backstopTimeoutMs(uint32_t timeoutMs) {
  return timeoutMs;
}
#endif

/** Ticks of the RTC's clock, never less than the time: a watchdog may bite late, not early. */
static uint64_t ticksOf(uint32_t timeoutMs, uint32_t tickPeriod) {
  uint64_t ticks = (((uint64_t)timeoutMs * 1000 << PERIOD_FRACTION_BITS) + tickPeriod - 1) / tickPeriod;
  return (ticks + STAGE_STEP_TICKS - 1) / STAGE_STEP_TICKS * STAGE_STEP_TICKS;
}

/** Takes the RTC watchdog over, whoever has it: the bootloader may have left it running, with a reset that clears memory. */
static void armBackstop(uint32_t ticks) {
  wdt_hal_init(&watchdog.backstop, WDT_RWDT, 0, false);
  wdt_hal_write_protect_disable(&watchdog.backstop);
  wdt_hal_config_stage(&watchdog.backstop, WDT_STAGE0, ticks, WDT_STAGE_ACTION_RESET_SYSTEM);
  wdt_hal_enable(&watchdog.backstop);
  wdt_hal_write_protect_enable(&watchdog.backstop);
}

static void feedBackstop(void) {
  wdt_hal_write_protect_disable(&watchdog.backstop);
  wdt_hal_feed(&watchdog.backstop);
  wdt_hal_write_protect_enable(&watchdog.backstop);
}

static void disarmBackstop(void) {
  wdt_hal_write_protect_disable(&watchdog.backstop);
  wdt_hal_disable(&watchdog.backstop);
  wdt_hal_write_protect_enable(&watchdog.backstop);
}

void xs_holdfast_watchdogOpen(xsMachine *the) {
  uint32_t timeoutMs = wholeNumber(the, 0, "watchdogOpen", TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
  if (watchdog.isOpen) xsUnknownError("watchdogOpen: open already, expected watchdogClose before");
  uint32_t tickPeriod = esp_clk_slowclk_cal_get();
  if (tickPeriod == 0 || ticksOf(timeoutMs + BACKSTOP_MARGIN_MS, tickPeriod) > UINT32_MAX) {
    xsUnknownError("esp_clk_slowclk_cal_get: %u, expected the period of the RTC's clock", (unsigned)tickPeriod);
  }
  /* First what can be refused: the RTC watchdog then goes from one owner to the next without a gap. */
  Failure failure = openTaskWatchdog(timeoutMs);
  if (failure.function != NULL) throwFailure(the, failure);
  armBackstop((uint32_t)ticksOf(backstopTimeoutMs(timeoutMs), tickPeriod));
  watchdog.isOpen = true;
}

void xs_holdfast_watchdogFeed(xsMachine *the) {
  if (!watchdog.isOpen) xsUnknownError("watchdogFeed: not open");
  Failure failure = feedTaskWatchdog();
  /* What cannot be fed at both ends is not fed: the backstop brings the chip back. */
  if (failure.function != NULL) throwFailure(the, failure);
  feedBackstop();
}

void xs_holdfast_watchdogClose(xsMachine *the) {
  if (!watchdog.isOpen) return;
  watchdog.isOpen = false;
  disarmBackstop();
  Failure failure = closeTaskWatchdog();
  if (failure.function != NULL) throwFailure(the, failure);
}

#if CONFIG_SOC_RTC_FAST_MEM_SUPPORTED || CONFIG_SOC_RTC_SLOW_MEM_SUPPORTED
#define RETAINED_SIZE_BYTES HOLDFAST_RETAINED_SIZE_BYTES
static RTC_NOINIT_ATTR uint8_t retained[RETAINED_SIZE_BYTES];
#else
#define RETAINED_SIZE_BYTES 0
static uint8_t retained[1];
#endif

/** Where the range begins, in retained memory. */
static uint8_t *retainedRange(xsMachine *the, size_t byteLength) {
  uint32_t offset = wholeNumber(the, 0, "retained memory", 0, RETAINED_SIZE_BYTES);
  if (byteLength > RETAINED_SIZE_BYTES - offset) {
    xsRangeError("retained memory: %u bytes at %u, expected a range within %u", (unsigned)byteLength, (unsigned)offset,
                 (unsigned)RETAINED_SIZE_BYTES);
  }
  return retained + offset;
}

void xs_holdfast_retainedSize(xsMachine *the) {
  xsmcSetInteger(xsResult, RETAINED_SIZE_BYTES);
}

void xs_holdfast_retainedRead(xsMachine *the) {
  size_t byteLength;
  uint8_t *target = writableBytes(the, 1, &byteLength);
  const uint8_t *source = retainedRange(the, byteLength);
  if (byteLength > 0) memcpy(target, source, byteLength);
}

void xs_holdfast_retainedWrite(xsMachine *the) {
  size_t byteLength;
  const uint8_t *source = readableBytes(the, 1, &byteLength);
  uint8_t *target = retainedRange(the, byteLength);
  if (byteLength > 0) memcpy(target, source, byteLength);
}

/** Called by the collector too, for a handle that nobody closed. NULL: it was. */
static void releaseDigest(void *data) {
  if (data == NULL) return;
  endOperation(data);
  free(data);
}

/** The handle's state, or NULL once it was released. Throws for what is no handle. */
static Operation *digestState(xsMachine *the) {
  if (xsmcArgc < 1) xsTypeError("expected a digest");
  return xsmcGetHostDataValidate(xsArg(0), (void *)releaseDigest);
}

static Operation *openDigestState(xsMachine *the) {
  Operation *operation = digestState(the);
  if (operation == NULL) xsUnknownError("digest: closed");
  return operation;
}

static void closeHandle(xsMachine *the, Operation *operation) {
  xsmcSetHostData(xsArg(0), NULL);
  releaseDigest(operation);
}

void xs_holdfast_digestOpen(xsMachine *the) {
  /* The handle comes first: if the engine has no room for it, there is nothing yet that would be lost. */
  xsResult = xsNewHostObject(releaseDigest);
  Operation *operation = calloc(1, sizeof *operation);
  if (operation == NULL) xsUnknownError("digestOpen: no memory for %u bytes", (unsigned)sizeof *operation);
  Failure failure = startOperation(operation);
  if (failure.function != NULL) {
    releaseDigest(operation);
    throwFailure(the, failure);
  }
  xsmcSetHostData(xsResult, operation);
}

void xs_holdfast_digestWrite(xsMachine *the) {
  size_t byteLength;
  Operation *operation = openDigestState(the);
  const uint8_t *bytes = readableBytes(the, 1, &byteLength);
  /* An empty view may be at no address, which the chip's driver refuses. */
  if (byteLength == 0) return;
  Failure failure = updateOperation(operation, bytes, byteLength);
  if (failure.function == NULL) return;
  closeHandle(the, operation);
  throwFailure(the, failure);
}

void xs_holdfast_digestFinish(xsMachine *the) {
  size_t byteLength;
  uint8_t digest[DIGEST_SIZE_BYTES];
  Operation *operation = openDigestState(the);
  uint8_t *target = writableBytes(the, 1, &byteLength);
  if (byteLength != sizeof digest) xsRangeError("digestFinish: %u bytes, expected 32", (unsigned)byteLength);
  Failure failure = finishOperation(operation, digest);
  if (failure.function == NULL) memcpy(target, digest, sizeof digest);
  closeHandle(the, operation);
  if (failure.function != NULL) throwFailure(the, failure);
}

void xs_holdfast_digestClose(xsMachine *the) {
  Operation *operation = digestState(the);
  if (operation != NULL) closeHandle(the, operation);
}

void xs_holdfast_verify(xsMachine *the) {
  size_t keyLength, messageLength, signatureLength;
  const uint8_t *publicKey = readableBytes(the, 0, &keyLength);
  const uint8_t *message = readableBytes(the, 1, &messageLength);
  const uint8_t *signature = readableBytes(the, 2, &signatureLength);
  uint8_t digest[DIGEST_SIZE_BYTES];
  bool isGenuine = false;
  if (keyLength == PAIR_SIZE_BYTES && isSignature(signature, signatureLength)) {
    Failure failure = hashMessage(message, messageLength, digest);
    if (failure.function == NULL) failure = verifyDigest(publicKey, digest, signature, &isGenuine);
    if (failure.function != NULL) throwFailure(the, failure);
  }
  xsmcSetBoolean(xsResult, isGenuine);
}

/**
 * The chip's clock, its facts, its heap, and the memory of what was called: the part that all mocks have in common.
 */
#include "mock-chip.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "esp_ota_ops.h"
#include "esp_private/esp_clk.h"
#include "esp_system.h"
#include "mock-memory.h"

#define REFUSAL_COUNT_MAX 4
/* 1/128,000 s: a millisecond is a whole number of ticks, and of the hardware's steps. */
#define TICK_PERIOD 4096000

/** Lines that were noted, as the items of a JSON array. */
typedef struct Notes {
  char items[24 * 1024];
  size_t byteLength;
} Notes;

static struct {
  uint64_t nowUs;
  int32_t resetReason, partitionType, partitionSubtype, interruptsOff;
  uint32_t tickPeriod;
  struct {
    char function[32];
    int code, callCount;
  } refusals[REFUSAL_COUNT_MAX];
  Notes calls, faults, bites;
} chip;

static int blockCount;
/* The linker's names for the ends of the section that esp_attr.h makes. */
extern uint8_t __start_rtc_noinit[], __stop_rtc_noinit[];

static void note(Notes *notes, const char *format, va_list arguments) {
  char line[160];
  vsnprintf(line, sizeof line, format, arguments);
  if (notes->byteLength + sizeof line + 4 > sizeof notes->items) abort();
  const char *separator = notes->byteLength == 0 ? "" : ",";
  notes->byteLength += (size_t)sprintf(notes->items + notes->byteLength, "%s\"%s\"", separator, line);
}

void noteCall(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(&chip.calls, format, arguments);
  va_end(arguments);
}

void noteFault(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(&chip.faults, format, arguments);
  va_end(arguments);
}

void noteBite(int resetReason, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(&chip.bites, format, arguments);
  va_end(arguments);
  chip.resetReason = resetReason;
}

void resetChip(int idf) {
  memset(&chip, 0, sizeof chip);
  chip.resetReason = ESP_RST_POWERON;
  chip.partitionType = ESP_PARTITION_TYPE_APP;
  chip.partitionSubtype = ESP_PARTITION_SUBTYPE_APP_OTA_MIN;
  chip.tickPeriod = TICK_PERIOD;
  resetWatchdogs(idf);
  resetDigests();
  resetKeys();
}

uint64_t chipNowUs(void) {
  return chip.nowUs;
}

void advanceChip(uint64_t durationUs) {
  uint64_t endUs = chip.nowUs + durationUs;
  for (uint64_t nextUs = nextExpiryUs(); nextUs <= endUs; nextUs = nextExpiryUs()) {
    if (nextUs > chip.nowUs) chip.nowUs = nextUs;
    expireWatchdog();
  }
  chip.nowUs = endUs;
}

bool setFact(const char *name, int32_t value) {
  if (strcmp(name, "resetReason") == 0) chip.resetReason = value;
  else if (strcmp(name, "partitionType") == 0) chip.partitionType = value;
  else if (strcmp(name, "partitionSubtype") == 0) chip.partitionSubtype = value;
  else if (strcmp(name, "interruptsOff") == 0) chip.interruptsOff = value;
  else if (strcmp(name, "tickPeriod") == 0) chip.tickPeriod = (uint32_t)value;
  else return false;
  return true;
}

void refuseCall(const char *function, int code, int callCount) {
  for (int index = 0; index < REFUSAL_COUNT_MAX; index++) {
    if (chip.refusals[index].function[0] != 0) continue;
    snprintf(chip.refusals[index].function, sizeof chip.refusals[index].function, "%s", function);
    chip.refusals[index].code = code;
    chip.refusals[index].callCount = callCount;
    return;
  }
  abort();
}

static bool takeRefusal(const char *function, int *code) {
  for (int index = 0; index < REFUSAL_COUNT_MAX; index++) {
    if (strcmp(chip.refusals[index].function, function) != 0 || chip.refusals[index].callCount-- > 0) continue;
    chip.refusals[index].function[0] = 0;
    *code = chip.refusals[index].code;
    return true;
  }
  return false;
}

bool isRefused(const char *function, int *code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  note(&chip.calls, format, arguments);
  va_end(arguments);
  return takeRefusal(function, code);
}

void *mockCalloc(size_t count, size_t byteLength) {
  int code;
  if (takeRefusal("calloc", &code)) return NULL;
  void *block = calloc(count, byteLength);
  if (block == NULL) abort();
  blockCount++;
  return block;
}

void mockFree(void *block) {
  if (block != NULL) blockCount--;
  free(block);
}

esp_reset_reason_t esp_reset_reason(void) {
  return (esp_reset_reason_t)chip.resetReason;
}

const esp_partition_t *esp_ota_get_running_partition(void) {
  static esp_partition_t partition;
  if (chip.partitionSubtype < 0) return NULL;
  partition.type = (esp_partition_type_t)chip.partitionType;
  partition.subtype = (esp_partition_subtype_t)chip.partitionSubtype;
  return &partition;
}

uint32_t esp_clk_slowclk_cal_get(void) {
  return chip.tickPeriod;
}

bool areInterruptsOff(void) {
  return chip.interruptsOff != 0;
}

uint32_t chipTickPeriod(void) {
  return chip.tickPeriod;
}

const char *reportChip(void) {
  static char text[4 * sizeof(Notes)];
  char watchdogs[512];
  describeWatchdogs(watchdogs, sizeof watchdogs);
  snprintf(text, sizeof text,
           "{\"nowMs\":%.3f,\"resetReason\":%d,\"blockCount\":%d,\"noInitBytes\":%d,%s,"
           "\"calls\":[%s],\"faults\":[%s],\"bites\":[%s]}",
           (double)chip.nowUs / 1000, (int)chip.resetReason, blockCount, (int)(__stop_rtc_noinit - __start_rtc_noinit),
           watchdogs, chip.calls.items, chip.faults.items, chip.bites.items);
  chip.calls.byteLength = 0;
  chip.calls.items[0] = 0;
  return text;
}

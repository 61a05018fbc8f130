/**
 * The command line: `holdfast-xs --host FILE [--heap BYTES] [--stack SLOTS] [--keys COUNT]`.
 *
 * Its author is a program, the chip's process, so there is no help text; a mistake ends in one line that says what was
 * expected.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char message[200];

/** A whole number from `least` to `most`, or -1. */
static long long numberIn(const char *text, long long least, long long most) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || value < least || value > most) return -1;
  return value;
}

const char *readOptions(int argumentCount, char **arguments, Options *options) {
  static const struct {
    const char *name;
    long long least, most;
  } NUMBERS[] = {{"--heap", 16 * 1024, 512LL * 1024 * 1024}, {"--stack", 64, 1 << 20}, {"--keys", 0, 20000}};
  options->hostFile = NULL;
  options->heapSizeBytes = DEFAULT_HEAP_SIZE_BYTES;
  options->stackSlotCount = DEFAULT_STACK_SLOT_COUNT;
  options->keyCount = DEFAULT_KEY_COUNT;
  for (int index = 1; index < argumentCount; index += 2) {
    const char *name = arguments[index];
    const char *value = index + 1 < argumentCount ? arguments[index + 1] : "";
    if (strcmp(name, "--host") == 0 && value[0] != 0) {
      options->hostFile = value;
      continue;
    }
    size_t which = 0;
    while (which < 3 && strcmp(name, NUMBERS[which].name) != 0) which++;
    if (which == 3) {
      snprintf(message, sizeof message, "%.60s: expected --host FILE [--heap BYTES] [--stack SLOTS] [--keys COUNT]", name);
      return message;
    }
    long long number = numberIn(value, NUMBERS[which].least, NUMBERS[which].most);
    if (number < 0) {
      snprintf(message, sizeof message, "%s %.60s: expected a number from %lld to %lld", name, value, NUMBERS[which].least,
               NUMBERS[which].most);
      return message;
    }
    if (which == 0) options->heapSizeBytes = (size_t)number;
    if (which == 1) options->stackSlotCount = (int32_t)number;
    if (which == 2) options->keyCount = (int32_t)number;
  }
  return options->hostFile ? NULL : "no host module: expected --host FILE";
}

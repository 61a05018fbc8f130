/**
 * What happens where a device would restart by itself: memory full, a stack overflow, an exception that nobody caught.
 *
 * XS ends all of them in fxAbort, which may not return. Here it tells the chip why, in one line, and waits to be killed: what
 * the reset looks like is the chip's to decide. Exiting instead was rejected: the chip could not tell it from a crash of this
 * program.
 */
#include "abort.h"

#include <stdarg.h>
#include <stdio.h>

#include "lines.h"
#include "wire.h"

#define LINE_SIZE_BYTES 1001

/** Set while the value thrown is turned into text, which may itself run out of memory. */
static const char *describing;

static _Noreturn void sendAbort(const char *line) {
  sendToChip(OPERATION_ABORT, 0, 0, line, (uint32_t)strlen(line));
  waitForReset();
}

_Noreturn void abortWith(const char *format, ...) {
  char line[LINE_SIZE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  sendAbort(line);
}

/** The value as text, as `String(value)` gives it; an error's name and message. Where it was thrown is behind it, if known. */
static void describe(txMachine *the, txSlot *thrown, char *text, size_t sizeBytes) {
  snprintf(text, sizeBytes, "a value that cannot be shown");
  mxTry(the) {
    mxPushSlot(thrown);
    const char *place = placeOfError(the, the->stack);
    fxToString(the, the->stack);
    if (place[0] != 0) snprintf(text, sizeBytes, "%s (%s)", the->stack->value.string, place);
    else snprintf(text, sizeBytes, "%s", the->stack->value.string);
    mxPop();
  }
  mxCatch(the) {
  }
}

_Noreturn void abortWithException(txMachine *the, const char *what, txSlot *thrown) {
  char text[LINE_SIZE_BYTES];
  describing = what;
  describe(the, thrown, text, sizeof text);
  describing = NULL;
  /* One line, whatever the message holds. */
  for (char *at = text; *at != 0; at++) {
    if (*at == '\n' || *at == '\r') *at = ' ';
  }
  abortWith("%s: %s", what, text);
}

static _Noreturn void abortMemoryFull(txMachine *the) {
  abortWith("memory full: %ld slots of %d bytes and %ld bytes of chunks in use; %ld bytes of the heap are free",
            (long)the->currentHeapCount, (int)sizeof(txSlot), (long)the->currentChunksSize,
            (long)(the->arenaHigh - the->arenaLow));
}

/** The engine's way out. Must not return. */
void fxAbort(txMachine *the, int status) {
  if (describing != NULL) abortWith("%s: a value that cannot be shown", describing);
  switch (status) {
  case XS_NOT_ENOUGH_MEMORY_EXIT:
    abortMemoryFull(the);
  case XS_STACK_OVERFLOW_EXIT:
    abortWith("stack overflow: %ld slots of the engine's stack, or the C stack below it, are used up",
              (long)(the->stackTop - the->stackBottom));
  case XS_NO_MORE_KEYS_EXIT:
    abortWith("too many keys: %ld property names beyond the preload's; keys are never collected",
              (long)(the->keyIndex - the->keyOffset));
  case XS_UNHANDLED_EXCEPTION_EXIT:
    abortWithException(the, "unhandled exception", &mxException);
  case XS_UNHANDLED_REJECTION_EXIT:
    abortWithException(the, "unhandled rejection", &mxException);
  case XS_TOO_MUCH_COMPUTATION_EXIT:
    abortWith("too much computation");
  default:
    abortWith("the engine gave up (status %d)", status);
  }
}

/**
 * What the engine's object `native` has besides, in the program of these specs: the native module's functions in each of its
 * configurations, and the words with which a spec drives the mocks.
 */
#include "natives.h"

#include "mock-chip.h"

/* The engine's own view of the functions that holdfast-chip.h declares. */
#define CALLS(CALL)                                                                                                            \
  CALL(resetReason) CALL(runningSlot) CALL(watchdogOpen) CALL(watchdogFeed) CALL(watchdogClose) CALL(retainedSize)             \
  CALL(retainedRead) CALL(retainedWrite) CALL(digestOpen) CALL(digestWrite) CALL(digestFinish) CALL(digestClose)         \
  CALL(verify)
#define DECLARATION(name)                                                                                                      \
  void xs_holdfast_##name(txMachine *the);                                                                                     \
  void idf5_##name(txMachine *the);                                                                                            \
  void bare_##name(txMachine *the);
#define ENTRIES(name)                                                                                                          \
  {"idf6/xs_holdfast_" #name, xs_holdfast_##name}, {"idf5/xs_holdfast_" #name, idf5_##name},                                   \
      {"bare/xs_holdfast_" #name, bare_##name},

CALLS(DECLARATION)

/** mockReset(idf): 6, 5, or 0 for the bare one. */
static void mockReset(txMachine *the) {
  resetChip(fxToInteger(the, mxArgv(0)));
}

/** mockSet(fact, value) */
static void mockSet(txMachine *the) {
  if (!setFact(fxToString(the, mxArgv(0)), fxToInteger(the, mxArgv(1)))) mxTypeError("mockSet: no such fact");
}

/** mockRefuse(function, code, callCount) */
static void mockRefuse(txMachine *the) {
  refuseCall(fxToString(the, mxArgv(0)), fxToInteger(the, mxArgv(1)), fxToInteger(the, mxArgv(2)));
}

/** mockAdvance(durationMs) */
static void mockAdvance(txMachine *the) {
  advanceChip((uint64_t)(fxToNumber(the, mxArgv(0)) * 1000));
}

/** mockBootloader(timeoutMs): the RTC watchdog runs when the firmware starts. */
static void mockBootloader(txMachine *the) {
  leaveBootloaderWatchdog((uint32_t)fxToInteger(the, mxArgv(0)));
}

/** mockReport() → JSON */
static void mockReport(txMachine *the) {
  fxString(the, mxResult, (txString)reportChip());
}

void extendNative(txMachine *the, txSlot *property, txFlag flags) {
  static const struct {
    const char *name;
    txCallback callback;
  } natives[] = {
      CALLS(ENTRIES){"mockReset", mockReset},
      {"mockSet", mockSet},
      {"mockRefuse", mockRefuse},
      {"mockAdvance", mockAdvance},
      {"mockBootloader", mockBootloader},
      {"mockReport", mockReport},
  };
  for (size_t index = 0; index < sizeof natives / sizeof natives[0]; index++) {
    txID id = fxNewNameX(the, (txString)natives[index].name);
    property = fxNextHostFunctionProperty(the, property, natives[index].callback, 0, id, flags);
  }
}

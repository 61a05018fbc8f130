/** The three modules of a boot: preload.js and application.js from the slot, host.js from a file. */
#ifndef HOLDFAST_MODULES
#define HOLDFAST_MODULES

#include "xsAll.h"

#define PRELOAD_NAME "preload.js"
#define APPLICATION_NAME "application.js"
#define HOST_NAME "host.js"

/** Makes the text importable under `name`. Neither is copied: both must stay where they are. */
void provideModule(const char *name, const uint8_t *text, uint32_t byteLength);

/**
 * Imports the module, runs promise jobs until it has been evaluated, and writes its namespace to `result`. Aborts with what it
 * throws or with why it does not end. Call within a host frame.
 */
void importModule(txMachine *the, const char *name, txSlot *result);

#endif

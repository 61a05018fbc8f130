/** What the host module may do that JavaScript cannot: the object `native`. */
#ifndef HOLDFAST_NATIVES
#define HOLDFAST_NATIVES

#include <stdint.h>

#include "xsAll.h"

/**
 * Makes the object in `root`, so that it costs the application nothing, and writes a reference to it to `result`. `hello` is
 * what the chip said at reset, UTF-8. Call within a host frame, before the machine is shared.
 */
void createNative(txMachine *root, const uint8_t *hello, uint32_t helloLength, txSlot *result);

/**
 * Adds further properties behind `property`, the last one of the object, with `flags` as the others have them. Adds none but in
 * a program that was built with an extension, whose function of this name takes the place of ours.
 */
void extendNative(txMachine *root, txSlot *property, txFlag flags);

#endif

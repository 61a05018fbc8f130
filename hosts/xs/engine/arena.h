/** Memory of a machine: one fixed block. */
#ifndef HOLDFAST_ARENA
#define HOLDFAST_ARENA

#include <stddef.h>

#include "xsAll.h"

/** Says how large the arena of the machine made next is. */
void prepareArena(size_t sizeBytes);

/** Takes the caller's place on the C stack as the top of what a machine may use. Call once, in main. */
void markCStack(void);

/** Lets `the` use as much of the C stack as a task of a device has, in the measure of this computer. */
void limitCStack(txMachine *the);

#endif

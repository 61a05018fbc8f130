/** The event loop: promise jobs, a wake time, events of the chip; asleep otherwise. */
#ifndef HOLDFAST_LOOP
#define HOLDFAST_LOOP

#include "xsAll.h"

/** Runs promise jobs until there are none. Whatever one of them throws aborts. */
void runPromiseJobs(txMachine *the);

/** Aborts with the first promise that was rejected and has no handler. Call when no promise jobs are left. */
void checkRejections(txMachine *the);

/** Sets the two functions that the loop calls. Throws in `the` when they are set already. */
void setListeners(txMachine *the, txSlot *onWake, txSlot *onEvent);

/** Sets the time, in nowMs's measure, at which onWake is called once. Infinity: never. */
void setWakeTime(double atMs);

/** Never returns. */
_Noreturn void runLoop(txMachine *the);

#endif

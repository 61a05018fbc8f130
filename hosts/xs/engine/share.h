/** From the machine that evaluated the preload to the one that runs the application on top of it. */
#ifndef HOLDFAST_SHARE
#define HOLDFAST_SHARE

#include "options.h"
#include "xsAll.h"

/** A machine with room for any preload. What is in it lies in flash on a device, so its size is no figure. */
txMachine *createRoot(void);

/** Makes all that is in `root` read-only, and gives the application's machine, which sees it and has its own small heap. */
txMachine *shareAndClone(txMachine *root, const Options *options);

#endif

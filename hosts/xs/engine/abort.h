/** The end of a boot: one line to the chip, then silence until it pulls the reset line. */
#ifndef HOLDFAST_ABORT
#define HOLDFAST_ABORT

#include "xsAll.h"

/** Sends the line, which is cut at 1000 bytes, and never returns. */
_Noreturn void abortWith(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Aborts with `what`, the value thrown and where: "unhandled exception: TypeError: … (application.js:12)". */
_Noreturn void abortWithException(txMachine *the, const char *what, txSlot *thrown);

#endif

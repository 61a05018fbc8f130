/** Lines of the source texts, without lines in the bytecode. */
#ifndef HOLDFAST_LINES
#define HOLDFAST_LINES

#include "xsAll.h"

/**
 * Remembers where the lines of a module begin: `code` is what runs, `debugCode` the same text compiled with line numbers in it.
 * Both must stay where they are. Where the two do not match, the module has no lines.
 */
void rememberLines(const char *name, const txByte *code, txSize codeSize, const txByte *debugCode, txSize debugCodeSize);

/** "application.js:12" for an error that was thrown by a module of ours, else "". Valid until the next call. */
const char *placeOfError(txMachine *the, txSlot *thrown);

#endif

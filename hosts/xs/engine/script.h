/** From source text to bytecode that lies outside of the heap. */
#ifndef HOLDFAST_SCRIPT
#define HOLDFAST_SCRIPT

#include "xsAll.h"

/** The largest parse so far, in bytes. A device's images are compiled elsewhere; this shows what doing it there would cost. */
extern txSize parserPeakBytes;

/**
 * Compiles a module. Its code, strings and names are allocated for good and outside of the arena, as flash is. Aborts with file
 * and line where the text has a syntax error. `name` must stay where it is.
 */
txScript compileModule(txMachine *the, const char *name, const uint8_t *text, uint32_t byteLength);

/** What the module becomes: bytes of its bytecode, and of the names in it, which a linked image shares. */
typedef struct BytecodeSize {
  txSize code;
  txSize names;
} BytecodeSize;

/** Compiles a module for its size alone. */
BytecodeSize measureModule(txMachine *the, const char *name, const uint8_t *text, uint32_t byteLength);

#endif

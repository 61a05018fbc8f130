/**
 * The heap as a device has it: one block, chunks growing up from its bottom and slots down from its top, full when they meet.
 *
 * So "memory full" is a hard limit that a test can reach, and slots and chunks compete for the same bytes as on the board. The
 * engine joins neighbouring blocks, so each kind stays one block. Memory is given back only with the process.
 */
#include "arena.h"

#include "abort.h"

/* Of a thread's usual 8 MiB. The parser recurses with the nesting of a source text; a device parses nothing. */
#define PARSER_C_STACK_BYTES (4 * 1024 * 1024)
/* A board's task has 8 to 16 KiB of 32-bit frames. This computer's are wider, and with sanitizers ten times as wide. */
#ifdef __SANITIZE_ADDRESS__
#define MACHINE_C_STACK_BYTES (2 * 1024 * 1024)
#else
#define MACHINE_C_STACK_BYTES (128 * 1024)
#endif
/* What the widest slot and every chunk are aligned to. */
#define ALIGNMENT_BYTES 16

static size_t nextSizeBytes;
static char *cStackTop;

void prepareArena(size_t sizeBytes) {
  nextSizeBytes = sizeBytes / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
}

void markCStack(void) {
  cStackTop = __builtin_frame_address(0);
}

void limitCStack(txMachine *the) {
  the->stackLimit = cStackTop - MACHINE_C_STACK_BYTES;
}

/** Asked by the engine for each machine and each parser. */
char *fxCStackLimit(void) {
  return cStackTop - PARSER_C_STACK_BYTES;
}

void fxCreateMachinePlatform(txMachine *the) {
  the->arenaLow = aligned_alloc(ALIGNMENT_BYTES, nextSizeBytes);
  if (the->arenaLow == NULL) abortWith("this computer has no %zu bytes for a heap", nextSizeBytes);
  the->arenaHigh = the->arenaLow + nextSizeBytes;
}

void fxDeleteMachinePlatform(txMachine *the) {
  (void)the;
}

void *fxAllocateChunks(txMachine *the, txSize sizeBytes) {
  size_t rounded = ((size_t)sizeBytes + 7) / 8 * 8;
  if ((size_t)(the->arenaHigh - the->arenaLow) < rounded) return C_NULL;
  uint8_t *result = the->arenaLow;
  the->arenaLow += rounded;
  return result;
}

void fxFreeChunks(txMachine *the, void *chunks) {
  (void)the;
  (void)chunks;
}

txSlot *fxAllocateSlots(txMachine *the, txSize count) {
  size_t sizeBytes = (size_t)count * sizeof(txSlot);
  if ((size_t)(the->arenaHigh - the->arenaLow) < sizeBytes) return C_NULL;
  the->arenaHigh -= sizeBytes;
  return (txSlot *)(void *)the->arenaHigh;
}

void fxFreeSlots(txMachine *the, void *slots) {
  (void)the;
  (void)slots;
}

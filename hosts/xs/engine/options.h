/** What the command line of holdfast-xs may say, and what applies where it says nothing. */
#ifndef HOLDFAST_OPTIONS
#define HOLDFAST_OPTIONS

#include <stddef.h>
#include <stdint.h>

typedef struct Options {
  /** File with the module host.js: our adapters, bundled into one ES module. */
  const char *hostFile;
  /** The application's memory: slots, chunks and stack together. A hard limit. */
  size_t heapSizeBytes;
  /** Slots of it that are the engine's stack. */
  int32_t stackSlotCount;
  /** Names that host and application may add to those of the preload. Keys are never collected, on a device neither. */
  int32_t keyCount;
} Options;

#define DEFAULT_HEAP_SIZE_BYTES (256 * 1024)
/* A board has 384 to 512. A bundle is one module where a board has many, and each of its top-level names takes a slot while it
   is evaluated: hence the double. */
#define DEFAULT_STACK_SLOT_COUNT 1024
#define DEFAULT_KEY_COUNT 4096

/** Fills `options`; gives NULL, or what is wrong with the command line in one sentence. */
const char *readOptions(int argumentCount, char **arguments, Options *options);

#endif

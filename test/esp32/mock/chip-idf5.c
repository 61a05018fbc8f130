/** The native module once more, as ESP-IDF v5 with one core compiles it. */
#define MOCK_IDF_MAJOR 5
#define CHIP idf5_
#include "chip-names.h"
#include "holdfast-chip.c"

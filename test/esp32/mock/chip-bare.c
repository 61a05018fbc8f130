/** The native module once more, where there is neither a task watchdog nor memory in the RTC's domain. */
#define MOCK_BARE
#define CHIP bare_
#include "chip-names.h"
#include "holdfast-chip.c"

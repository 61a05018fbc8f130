/** The engine's meter: how many steps of bytecode and of built-in work have been done. */
#ifndef HOLDFAST_METER
#define HOLDFAST_METER

#include "xsAll.h"

/** Adds what the engine counted since the last call; to be called before its 32 bits go round (4,294,967,296 steps). */
double countMeter(txMachine *the);

#endif

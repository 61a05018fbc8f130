/**
 * The meter as one number that only grows.
 *
 * The engine counts in 32 bits and has a callback to stop a program that computes too much; ours is stopped by the watchdog,
 * so the callback stays off and the count is carried over here, at each turn of the loop and whenever it is read.
 */
#include "meter.h"

double countMeter(txMachine *the) {
  the->meterTotal += (txU4)(the->meterIndex - the->meterLast);
  the->meterLast = the->meterIndex;
  return the->meterTotal;
}

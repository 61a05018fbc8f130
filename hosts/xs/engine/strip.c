/**
 * Functions without `name` and `length`, as in a device's image.
 *
 * Moddable's default `"strip": "*"` leaves both out, of built-in functions and of ours: two slots less for each, and code that
 * reads them gets undefined. Takes the place of the engine's functions by the linker's --wrap. Error.stack still names them.
 */
#include "xsAll.h"

txSlot *__wrap_fxNewFunctionLength(txMachine *the, txSlot *instance, txNumber length) {
  (void)the;
  (void)instance;
  (void)length;
  return C_NULL;
}

txSlot *__wrap_fxNewFunctionName(txMachine *the, txSlot *instance, txID id, txIndex index, txID former, txString prefix) {
  (void)the;
  (void)instance;
  (void)id;
  (void)index;
  (void)former;
  (void)prefix;
  return C_NULL;
}

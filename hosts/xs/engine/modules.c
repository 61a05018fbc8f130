/**
 * Which modules there are, and who may import whom.
 *
 * The names are given by the bundler, there are three of them, and an import that is none is a mistake of the build: it is
 * refused here by name and not looked for in any folder. See hosts/node/simulator/realm.ts for the same rule on Node.
 */
#include "modules.h"

#include <stdio.h>

#include "abort.h"
#include "loop.h"
#include "script.h"

#define MODULE_COUNT_MAX 3
#define PRELOAD_SPECIFIER "./" PRELOAD_NAME

typedef struct ModuleText {
  const char *name;
  const uint8_t *text;
  uint32_t byteLength;
} ModuleText;

static ModuleText provided[MODULE_COUNT_MAX];
static int providedCount;

void provideModule(const char *name, const uint8_t *text, uint32_t byteLength) {
  if (providedCount == MODULE_COUNT_MAX) abortWith("one module too many: %s", name);
  provided[providedCount++] = (ModuleText){name, text, byteLength};
}

static const ModuleText *providedModule(const char *name) {
  for (int index = 0; index < providedCount; index++) {
    if (strcmp(provided[index].name, name) == 0) return &provided[index];
  }
  return NULL;
}

/** Asked by the engine for the key of a specifier. `importer` is XS_NO_ID where importModule itself asks. */
txID fxFindModule(txMachine *the, txSlot *realm, txID importer, txSlot *specifier) {
  char name[80];
  (void)realm;
  /* A specifier that does not fit is longer than all that exist, so the cut decides nothing. */
  snprintf(name, sizeof name, "%s", fxToString(the, specifier));
  if (importer != XS_NO_ID) {
    const char *importerName = fxGetKeyName(the, importer);
    if (strcmp(importerName, PRELOAD_NAME) == 0) mxReferenceError("preload.js imports %s; expected no import", name);
    if (strcmp(name, PRELOAD_SPECIFIER) != 0) {
      mxReferenceError("%s imports %s; expected nothing but " PRELOAD_SPECIFIER, importerName, name);
    }
    return fxNewNameX(the, (txString)PRELOAD_NAME);
  }
  const ModuleText *module = providedModule(name);
  return module ? fxNewNameX(the, (txString)module->name) : XS_NO_ID;
}

/** Asked by the engine when a module is imported for the first time. */
void fxLoadModule(txMachine *the, txSlot *module, txID moduleID) {
  const ModuleText *source = providedModule(fxGetKeyName(the, moduleID));
  if (source == NULL) return; /* "no module", says the engine. */
  txScript script = compileModule(the, source->name, source->text, source->byteLength);
  fxResolveModule(the, module, moduleID, &script, C_NULL, C_NULL);
}

void importModule(txMachine *the, const char *name, txSlot *result) {
  txSlot *realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
  mxPushStringX((txString)name);
  fxRunImport(the, realm, XS_NO_ID);
  mxPullSlot(result);
  txSlot *promise = result->value.reference;
  runPromiseJobs(the);
  txSlot *settled = mxPromiseResult(promise);
  switch (mxPromiseStatus(promise)->value.integer) {
  case mxFulfilledStatus:
    result->kind = settled->kind;
    result->value = settled->value;
    break;
  case mxRejectedStatus:
    abortWithException(the, "unhandled exception", settled);
  default:
    abortWith("%s does not finish loading: expected its top-level await to settle by promise jobs alone", name);
  }
  /* What the module rejected without a handler while it loaded. Its own promise was looked at above. */
  checkRejections(the);
}

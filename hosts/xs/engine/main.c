/**
 * holdfast-xs: the processor of the simulated device on the engine of the real one. It boots once, from the running slot.
 *
 * A fresh process is a fresh memory: nothing survives a reset but what the chip holds, and the chip is the process that started
 * this one (hosts/node/simulator/simulated-chip.ts). The order is a device's: preload and the adapters (host.js), which are
 * read-only from then on; then the application in a small heap of its own. Started by a chip only; docs/design/simulator.md.
 */
#include <stdio.h>
#include <string.h>

#include "abort.h"
#include "arena.h"
#include "image.h"
#include "loop.h"
#include "modules.h"
#include "natives.h"
#include "options.h"
#include "script.h"
#include "share.h"
#include "wire.h"

/** The whole file, allocated for good. */
static Bundle readHostModule(const char *path) {
  Bundle bundle = {NULL, 0};
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) abortWith("the host module %s cannot be opened", path);
  long length = ftell(file);
  if (length < 0 || length > 16 * 1024 * 1024) abortWith("the host module %s is no file of at most 16 MiB", path);
  rewind(file);
  bundle.text = malloc((size_t)length + 1);
  if (bundle.text == NULL || fread(bundle.text, 1, (size_t)length, file) != (size_t)length) {
    abortWith("the host module %s cannot be read", path);
  }
  fclose(file);
  bundle.byteLength = (uint32_t)length;
  return bundle;
}

/** Evaluates preload and adapters, and makes what the application's machine is to find in flash. */
static txMachine *preload(const Frame *hello, const Bundles *bundles, const Bundle *host, txSlot *native) {
  txMachine *the = createRoot();
  fxBeginHost(the);
  {
    mxTry(the) {
      fxRemember(the, native);
      createNative(the, hello->bytes, hello->byteLength, native);
      provideModule(PRELOAD_NAME, bundles->preload.text, bundles->preload.byteLength);
      importModule(the, PRELOAD_NAME, mxResult);
      /* A board's ports come with its runtime and are preloaded like it; their memory is not the application's. */
      provideModule(HOST_NAME, host->text, host->byteLength);
      importModule(the, HOST_NAME, mxResult);
    }
    mxCatch(the) {
      fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
    }
  }
  fxEndHost(the);
  return the;
}

/** Pushes a module's export, or aborts where it is no function. */
static void pushFunction(txMachine *the, txSlot *namespace, const char *name, const char *otherwise) {
  mxPushSlot(namespace);
  mxGetID(fxNewNameX(the, (txString)name));
  if (!fxIsCallable(the, the->stack)) abortWith("%s", otherwise);
}

/** Evaluates the application, and starts the firmware: boot(native, main). */
static void startApplication(txMachine *the, txSlot *native) {
  fxBeginHost(the);
  {
    mxTry(the) {
      txSlot *host, *application;
      mxTemporary(host);
      mxTemporary(application);
      importModule(the, HOST_NAME, host);
      importModule(the, APPLICATION_NAME, application);
      mxPushUndefined();
      pushFunction(the, host, "boot", "the host module exports no boot; expected a function of that name");
      mxCall();
      mxPushReference(native->value.reference);
      pushFunction(the, application, "default", "the application exports no main; expected a function as its default export");
      mxRunCount(2);
      mxPop();
    }
    mxCatch(the) {
      fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
    }
  }
  fxEndHost(the);
}

/** `--bytecode FILE`: prints what a module becomes, for the table of sizes. Needs no chip. */
static int printBytecodeSize(const char *path) {
  Bundle module = readHostModule(path);
  txMachine *the = createRoot();
  BytecodeSize size = measureModule(the, path, module.text, module.byteLength);
  printf("%d %d\n", (int)size.code, (int)size.names);
  return 0;
}

int main(int argumentCount, char **arguments) {
  Options options;
  static txSlot native;
  markCStack();
  if (argumentCount == 3 && strcmp(arguments[1], "--bytecode") == 0) return printBytecodeSize(arguments[2]);
  const char *wrong = readOptions(argumentCount, arguments, &options);
  if (wrong != NULL) {
    fprintf(stderr, "holdfast-xs: %s\n", wrong);
    return 2;
  }
  openWire();
  Frame hello = callChip(OPERATION_HELLO, 0, 0, NULL, 0);
  if (hello.code != STATUS_DONE) abortWith("the chip did not say hello");
  /* Reading the flash uses the buffer of the reply again. */
  uint8_t *text = malloc((size_t)hello.byteLength + 1);
  if (text == NULL) abortWith("this computer has no memory for the chip's hello");
  memcpy(text, hello.bytes, hello.byteLength);
  hello.bytes = text;
  Bundles bundles = readBundles(hello.first, hello.second);
  Bundle host = readHostModule(options.hostFile);
  txMachine *root = preload(&hello, &bundles, &host, &native);
  txMachine *the = shareAndClone(root, &options);
  provideModule(APPLICATION_NAME, bundles.application.text, bundles.application.byteLength);
  startApplication(the, &native);
  runLoop(the);
}

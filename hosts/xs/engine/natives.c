/**
 * The object `native`: the wire to the chip, the clock, the counters of the engine, text to bytes and back. Nothing else.
 *
 * It goes to the host module as an argument and is no global, so a firmware cannot reach it: what the firmware sees is the Host
 * that the module makes of it. The object has no prototype and is frozen; it lives in the shared machine, as native functions
 * live in flash. Arguments are checked here, because the host module is the only thing between them and a firmware's mistake.
 */
#include "natives.h"

#include <math.h>

#include "abort.h"
#include "loop.h"
#include "meter.h"
#include "script.h"
#include "utf8.h"
#include "wire.h"

extern txInteger _xsmcGetBuffer(txMachine *the, txSlot *slot, void **data, txUnsigned *count, txBoolean writable);

/** The argument as it was given, or undefined. */
static txSlot *argument(txMachine *the, int index) {
  static txSlot undefined = {.kind = XS_UNDEFINED_KIND};
  return index < mxArgc ? mxArgv(index) : &undefined;
}

/** A whole number from 0 to `most`. */
static uint32_t wholeNumber(txMachine *the, int index, const char *what, double most) {
  txSlot *slot = argument(the, index);
  double value = slot->kind == XS_INTEGER_KIND ? slot->value.integer : slot->kind == XS_NUMBER_KIND ? slot->value.number : NAN;
  if (!(value >= 0 && value <= most && value == floor(value))) {
    mxRangeError("native: %s: expected a whole number from 0 to %.0f", what, most);
  }
  return (uint32_t)value;
}

/** An ArrayBuffer or Uint8Array, or undefined for no bytes. They stay where they are until the engine allocates something. */
static const void *bytesOf(txMachine *the, int index, uint32_t *byteLength) {
  void *bytes = NULL;
  txUnsigned count = 0;
  if (argument(the, index)->kind != XS_UNDEFINED_KIND) _xsmcGetBuffer(the, argument(the, index), &bytes, &count, 0);
  *byteLength = count;
  return bytes;
}

/** Throws an Error with the text: the engine's own way of throwing cuts it at 127 bytes. */
static void throwText(txMachine *the, const uint8_t *bytes, uint32_t byteLength) {
  mxPush(mxErrorConstructor);
  mxNew();
  mxPushUndefined();
  txString text = fxNewChunk(the, (txSize)decodeUTF8(bytes, byteLength, NULL) + 1);
  text[decodeUTF8(bytes, byteLength, text)] = 0;
  the->stack->value.string = text;
  the->stack->kind = XS_STRING_KIND;
  mxRunCount(1);
  mxPull(mxException);
  fxJump(the);
}

/** What `call` and `send` have in common. */
typedef struct Request {
  uint8_t code;
  uint32_t first, second;
  const void *bytes;
  uint32_t byteLength;
} Request;

static Request readRequest(txMachine *the) {
  Request request;
  request.code = (uint8_t)wholeNumber(the, 0, "code", UINT8_MAX);
  request.first = wholeNumber(the, 1, "first", UINT32_MAX);
  request.second = wholeNumber(the, 2, "second", UINT32_MAX);
  request.bytes = bytesOf(the, 3, &request.byteLength);
  return request;
}

/** call(code, first, second, bytes?) → ArrayBuffer, or undefined where the chip answers that there is nothing. */
static void nativeCall(txMachine *the) {
  Request request = readRequest(the);
  Frame reply = callChip(request.code, request.first, request.second, request.bytes, request.byteLength);
  if (reply.code == STATUS_REFUSED) throwText(the, reply.bytes, reply.byteLength);
  if (reply.code == STATUS_NOTHING) return;
  if (reply.code != STATUS_DONE) abortWith("the chip's reply to operation %u has status %u", request.code, reply.code);
  fxArrayBuffer(the, mxResult, (void *)reply.bytes, (txInteger)reply.byteLength, -1);
}

/** send(code, first, second, bytes?): without a reply. */
static void nativeSend(txMachine *the) {
  Request request = readRequest(the);
  sendToChip(request.code, request.first, request.second, request.bytes, request.byteLength);
}

/** now() → milliseconds since this process started. */
static void nativeNow(txMachine *the) {
  mxResult->kind = XS_NUMBER_KIND;
  mxResult->value.number = nowMs();
}

/** wakeAt(ms): in the measure of now(); undefined or Infinity: never. */
static void nativeWakeAt(txMachine *the) {
  txSlot *slot = argument(the, 0);
  double atMs = slot->kind == XS_UNDEFINED_KIND ? INFINITY : fxToNumber(the, slot);
  if (isnan(atMs)) mxRangeError("native.wakeAt: expected a time in milliseconds, or undefined");
  setWakeTime(atMs);
}

/** listen(onWake, onEvent): once. */
static void nativeListen(txMachine *the) {
  setListeners(the, argument(the, 0), argument(the, 1));
}

static void setNumber(txMachine *the, txSlot *object, const char *name, double value) {
  if (value == (double)(txInteger)value) mxPushInteger((txInteger)value);
  else mxPushNumber(value);
  mxPushSlot(object);
  mxSetID(fxNewNameX(the, (txString)name));
  mxPop();
}

/**
 * statistics(target?) → target, filled. Bytes and counts of the application's machine alone. Where the target has all fields
 * already, reading allocates nothing.
 */
static void nativeStatistics(txMachine *the) {
  const struct {
    const char *name;
    double value;
  } figures[] = {
      {"slots", the->currentHeapCount},
      {"slotBytes", (double)the->currentHeapCount * sizeof(txSlot)},
      {"slotSizeBytes", sizeof(txSlot)},
      {"slotPeak", the->peakHeapCount},
      {"chunkBytes", the->currentChunksSize},
      {"chunkPeak", the->peakChunksSize},
      {"stackPeak", (double)(the->stackTop - the->stackPeak)},
      {"gcCount", the->garbageCollectionCount},
      {"keyCount", (double)the->keyIndex - the->keyOffset},
      {"meter", countMeter(the)},
      {"parserPeakBytes", parserPeakBytes},
  };
  if (argument(the, 0)->kind == XS_REFERENCE_KIND) {
    mxPushSlot(mxArgv(0));
  } else {
    mxPush(mxObjectPrototype);
    fxNewObjectInstance(the);
  }
  mxPullSlot(mxResult);
  for (size_t index = 0; index < sizeof figures / sizeof figures[0]; index++) {
    setNumber(the, mxResult, figures[index].name, figures[index].value);
  }
}

/** collect(): after it, `slots` and `chunkBytes` count no garbage. */
static void nativeCollect(txMachine *the) {
  fxCollectGarbage(the);
}

/** meter() → steps so far. */
static void nativeMeter(txMachine *the) {
  mxResult->kind = XS_NUMBER_KIND;
  mxResult->value.number = countMeter(the);
}

/** utf8Encode(string) → ArrayBuffer. */
static void nativeEncode(txMachine *the) {
  txSlot *slot = argument(the, 0);
  if (slot->kind != XS_STRING_KIND && slot->kind != XS_STRING_X_KIND) mxTypeError("native.utf8Encode: expected a string");
  uint32_t byteLength = (uint32_t)mxStringLength(slot->value.string);
  fxArrayBuffer(the, mxResult, NULL, (txInteger)encodeUTF8(slot->value.string, byteLength, NULL), -1);
  encodeUTF8(slot->value.string, byteLength, (uint8_t *)mxResult->value.reference->next->value.arrayBuffer.address);
}

/** utf8Decode(bytes) → string, with U+FFFD for what is no UTF-8. */
static void nativeDecode(txMachine *the) {
  uint32_t byteLength;
  const void *bytes = bytesOf(the, 0, &byteLength);
  txString text = fxNewChunk(the, (txSize)decodeUTF8(bytes, byteLength, NULL) + 1);
  bytes = bytesOf(the, 0, &byteLength); /* Making room may have moved them. */
  text[decodeUTF8(bytes, byteLength, text)] = 0;
  mxResult->value.string = text;
  mxResult->kind = XS_STRING_KIND;
}

static const struct {
  const char *name;
  txCallback callback;
  txInteger argumentCount;
} NATIVES[] = {
    {"call", nativeCall, 4},       {"send", nativeSend, 4},         {"now", nativeNow, 0},
    {"wakeAt", nativeWakeAt, 1},   {"listen", nativeListen, 2},     {"statistics", nativeStatistics, 1},
    {"collect", nativeCollect, 0}, {"meter", nativeMeter, 0},       {"utf8Encode", nativeEncode, 1},
    {"utf8Decode", nativeDecode, 1},
};

__attribute__((weak)) void extendNative(txMachine *the, txSlot *property, txFlag flags) {
  (void)the;
  (void)property;
  (void)flags;
}

void createNative(txMachine *the, const uint8_t *hello, uint32_t helloLength, txSlot *result) {
  const txFlag flags = XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG;
  txSlot *instance = fxNewInstance(the);
  txSlot *property = instance;
  for (size_t index = 0; index < sizeof NATIVES / sizeof NATIVES[0]; index++) {
    txID id = fxNewNameX(the, (txString)NATIVES[index].name);
    property = fxNextHostFunctionProperty(the, property, NATIVES[index].callback, NATIVES[index].argumentCount, id, flags);
  }
  mxPushUndefined();
  txString text = fxNewChunk(the, (txSize)decodeUTF8(hello, helloLength, NULL) + 1);
  text[decodeUTF8(hello, helloLength, text)] = 0;
  the->stack->value.string = text;
  the->stack->kind = XS_STRING_KIND;
  property = fxNextSlotProperty(the, property, the->stack, fxNewNameX(the, "hello"), flags);
  mxPop();
  extendNative(the, property, flags);
  instance->flag |= XS_DONT_PATCH_FLAG;
  mxPullSlot(result);
}

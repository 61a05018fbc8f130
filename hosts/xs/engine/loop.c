/**
 * One turn: promise jobs until there are none, then rejections that nobody handles, then sleep until the wake time or an event.
 *
 * The engine looks for unhandled rejections when it collects garbage, so the moment depends on the size of the heap; here each
 * turn looks, so that it is the same on every run. Timers are the host module's: it keeps its queue and arms one wake time.
 */
#include "loop.h"

#include <math.h>

#include "abort.h"
#include "meter.h"
#include "wire.h"

static txSlot wakeListener = {.kind = XS_UNDEFINED_KIND};
static txSlot eventListener = {.kind = XS_UNDEFINED_KIND};
static double wakeAtMs = INFINITY;

/** Asked by the engine when the first job is queued. */
void fxQueuePromiseJobs(txMachine *the) {
  the->promiseJobs = 1;
}

void runPromiseJobs(txMachine *the) {
  while (the->promiseJobs) {
    the->promiseJobs = 0;
    fxRunPromiseJobs(the);
    countMeter(the);
  }
}

void checkRejections(txMachine *the) {
  fxCheckUnhandledRejections(the, 1);
}

void setListeners(txMachine *the, txSlot *onWake, txSlot *onEvent) {
  if (wakeListener.kind != XS_UNDEFINED_KIND) mxTypeError("native.listen: called before; expected to be called once");
  if (!fxIsCallable(the, onWake) || !fxIsCallable(the, onEvent)) mxTypeError("native.listen: expected two functions");
  wakeListener.kind = onWake->kind;
  wakeListener.value = onWake->value;
  eventListener.kind = onEvent->kind;
  eventListener.value = onEvent->value;
  fxRemember(the, &wakeListener);
  fxRemember(the, &eventListener);
}

void setWakeTime(double atMs) {
  wakeAtMs = atMs;
}

/** Pushes what onEvent is called with. Gives their count. */
static txInteger pushEvent(txMachine *the, const Frame *event) {
  mxPushUnsigned(event->code);
  mxPushUnsigned(event->first);
  mxPushUnsigned(event->second);
  mxPushUndefined();
  fxArrayBuffer(the, the->stack, (void *)event->bytes, (txInteger)event->byteLength, -1);
  return 4;
}

/** Calls a listener with the event, or with nothing. What it throws ends the boot. */
static void callListener(txMachine *the, txSlot *listener, const Frame *event) {
  if (listener->kind == XS_UNDEFINED_KIND) return; /* Nobody listens: a firmware that waits for nothing idles. */
  fxBeginHost(the);
  {
    mxTry(the) {
      mxPushUndefined();
      mxPushSlot(listener);
      mxCall();
      txInteger count = event ? pushEvent(the, event) : 0;
      mxRunCount(count);
      mxPop();
    }
    mxCatch(the) {
      fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
    }
  }
  fxEndHost(the);
}

_Noreturn void runLoop(txMachine *the) {
  for (;;) {
    runPromiseJobs(the);
    fxEndJob(the);
    /* Finalizers may have queued jobs. */
    if (the->promiseJobs) continue;
    checkRejections(the);
    countMeter(the);
    Frame event;
    if (awaitEvent(wakeAtMs, &event)) {
      callListener(the, &eventListener, &event);
    } else if (nowMs() >= wakeAtMs) {
      wakeAtMs = INFINITY;
      callListener(the, &wakeListener, NULL);
    }
  }
}

/** The wire to the chip: what hosts/node/simulator/rpc.ts describes, seen from the processor. */
#ifndef HOLDFAST_WIRE
#define HOLDFAST_WIRE

#include <stdbool.h>
#include <stdint.h>

/** File descriptors that the chip's process opens for this one. */
enum { CHIP_SOCKET = 3, TETHER = 4, EVENT_SOCKET = 5 };

/** The operations that this program itself asks for; all others are the host module's business. */
enum { OPERATION_HELLO = 1, OPERATION_READ_FLASH = 2, OPERATION_ABORT = 13 };

enum { STATUS_DONE = 0, STATUS_REFUSED = 1, STATUS_NOTHING = 2 };

/** One frame. `bytes` stays valid until the next call that gives a frame of the same kind (reply or event). */
typedef struct Frame {
  uint8_t code;
  uint32_t first;
  uint32_t second;
  const uint8_t *bytes;
  uint32_t byteLength;
} Frame;

/** Takes the descriptors over and binds this process's life to the chip's. */
void openWire(void);

/** Sends a request and blocks until its reply is there. Ends the process where the chip is gone. */
Frame callChip(uint8_t code, uint32_t first, uint32_t second, const void *bytes, uint32_t byteLength);

/** Sends what has no reply. */
void sendToChip(uint8_t code, uint32_t first, uint32_t second, const void *bytes, uint32_t byteLength);

/**
 * Sleeps until `untilMs` (Infinity: for ever) or until an event has arrived, in which case it fills `event` and returns true.
 * An `untilMs` in the past only looks whether one is there. Takes one event at a time.
 */
bool awaitEvent(double untilMs, Frame *event);

/** Milliseconds since this process started, with fractions; monotonic. */
double nowMs(void);

/** Does nothing until the chip ends this process. */
_Noreturn void waitForReset(void);

#endif

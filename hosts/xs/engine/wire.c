/**
 * Frames over sockets, and the tether that ends this process when its chip is gone.
 *
 * Flash and bus calls are synchronous in ECMA-419, so a request blocks until its reply is there. Events come over a socket of
 * their own: on the first one they would have to be told from replies, and a reply must never wait behind them.
 * A frame is a length (u32 little endian, of what follows), a code byte, two numbers (u32) and bytes.
 */
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "abort.h"

#define LENGTH_SIZE_BYTES 4
#define FIXED_SIZE_BYTES 9
/* A flash of 16 MiB in one read is the largest reply that makes sense; a longer one is a broken chip. */
#define REPLY_SIZE_BYTES_MAX (FIXED_SIZE_BYTES + 16 * 1024 * 1024)
/* The chip cuts what comes from the network into pieces; a longer event could not be held in a device's memory anyway. */
#define EVENT_SIZE_BYTES_MAX (FIXED_SIZE_BYTES + 1024 * 1024)

/** Bytes that grow to the longest frame seen. They lie outside of the arena, as a driver's buffers do on a device. */
typedef struct Buffer {
  uint8_t *bytes;
  uint32_t capacity;
} Buffer;

static Buffer reply;
static Buffer event;
/** How much of the next event has arrived, its length included. */
static uint32_t eventArrived;
static bool eventsAreOpen;
static struct timespec start;

/** The chip is gone: so is the power. */
static _Noreturn void endWithTheChip(void) {
  _exit(0);
}

static uint32_t getU32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void putU32(uint8_t *bytes, uint32_t value) {
  for (int index = 0; index < 4; index++) bytes[index] = (uint8_t)(value >> (8 * index));
}

static void reserve(Buffer *buffer, uint32_t byteLength) {
  if (buffer->capacity >= byteLength) return;
  uint8_t *bytes = realloc(buffer->bytes, byteLength);
  if (bytes == NULL) abortWith("this computer has no memory for a frame of %u bytes", byteLength);
  buffer->bytes = bytes;
  buffer->capacity = byteLength;
}

static Frame frameIn(const uint8_t *body, uint32_t byteLength) {
  return (Frame){body[0], getU32(body + 1), getU32(body + 5), body + FIXED_SIZE_BYTES, byteLength - FIXED_SIZE_BYTES};
}

/** The other end of the tether is closed. Safe to call from a signal's handler. */
static bool tetherIsCut(void) {
  struct pollfd tether = {.fd = TETHER, .events = POLLRDHUP};
  return poll(&tether, 1, 0) == 1 && (tether.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

static void onTetherSignal(int number) {
  int kept = errno;
  (void)number;
  if (tetherIsCut()) endWithTheChip();
  errno = kept;
}

/**
 * Three ways to learn of the chip's end: the kernel kills this process when the chip's dies; a signal tells of the tether's
 * end even within an endless loop; and the event loop polls the tether, which may be of a kind that sends no signal.
 */
static void holdTether(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sigaction action = {.sa_handler = onTetherSignal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGIO, &action, NULL);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGIO);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  fcntl(TETHER, F_SETOWN, getpid());
  fcntl(TETHER, F_SETFL, fcntl(TETHER, F_GETFL) | O_ASYNC);
  if (tetherIsCut()) endWithTheChip(); /* It may have been cut before. */
}

void openWire(void) {
  clock_gettime(CLOCK_MONOTONIC, &start);
  signal(SIGPIPE, SIG_IGN);
  int flags = fcntl(CHIP_SOCKET, F_GETFL);
  if (flags < 0 || fcntl(TETHER, F_GETFL) < 0) {
    fputs("holdfast-xs: expected the chip's socket at descriptor 3 and its tether at 4\n", stderr);
    _exit(2);
  }
  holdTether();
  fcntl(CHIP_SOCKET, F_SETFL, flags & ~O_NONBLOCK);
  int eventFlags = fcntl(EVENT_SOCKET, F_GETFL);
  eventsAreOpen = eventFlags >= 0;
  if (eventsAreOpen) fcntl(EVENT_SOCKET, F_SETFL, eventFlags | O_NONBLOCK);
}

static void receive(uint8_t *bytes, uint32_t byteLength) {
  while (byteLength > 0) {
    ssize_t count = read(CHIP_SOCKET, bytes, byteLength);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) endWithTheChip();
    bytes += count;
    byteLength -= (uint32_t)count;
  }
}

void sendToChip(uint8_t code, uint32_t first, uint32_t second, const void *bytes, uint32_t byteLength) {
  uint8_t head[LENGTH_SIZE_BYTES + FIXED_SIZE_BYTES];
  putU32(head, FIXED_SIZE_BYTES + byteLength);
  head[4] = code;
  putU32(head + 5, first);
  putU32(head + 9, second);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, byteLength}};
  struct iovec *part = parts;
  while (part < parts + 2) {
    ssize_t count = writev(CHIP_SOCKET, part, (int)(parts + 2 - part));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) endWithTheChip();
    while (part < parts + 2 && (size_t)count >= part->iov_len) count -= (ssize_t)part++->iov_len;
    if (part < parts + 2) {
      part->iov_base = (uint8_t *)part->iov_base + count;
      part->iov_len -= (size_t)count;
    }
  }
}

Frame callChip(uint8_t code, uint32_t first, uint32_t second, const void *bytes, uint32_t byteLength) {
  sendToChip(code, first, second, bytes, byteLength);
  uint8_t lengthBytes[LENGTH_SIZE_BYTES];
  receive(lengthBytes, sizeof lengthBytes);
  uint32_t length = getU32(lengthBytes);
  if (length < FIXED_SIZE_BYTES || length > REPLY_SIZE_BYTES_MAX) {
    abortWith("the chip's reply to operation %u has %u bytes; expected %d to %d", code, length, FIXED_SIZE_BYTES,
              REPLY_SIZE_BYTES_MAX);
  }
  reserve(&reply, length);
  receive(reply.bytes, length);
  return frameIn(reply.bytes, length);
}

/** Reads towards the next event without blocking. True when it is complete. */
static bool takeEvent(Frame *frame) {
  for (;;) {
    uint32_t end = LENGTH_SIZE_BYTES;
    if (eventArrived >= LENGTH_SIZE_BYTES) {
      uint32_t length = getU32(event.bytes);
      if (length < FIXED_SIZE_BYTES || length > EVENT_SIZE_BYTES_MAX) {
        abortWith("an event of the chip has %u bytes; expected %d to %d", length, FIXED_SIZE_BYTES, EVENT_SIZE_BYTES_MAX);
      }
      end += length;
    }
    reserve(&event, end);
    if (eventArrived >= LENGTH_SIZE_BYTES && eventArrived == end) {
      eventArrived = 0;
      *frame = frameIn(event.bytes + LENGTH_SIZE_BYTES, end - LENGTH_SIZE_BYTES);
      return true;
    }
    ssize_t count = read(EVENT_SOCKET, event.bytes + eventArrived, end - eventArrived);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (count <= 0) {
      eventsAreOpen = false; /* No more of them; the chip itself may well live on. */
      return false;
    }
    eventArrived += (uint32_t)count;
  }
}

/** Throws away what a chip writes into the tether, and ends this process at its end. */
static void checkTether(short happened) {
  uint8_t ignored[64];
  if (happened & POLLIN) {
    if (read(TETHER, ignored, sizeof ignored) == 0) endWithTheChip();
  } else if (happened & (POLLHUP | POLLERR | POLLNVAL)) {
    endWithTheChip();
  }
}

bool awaitEvent(double untilMs, Frame *frame) {
  for (;;) {
    double waitMs = untilMs - nowMs();
    /* A day at most, then it looks again: a timespec ends where a double does not. */
    if (!(waitMs > 0)) waitMs = 0;
    if (waitMs > 86400000) waitMs = 86400000;
    double seconds = floor(waitMs / 1000);
    struct timespec timeout = {(time_t)seconds, (long)((waitMs - seconds * 1000) * 1e6)};
    struct pollfd sources[2] = {{.fd = TETHER, .events = POLLIN}, {.fd = eventsAreOpen ? EVENT_SOCKET : -1, .events = POLLIN}};
    int count = ppoll(sources, 2, &timeout, NULL);
    if (count > 0) {
      checkTether(sources[0].revents);
      if (sources[1].revents && takeEvent(frame)) return true;
    }
    if (nowMs() >= untilMs) return false;
  }
}

double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - start.tv_sec) * 1000 + (double)(now.tv_nsec - start.tv_nsec) / 1e6;
}

_Noreturn void waitForReset(void) {
  eventsAreOpen = false;
  Frame ignored;
  for (;;) awaitEvent(INFINITY, &ignored);
}

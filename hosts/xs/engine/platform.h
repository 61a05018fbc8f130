/**
 * What the XS engine wants to know about the computer it is compiled for: its types come from here, and so do the hooks that
 * this host implements itself.
 *
 * The engine's sources include this header because the Makefile names it as XSPLATFORM; none of them is changed. Memory, abort,
 * module lookup, parser and promise queue are ours (arena.c, abort.c, modules.c, script.c, loop.c); the engine's own answers to
 * them suit a command-line tool and not a device. There are no threads and no sockets in here.
 */
#ifndef HOLDFAST_PLATFORM
#define HOLDFAST_PLATFORM

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef mxLittleEndian
#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

/* The flags of the engine are tested with #ifdef: one that is off must not be defined at all, so none is set to 0 here. */
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultSharedChunks 1
/* These two are tested by value, and there the default would be none and no limit at all. */
#define mxUseDefaultCStackLimit 0
#define mxUseDefaultParseScript 0

/* A pointer-sized slot has room for a 32-bit key; the 16-byte slot of a microcontroller has not. */
#if INTPTR_MAX == INT64_MAX
#define mx32bitID 1
#endif

/* What each machine carries for us: its arena (arena.c), whether promise jobs wait (loop.c), its meter so far (meter.c). */
#define mxMachinePlatform                                                                                                      \
  uint8_t *arenaLow;                                                                                                           \
  uint8_t *arenaHigh;                                                                                                          \
  int promiseJobs;                                                                                                             \
  double meterTotal;                                                                                                           \
  uint32_t meterLast;

#endif

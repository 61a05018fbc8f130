/**
 * Which function of ESP-IDF refused, and with which code: how the parts of the native module tell each other of a failure.
 *
 * The module is one translation unit, with everything static but its functions for XS: so one program can hold it in several
 * configurations, as the tests do. Its parts are therefore headers, each included once, by holdfast-chip.c.
 */
#ifndef HOLDFAST_FAILURE
#define HOLDFAST_FAILURE

#include <stddef.h>

/** `function` is NULL where none did. */
typedef struct Failure {
  const char *function;
  int code;
} Failure;

static const Failure NO_FAILURE = {NULL, 0};

static inline Failure failureOf(const char *function, int code) {
  return code == 0 ? NO_FAILURE : (Failure){function, code};
}

#endif

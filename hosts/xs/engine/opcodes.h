/** How long an instruction of XS bytecode is. */
#ifndef HOLDFAST_OPCODES
#define HOLDFAST_OPCODES

#include "xsAll.h"

/** Bytes of the instruction at `code`, its operands included; for one that holds a function, only up to the function's body. */
static inline txSize instructionSize(const txByte *code) {
  txS1 size = gxCodeSizes[(txU1)*code];
  txU2 length16;
  txS4 length32;
  switch (size) {
  case 0:
    return 1 + (txSize)sizeof(txID);
  case -1:
    return 2 + (txU1)code[1];
  case -2:
    memcpy(&length16, code + 1, sizeof length16);
    return 3 + length16;
  case -4:
    memcpy(&length32, code + 1, sizeof length32);
    return 5 + length32;
  default:
    return size;
  }
}

#endif

/** Between well-formed UTF-8, as it travels, and the strings of the engine. */
#ifndef HOLDFAST_UTF8
#define HOLDFAST_UTF8

#include <stdint.h>

/** Writes the string of the engine as UTF-8 to `output`, unless that is NULL. Gives its length in bytes. */
uint32_t encodeUTF8(const char *string, uint32_t byteLength, uint8_t *output);

/** Writes any bytes as a string of the engine, without its final 0, to `output`, unless that is NULL. Gives its length. */
uint32_t decodeUTF8(const uint8_t *bytes, uint32_t byteLength, char *output);

#endif

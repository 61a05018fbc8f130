/**
 * TextEncoder and TextDecoder in small: the engine's strings are UTF-8 but for two things.
 *
 * It writes U+0000 as C0 80, because its strings end with a 0, and a lone surrogate as the three bytes it would have. Going
 * out, the first becomes 00 and the second U+FFFD; coming in, everything that is not well-formed becomes U+FFFD as the
 * Encoding Standard says (one for each maximal part of a sequence). A byte order mark is kept: it is data here.
 */
#include "utf8.h"

#include <stdbool.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/** Appends the bytes where there is somewhere to append to. Gives the new length. */
static uint32_t append(void *output, uint32_t length, const void *bytes, uint32_t byteLength) {
  if (output) memcpy((uint8_t *)output + length, bytes, byteLength);
  return length + byteLength;
}

uint32_t encodeUTF8(const char *string, uint32_t byteLength, uint8_t *output) {
  const uint8_t *bytes = (const uint8_t *)string;
  uint32_t length = 0;
  for (uint32_t index = 0; index < byteLength;) {
    if (bytes[index] == 0xC0 && index + 1 < byteLength && bytes[index + 1] == 0x80) {
      length = append(output, length, "", 1);
      index += 2;
    } else if (bytes[index] == 0xED && index + 2 < byteLength && bytes[index + 1] >= 0xA0) {
      length = append(output, length, REPLACEMENT, 3);
      index += 3;
    } else {
      length = append(output, length, bytes + index, 1);
      index += 1;
    }
  }
  return length;
}

/** Bytes of the sequence that `lead` begins, or 0; the range of its second byte, where over-long forms and surrogates hide. */
static uint32_t sequence(uint8_t lead, uint8_t *least, uint8_t *most) {
  *least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  *most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

uint32_t decodeUTF8(const uint8_t *bytes, uint32_t byteLength, char *output) {
  uint32_t length = 0;
  for (uint32_t index = 0; index < byteLength;) {
    uint8_t lead = bytes[index];
    if (lead < 0x80) {
      length = lead == 0 ? append(output, length, "\xC0\x80", 2) : append(output, length, &lead, 1);
      index++;
      continue;
    }
    uint8_t least, most;
    uint32_t size = sequence(lead, &least, &most), good = 1;
    while (good < size && index + good < byteLength && bytes[index + good] >= least && bytes[index + good] <= most) {
      least = 0x80;
      most = 0xBF;
      good++;
    }
    bool whole = size > 0 && good == size;
    length = whole ? append(output, length, bytes + index, size) : append(output, length, REPLACEMENT, 3);
    index += good;
  }
  return length;
}

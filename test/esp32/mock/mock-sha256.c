/**
 * SHA-256 from the standard's text (FIPS 180-4, 5.1.1, 5.3.3, 6.2). The digest suite judges it by NIST's known answers.
 */
#include "mock-sha256.h"

#include <string.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t INITIAL[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t rotate(uint32_t word, int count) {
  return word >> count | word << (32 - count);
}

static uint32_t readWord(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void writeWord(uint8_t *bytes, uint32_t word) {
  for (int index = 0; index < 4; index++) bytes[index] = (uint8_t)(word >> (24 - 8 * index));
}

static void compress(SHA256 *sha) {
  uint32_t schedule[64];
  uint32_t v[8];
  for (int t = 0; t < 16; t++) schedule[t] = readWord(sha->block + 4 * t);
  for (int t = 16; t < 64; t++) {
    uint32_t late = schedule[t - 2], early = schedule[t - 15];
    schedule[t] = (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10) + schedule[t - 7] +
                  (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + schedule[t - 16];
  }
  memcpy(v, sha->words, sizeof v);
  for (int t = 0; t < 64; t++) {
    uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[t] +
                     schedule[t];
    uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, sizeof v - sizeof v[0]);
    v[4] += first;
    v[0] = first + second;
  }
  for (int index = 0; index < 8; index++) sha->words[index] += v[index];
}

void sha256Begin(SHA256 *sha) {
  memcpy(sha->words, INITIAL, sizeof INITIAL);
  sha->byteLength = 0;
}

void sha256Update(SHA256 *sha, const uint8_t *bytes, size_t byteLength) {
  for (size_t index = 0; index < byteLength; index++) {
    sha->block[sha->byteLength++ % 64] = bytes[index];
    if (sha->byteLength % 64 == 0) compress(sha);
  }
}

void sha256Finish(SHA256 *sha, uint8_t *digest) {
  uint64_t bitLength = sha->byteLength * 8;
  uint8_t length[8];
  writeWord(length, (uint32_t)(bitLength >> 32));
  writeWord(length + 4, (uint32_t)bitLength);
  sha256Update(sha, (const uint8_t[]){0x80}, 1);
  while (sha->byteLength % 64 != 56) sha256Update(sha, (const uint8_t[]){0}, 1);
  sha256Update(sha, length, sizeof length);
  for (int index = 0; index < 8; index++) writeWord(digest + 4 * index, sha->words[index]);
}

/**
 * The chip below the native module, in memory: its clock stands still until a spec moves it, and each of its refusals is a
 * spec's wish.
 *
 * It is as strict as the hardware where that is strict (registers that are locked, users that nobody added, operations that
 * have not begun), and tells of each violation, because the hardware would not.
 */
#ifndef MOCK_CHIP
#define MOCK_CHIP

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A chip as the start-up code of `idf` leaves it: 6 or 5, or 0 for one without a task watchdog. */
void resetChip(int idf);

/** The chip's time, in microseconds. */
uint64_t chipNowUs(void);
/** Lets time pass; what expires on the way restarts the chip at its time. */
void advanceChip(uint64_t durationUs);

/**
 * Chooses "resetReason", "partitionType", "partitionSubtype" (-1: no partition), "tickPeriod", or "interruptsOff" (1: the task
 * watchdog's never comes).
 */
bool setFact(const char *name, int32_t value);

/**
 * Makes a call of an ESP-IDF function return `code`, without any effect but what such a failure leaves behind: the next call,
 * or that after `callCount` others.
 */
void refuseCall(const char *function, int code, int callCount);
/** Whether this call is to be refused, and with what. Notes the call. */
bool isRefused(const char *function, int *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Notes a call that cannot be refused. */
void noteCall(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Notes a violation. */
void noteFault(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Notes a restart by a watchdog, and what the next start would tell. */
void noteBite(int resetReason, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Watchdogs (mock-watchdog.c): fresh ones; the time of the next expiry or UINT64_MAX; what happens at it. */
void resetWatchdogs(int idf);
uint64_t nextExpiryUs(void);
void expireWatchdog(void);
/** The RTC watchdog running as a bootloader leaves it: with a reset that clears the RTC's memory. */
void leaveBootloaderWatchdog(uint32_t timeoutMs);
int describeWatchdogs(char *text, size_t sizeBytes);

/** Digests (mock-digest.c). */
void resetDigests(void);
bool isCryptoInitialized(void);

/** Keys and signatures (mock-verifier.c). */
void resetKeys(void);

uint32_t chipTickPeriod(void);
bool areInterruptsOff(void);

/** All that there is to know, as JSON: facts, calls since the last report, faults, bites. Valid until the next call. */
const char *reportChip(void);

#endif

/** Gives the module's functions the prefix CHIP, so that one program holds it in more than one configuration. */
#define JOINED(prefix, name) prefix##name
#define PREFIXED(prefix, name) JOINED(prefix, name)

#define xs_holdfast_resetReason PREFIXED(CHIP, resetReason)
#define xs_holdfast_runningSlot PREFIXED(CHIP, runningSlot)
#define xs_holdfast_watchdogOpen PREFIXED(CHIP, watchdogOpen)
#define xs_holdfast_watchdogFeed PREFIXED(CHIP, watchdogFeed)
#define xs_holdfast_watchdogClose PREFIXED(CHIP, watchdogClose)
#define xs_holdfast_retainedSize PREFIXED(CHIP, retainedSize)
#define xs_holdfast_retainedRead PREFIXED(CHIP, retainedRead)
#define xs_holdfast_retainedWrite PREFIXED(CHIP, retainedWrite)
#define xs_holdfast_digestOpen PREFIXED(CHIP, digestOpen)
#define xs_holdfast_digestWrite PREFIXED(CHIP, digestWrite)
#define xs_holdfast_digestFinish PREFIXED(CHIP, digestFinish)
#define xs_holdfast_digestClose PREFIXED(CHIP, digestClose)
#define xs_holdfast_verify PREFIXED(CHIP, verify)

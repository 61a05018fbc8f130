/** The heap of the C side, counted: a block that nobody gives back is seen by the specs. */
#ifndef MOCK_MEMORY
#define MOCK_MEMORY

#include <stddef.h>

/** NULL where a spec has asked for it by the name "calloc". */
void *mockCalloc(size_t count, size_t byteLength);
void mockFree(void *block);

#endif

/**
 * Preload: what Moddable's linker does to the modules that go into flash, done to a living machine at each boot.
 *
 * The root machine evaluates the preload, everything in it becomes read-only, and the application's machine is a clone that
 * sees it. The rules are the linker's (docs of the Moddable SDK, xs/preload.md):
 * built-in objects, functions, classes and their prototypes are frozen; collections and buffers refuse every write; other
 * objects and module-level `let` are copied into the clone's heap at the first write. A second heap-image format, as a real
 * linker writes, was rejected: it proves nothing that this does not.
 */
#include "share.h"

#include "abort.h"
#include "arena.h"

#define ROOT_HEAP_SIZE_BYTES (64 * 1024 * 1024)
#define ROOT_STACK_SLOT_COUNT (16 * 1024)
#define ROOT_KEY_COUNT 12000
/* The shape of an ESP32 board's heap: it begins small and grows by small steps until the arena is full. */
#define INITIAL_CHUNK_SIZE_BYTES 2048
#define INCREMENTAL_CHUNK_SIZE_BYTES 1024
#define INITIAL_HEAP_COUNT 128
#define INCREMENTAL_HEAP_COUNT 64
#define NAME_MODULO 503
#define SYMBOL_MODULO 31
/* Only scripts that the engine parses by itself use these, and there are none (script.c). */
#define PARSER_BUFFER_SIZE_BYTES 1024
#define PARSER_TABLE_MODULO 127

txMachine *createRoot(void) {
  txCreation creation = {
      .initialChunkSize = 1024 * 1024,
      .incrementalChunkSize = 64 * 1024,
      .initialHeapCount = 32 * 1024,
      .incrementalHeapCount = 8 * 1024,
      .stackCount = ROOT_STACK_SLOT_COUNT,
      .initialKeyCount = ROOT_KEY_COUNT,
      .nameModulo = NAME_MODULO,
      .symbolModulo = SYMBOL_MODULO,
      .parserBufferSize = PARSER_BUFFER_SIZE_BYTES,
      .parserTableModulo = PARSER_TABLE_MODULO,
  };
  prepareArena(ROOT_HEAP_SIZE_BYTES);
  txMachine *root = fxCreateMachine(&creation, "preload", C_NULL, XS_NO_ID);
  if (root == NULL) abortWith("the engine could not make its first machine");
  return root;
}

static void freezeProperty(txSlot *property) {
  if (property->kind != XS_ACCESSOR_KIND) property->flag |= XS_DONT_SET_FLAG;
  property->flag |= XS_DONT_DELETE_FLAG;
}

/** Freezes the object, its private fields and its elements included, but not what it refers to. */
static void freezeInstance(txMachine *the, txSlot *instance) {
  for (txSlot *property = instance->next; property != NULL; property = property->next) {
    freezeProperty(property);
    if (property->kind == XS_PRIVATE_KIND) {
      for (txSlot *field = property->value.private.first; field != NULL; field = field->next) freezeProperty(field);
    } else if (property->kind == XS_ARRAY_KIND) {
      txSlot *item = property->value.array.address;
      for (txIndex count = fxGetIndexSize(the, property); count > 0; count--) freezeProperty(item++);
    }
  }
  instance->flag |= XS_DONT_PATCH_FLAG;
}

static bool isFunction(const txSlot *instance) {
  const txSlot *first = instance->next;
  if (first == NULL || !(first->flag & XS_INTERNAL_FLAG)) return false;
  return first->kind == XS_CALLBACK_KIND || first->kind == XS_CALLBACK_X_KIND || first->kind == XS_CODE_KIND ||
         first->kind == XS_CODE_X_KIND;
}

/** A class or function, and the prototype it gives to its instances. */
static void freezeFunction(txMachine *the, txSlot *function) {
  freezeInstance(the, function);
  for (txSlot *property = function->next; property != NULL; property = property->next) {
    if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND) {
      freezeInstance(the, property->value.reference);
    }
  }
}

static void freezeSlot(txMachine *the, txSlot *slot) {
  switch (slot->kind) {
  case XS_INSTANCE_KIND:
    if (isFunction(slot)) freezeFunction(the, slot);
    break;
  case XS_ARRAY_BUFFER_KIND:
  case XS_MAP_KIND:
  case XS_SET_KIND:
  case XS_WEAK_MAP_KIND:
  case XS_WEAK_SET_KIND:
  case XS_FINALIZATION_REGISTRY_KIND:
    slot->flag |= XS_DONT_SET_FLAG;
    break;
  default:
    break;
  }
}

static void forEachSlot(txMachine *the, void (*visit)(txMachine *, txSlot *)) {
  for (txSlot *heap = the->firstHeap; heap != NULL; heap = heap->next) {
    for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) visit(the, slot);
  }
}

/** Built-in objects and prototypes have fixed places at the top of the stack, behind the machine's own state. */
static void freezeBuiltIns(txMachine *the) {
  for (txSlot *slot = the->stackTop - 1 - mxInstanceInspectorsStackIndex; slot > the->stack; slot--) {
    if (slot[-1].kind == XS_REFERENCE_KIND) freezeInstance(the, slot[-1].value.reference);
  }
}

/** Kinds that the clone's garbage collector leaves alone: their bytes are not in its heap. */
static void leaveTextInPlace(txSlot *slot) {
  switch (slot->kind) {
  case XS_STRING_KIND:
    slot->kind = XS_STRING_X_KIND;
    break;
  case XS_BIGINT_KIND:
    slot->kind = XS_BIGINT_X_KIND;
    break;
  case XS_KEY_KIND:
    slot->kind = XS_KEY_X_KIND;
    break;
  default:
    break;
  }
}

static void leaveSlotInPlace(txMachine *the, txSlot *slot) {
  leaveTextInPlace(slot);
  if (slot->kind != XS_ARRAY_KIND) return;
  txSlot *item = slot->value.array.address;
  for (txIndex count = fxGetIndexSize(the, slot); count > 0; count--) leaveTextInPlace(item++);
}

/**
 * Makes texts and chunks safe to be pointed to from another heap. A string that the application copies from the preload still
 * points here, and the collector of the clone would take its bytes for a chunk of its own, and "move" it to where this chunk's
 * header points. A linker writes these kinds to begin with; and a chunk that points nowhere does not move.
 */
static void leaveChunksInPlace(txMachine *the) {
  forEachSlot(the, leaveSlotInPlace);
  for (txSlot *slot = the->stack; slot < the->stackTop; slot++) leaveTextInPlace(slot);
  for (txBlock *block = the->firstBlock; block != NULL; block = block->nextBlock) {
    for (txByte *at = (txByte *)(block + 1); at < block->current;) {
      txChunk *chunk = (txChunk *)(void *)at;
      at = chunk->temporary;
      chunk->temporary = NULL;
    }
  }
}

/**
 * The engine numbers the objects that may be copied on write from 0, but takes 0 for "never copied": a write to the first of
 * them would change the shared one. This gives it the next free number instead.
 */
static void renumberFirstAlias(txMachine *the) {
  for (txSlot *heap = the->firstHeap; heap != NULL; heap = heap->next) {
    for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
      txSlot *candidate = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : slot;
      txFlag finished = slot->kind == XS_CLOSURE_KIND ? XS_DONT_SET_FLAG : XS_DONT_PATCH_FLAG;
      if (slot->kind != XS_CLOSURE_KIND && slot->kind != XS_INSTANCE_KIND) continue;
      if (candidate->ID == XS_NO_ID && !(candidate->flag & finished)) candidate->ID = the->aliasCount++;
    }
  }
}

txMachine *shareAndClone(txMachine *root, const Options *options) {
  freezeBuiltIns(root);
  forEachSlot(root, freezeSlot);
  fxShareMachine(root);
  leaveChunksInPlace(root);
  renumberFirstAlias(root);
  txCreation creation = {
      .initialChunkSize = INITIAL_CHUNK_SIZE_BYTES,
      .incrementalChunkSize = INCREMENTAL_CHUNK_SIZE_BYTES,
      .initialHeapCount = INITIAL_HEAP_COUNT,
      .incrementalHeapCount = INCREMENTAL_HEAP_COUNT,
      .stackCount = options->stackSlotCount,
      .initialKeyCount = options->keyCount,
      .nameModulo = NAME_MODULO,
      .symbolModulo = SYMBOL_MODULO,
      .parserBufferSize = PARSER_BUFFER_SIZE_BYTES,
      .parserTableModulo = PARSER_TABLE_MODULO,
  };
  prepareArena(options->heapSizeBytes);
  txMachine *the = fxCloneMachine(&creation, root, "application", C_NULL);
  if (the == NULL) abortWith("a heap of %zu bytes does not even hold an empty machine", options->heapSizeBytes);
  limitCStack(the);
  return the;
}

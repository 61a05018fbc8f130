/**
 * From an address in the bytecode to a line in the source, for the one line that an abort prints and for `error.stack`.
 *
 * The engine knows lines only in its debug build, where each line costs an instruction: it would count in the meter, and the
 * figures would depend on line breaks. So every module is compiled twice: as a release, which runs, and with line numbers,
 * which are only read. The instructions of both are the same but for those that say a line, so walking both side by side gives
 * the line of each. The engine's debug build was rejected also because it changes messages and slots.
 */
#include "lines.h"

#include <stdio.h>

#include "abort.h"
#include "opcodes.h"

#define MODULE_COUNT_MAX 3

/** A line begins at this offset of the code. */
typedef struct LineStart {
  txSize offset;
  txInteger line;
} LineStart;

typedef struct ModuleLines {
  char name[64];
  const txByte *code;
  txSize codeSize;
  LineStart *starts;
  txSize startCount;
} ModuleLines;

static ModuleLines modules[MODULE_COUNT_MAX];
static int moduleCount;

static bool onlyForDebugging(txByte opcode) {
  txU1 code = (txU1)opcode;
  return code == XS_CODE_LINE || code == XS_CODE_FILE || code == XS_CODE_PROFILE;
}

/** Walks both codes. With `starts`, fills it. Gives the count of line starts, or -1 where the two do not match. */
static txSize walk(ModuleLines *module, const txByte *debugCode, txSize debugCodeSize, LineStart *starts) {
  txSize offset = 0, debugOffset = 0, count = 0;
  txInteger line = 0, startedLine = 0;
  while (debugOffset < debugCodeSize) {
    const txByte *instruction = debugCode + debugOffset;
    txSize debugSize = instructionSize(instruction);
    debugOffset += debugSize;
    if (onlyForDebugging(*instruction)) {
      if ((txU1)*instruction == XS_CODE_LINE) {
        txU2 value;
        memcpy(&value, instruction + 1, sizeof value);
        line = value;
      }
      continue;
    }
    if (offset >= module->codeSize) return -1;
    if (line != startedLine) {
      if (starts) starts[count] = (LineStart){offset, line};
      startedLine = line;
      count++;
    }
    offset += instructionSize(module->code + offset);
  }
  return offset == module->codeSize ? count : -1;
}

void rememberLines(const char *name, const txByte *code, txSize codeSize, const txByte *debugCode, txSize debugCodeSize) {
  if (moduleCount == MODULE_COUNT_MAX) return;
  ModuleLines *module = &modules[moduleCount];
  snprintf(module->name, sizeof module->name, "%s", name);
  module->code = code;
  module->codeSize = codeSize;
  txSize count = walk(module, debugCode, debugCodeSize, NULL);
  if (count <= 0) return;
  module->starts = malloc((size_t)count * sizeof(LineStart));
  if (module->starts == NULL) abortWith("this computer has no memory for the lines of %s", name);
  module->startCount = walk(module, debugCode, debugCodeSize, module->starts);
  moduleCount++;
}

static const ModuleLines *moduleAt(const txByte *address) {
  for (int index = 0; index < moduleCount; index++) {
    const ModuleLines *module = &modules[index];
    if (address >= module->code && address < module->code + module->codeSize) return module;
  }
  return NULL;
}

static txInteger lineAt(const ModuleLines *module, const txByte *address) {
  txSize offset = (txSize)(address - module->code), low = 0, high = module->startCount;
  while (low < high) {
    txSize middle = low + (high - low) / 2;
    if (module->starts[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? module->starts[low - 1].line : 0;
}

extern void __real_fxCaptureErrorStack(txMachine *the, txSlot *internal, txSlot *frame);

/**
 * Takes the engine's place when an error is made (the linker's --wrap): writes file and line of each frame to where a debug
 * build would have kept them, then lets the engine read them.
 */
void __wrap_fxCaptureErrorStack(txMachine *the, txSlot *internal, txSlot *frame) {
  const txByte *address = the->code;
  /* From the innermost frame: an error's constructor leaves its own out. */
  for (txSlot *at = the->frame; at->next != NULL; at = at->next) {
    txSlot *environment = mxFrameToEnvironment(at);
    const ModuleLines *module = address ? moduleAt(address) : NULL;
    environment->ID = module ? fxFindName(the, (txString)module->name) : XS_NO_ID;
    environment->value.environment.line = module ? lineAt(module, address) : 0;
    /* A frame holds where its caller goes on: one past the call, which may be the next line already. */
    address = at->value.frame.code ? at->value.frame.code - 1 : NULL;
  }
  __real_fxCaptureErrorStack(the, internal, frame);
}

const char *placeOfError(txMachine *the, txSlot *thrown) {
  static char place[80];
  place[0] = 0;
  if (thrown->kind != XS_REFERENCE_KIND) return place;
  txSlot *error = thrown->value.reference->next;
  if (error == NULL || error->kind != XS_ERROR_KIND || error->value.reference == NULL) return place;
  for (txSlot *at = error->value.reference->next; at != NULL; at = at->next) {
    if (at->ID == XS_NO_ID) continue;
    snprintf(place, sizeof place, "%s:%d", fxGetKeyName(the, at->ID), (int)at->value.key.sum);
    break;
  }
  return place;
}

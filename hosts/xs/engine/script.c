/**
 * The compiler of this host: what Moddable's xsc and linker do at build time happens here at boot.
 *
 * On a device bytecode, literal strings and the names in them lie in flash. Here they lie in memory of their own, which is
 * never freed, so the application's heap holds what it would hold there and a figure measured here carries over. For this the
 * instructions that copy a function or a string into a chunk are replaced by their siblings that point to it in place.
 * Evaluating text at run time (eval, Function) is refused: a device's image has no compiler in it.
 */
#include "script.h"

#include <stdio.h>

#include "abort.h"
#include "lines.h"
#include "opcodes.h"
#include "xsScript.h"

/* The longest token: a bundle may hold a certificate or a table as one string. */
#define TOKEN_SIZE_BYTES_MAX (256 * 1024)
#define SYMBOL_MODULO 1993

/* The engine declares it in one of its own .c files. */
extern void fxRemapIDs(txMachine *the, txByte *code, txSize codeSize, txID *keys);

txSize parserPeakBytes;

/** A source text as the parser reads it. */
typedef struct Source {
  const uint8_t *at;
  const uint8_t *end;
} Source;

static int nextByte(void *stream) {
  Source *source = stream;
  return source->at < source->end ? *source->at++ : C_EOF;
}

static const char *parsedName;

/** The parser's first complaint is the last: the boot ends with it. */
static void reportError(void *console, txString path, txInteger line, txString format, va_list arguments) {
  char message[200];
  (void)console;
  (void)path;
  vsnprintf(message, sizeof message, format, arguments);
  abortWith("unhandled exception: SyntaxError: %s (%s:%d)", message, parsedName, (int)line);
}

static void ignoreWarning(void *console, txString path, txInteger line, txString format, va_list arguments) {
  (void)console;
  (void)path;
  (void)line;
  (void)format;
  (void)arguments;
}

static txScript *parse(txMachine *the, const char *name, const uint8_t *text, uint32_t byteLength, txUnsigned flags) {
  txParser parser;
  txParserJump jump;
  txScript *volatile script = NULL;
  Source source = {text, text + byteLength};
  parsedName = name;
  fxInitializeParser(&parser, the, TOKEN_SIZE_BYTES_MAX, SYMBOL_MODULO);
  parser.firstJump = &jump;
  parser.reportError = reportError;
  parser.reportWarning = ignoreWarning;
  if (c_setjmp(jump.jmp_buf) == 0) {
    parser.path = fxNewParserSymbol(&parser, (txString)name);
    parser.source = parser.path;
    fxParserTree(&parser, &source, nextByte, flags, NULL);
    fxParserHoist(&parser);
    fxParserBind(&parser);
    script = fxParserCode(&parser);
  }
  /* The token buffer is not counted: its size is ours, not the text's. */
  txSize usedBytes = parser.total - TOKEN_SIZE_BYTES_MAX;
  if (flags == 0 && parserPeakBytes < usedBytes) parserPeakBytes = usedBytes;
  fxTerminateParser(&parser);
  if (script == NULL) abortWith("unhandled exception: SyntaxError: %s is no module", name);
  return script;
}

/** Gives each name in the script its key. The keys point to the names where they are. */
static void resolveNames(txMachine *the, txScript *script) {
  txByte *at = script->symbolsBuffer;
  txID count;
  mxDecodeID(at, count);
  txID *keys = malloc((size_t)count * sizeof(txID));
  if (keys == NULL) abortWith("this computer has no memory for the names of a module");
  keys[0] = XS_NO_ID;
  for (txID index = 1; index < count; index++) {
    keys[index] = fxNewNameX(the, (txString)at);
    at += mxStringLength((char *)at) + 1;
  }
  fxRemapIDs(the, script->codeBuffer, script->codeSize, keys);
  free(keys);
}

/** The same code with functions and strings used in place. Each instruction keeps its length. */
static void keepInPlace(txByte *code, txSize codeSize) {
  for (txByte *at = code; at < code + codeSize; at += instructionSize(at)) {
    switch ((txU1)*at) {
    case XS_CODE_CODE_1:
      *at = (txByte)XS_CODE_CODE_ARCHIVE_1;
      break;
    case XS_CODE_CODE_2:
      *at = (txByte)XS_CODE_CODE_ARCHIVE_2;
      break;
    case XS_CODE_CODE_4:
      *at = (txByte)XS_CODE_CODE_ARCHIVE_4;
      break;
    case XS_CODE_STRING_1:
      *at = (txByte)XS_CODE_STRING_ARCHIVE_1;
      break;
    case XS_CODE_STRING_2:
      *at = (txByte)XS_CODE_STRING_ARCHIVE_2;
      break;
    case XS_CODE_STRING_4:
      *at = (txByte)XS_CODE_STRING_ARCHIVE_4;
      break;
    default:
      break;
    }
  }
}

txScript compileModule(txMachine *the, const char *name, const uint8_t *text, uint32_t byteLength) {
  txScript *debugScript = parse(the, name, text, byteLength, mxDebugFlag);
  txScript *script = parse(the, name, text, byteLength, 0);
  rememberLines(name, script->codeBuffer, script->codeSize, debugScript->codeBuffer, debugScript->codeSize);
  fxDeleteScript(debugScript);
  resolveNames(the, script);
  keepInPlace(script->codeBuffer, script->codeSize);
  /* Without a symbols buffer the engine takes the script for one in flash: it neither resolves names nor frees anything. */
  txScript inPlace = *script;
  inPlace.symbolsBuffer = NULL;
  inPlace.symbolsSize = 0;
  inPlace.path = (txString)name;
  return inPlace;
}

BytecodeSize measureModule(txMachine *the, const char *name, const uint8_t *text, uint32_t byteLength) {
  txScript *script = parse(the, name, text, byteLength, 0);
  BytecodeSize size = {script->codeSize, script->symbolsSize};
  fxDeleteScript(script);
  return size;
}

/** Asked by the engine for eval, Function and the like. */
txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags) {
  (void)stream;
  (void)getter;
  (void)flags;
  mxSyntaxError("no code from strings: a device has no compiler");
  return C_NULL;
}

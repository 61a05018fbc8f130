/**
 * What a device's code must not reach for: the world comes through ports, so that a simulator can own all of it.
 *
 * `lib: ["es2022"]` with `types: []` refuses most of these names already, with "cannot find name". Here each comes with the
 * port that replaces it, and those that the language itself has (`Date`, `Math.random`) are found too.
 */
import ts from "typescript";
import { isPortableDeviceCode } from "../layers.js";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

const TIMER = "use a task of the scheduler, or the Timer port";
const CONSOLE = "use the log module, or the host's trace";
const TEXT = "use the text functions in src/data";
const NONE = "the core has no process: take what you need as an option";

const INSTEAD: { readonly [name: string]: string } = Object.freeze({
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  clearTimeout: TIMER,
  clearInterval: TIMER,
  queueMicrotask: "hand over through a mailbox of the scheduler",
  console: CONSOLE,
  trace: CONSOLE,
  structuredClone: "copy the fields by name",
  TextEncoder: TEXT,
  TextDecoder: TEXT,
  process: NONE,
  Buffer: "use Uint8Array",
  Intl: "format on the other end: a device sends numbers",
  globalThis: "take it as an option of the constructor",
  performance: "use the Clock port",
  crypto: "use the Random, Digest or Verifier port",
  fetch: "use the HTTPClient port",
});

const MEMBERS: { readonly [expression: string]: string } = Object.freeze({
  "Date.now": "use the Clock port to measure, the WallClock port to date",
  "Math.random": "use the Random port",
});

export const outsideGlobal: Rule = Object.freeze({
  name: "outside-global",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isPortableDeviceCode(file.path) || !isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const declared = declaredNames(source);
    const findings: Finding[] = [];
    visit(source, (node) => {
      const fault = faultOf(node, declared);
      if (fault !== undefined) findings.push({ line: lineOf(source, node), what: fault[0], instead: fault[1] });
    });
    return findings;
  },
});

function faultOf(node: ts.Node, declared: ReadonlySet<string>): readonly [what: string, instead: string] | undefined {
  if (ts.isIdentifier(node) && isReference(node) && !declared.has(node.text) && Object.hasOwn(INSTEAD, node.text)) {
    return [node.text, INSTEAD[node.text]!];
  }
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const text = `${node.expression.text}.${node.name.text}`;
    if (Object.hasOwn(MEMBERS, text)) return [text, MEMBERS[text]!];
  }
  // With an argument it is arithmetic; without one it is the world's time.
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && ts.isIdentifier(node.expression)) {
    if (node.expression.text === "Date" && (node.arguments?.length ?? 0) === 0)
      return ["the present time from Date", MEMBERS["Date.now"]!];
  }
  return undefined;
}

/** Whether an identifier is read as a variable: not a member, not a key, not the name of a declaration. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isQualifiedName(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !("name" in parent && parent.name === node);
}

/** Names that the file gives to something of its own. */
function declaredNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  visit(source, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}

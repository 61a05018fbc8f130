/**
 * No state at module level in device code: what a module makes while it loads is a frozen constant.
 *
 * On the device it is preloaded into flash. There a `let` costs RAM for ever, a Map, a Set or a typed array is silently
 * read-only, and an object that is not frozen costs an alias on its first write. Under Node all of it works, which is why only
 * a program notices.
 */
import ts from "typescript";
import { isDeviceCode } from "../layers.js";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { isAmbient, isStatic, lineOf, unwrap, visitModuleLevel } from "../syntax.js";
import { isTypeScript } from "../tree.js";

const IN_INSTANCE = "make it in a constructor and keep it in a private field";
const FREEZE = "wrap it in Object.freeze, or in deepFreeze where it is nested";

export const moduleState: Rule = Object.freeze({
  name: "module-state",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isDeviceCode(file.path) || !isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const findings: Finding[] = [];
    const report = (node: ts.Node, what: string, instead: string): void => {
      findings.push({ line: lineOf(source, node), what, instead });
    };
    visitModuleLevel(source, (node) => {
      if (ts.isVariableStatement(node) && !isAmbient(source, node)) {
        if ((node.declarationList.flags & ts.NodeFlags.Const) === 0) report(node, "module-level let or var", IN_INSTANCE);
        for (const { initializer } of node.declarationList.declarations) if (initializer) judgeConstant(initializer, report);
      }
      if (ts.isPropertyDeclaration(node) && isStatic(node)) {
        const readonly = node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ReadonlyKeyword);
        if (!readonly) report(node, "mutable static field", IN_INSTANCE);
        if (node.initializer) judgeConstant(node.initializer, report);
      }
      judgeMutable(node, report);
    });
    return findings;
  },
});

type Report = (node: ts.Node, what: string, instead: string) => void;

const COLLECTION = /^(?:(?:Weak)?(?:Map|Set)|WeakRef)$/;
const BUFFER = /^(?:(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array|DataView|(?:Shared)?ArrayBuffer)$/;

/** Things that are mutable by nature, wherever they stand in a module-level expression. */
function judgeMutable(node: ts.Node, report: Report): void {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const name = node.expression.text;
    if (COLLECTION.test(name))
      report(node, `module-level new ${name}, read-only once preloaded`, `${IN_INSTANCE}; a table is a frozen object`);
    else if (BUFFER.test(name))
      report(node, `module-level ${name}, read-only once preloaded`, `${IN_INSTANCE}; a table is a frozen plain array`);
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const owner = node.expression.expression;
    if (ts.isIdentifier(owner) && BUFFER.test(owner.text)) {
      report(node, `module-level ${owner.text}, read-only once preloaded`, `${IN_INSTANCE}; a table is a frozen plain array`);
    }
  }
  if (ts.isRegularExpressionLiteral(node) && /\/[a-z]*[gy][a-z]*$/.test(node.text)) {
    report(
      node,
      "module-level regular expression that keeps its lastIndex",
      "drop the flag g or y, or make it where it is used",
    );
  }
}

/** A literal that a module-level name stands for: it has to be frozen, at every depth. */
function judgeConstant(initializer: ts.Expression, report: Report): void {
  const value = unwrap(initializer);
  if (isLiteral(value)) {
    report(value, "module-level literal that is not frozen", FREEZE);
  } else if (ts.isNewExpression(value) && ts.isIdentifier(value.expression)) {
    const name = value.expression.text;
    if (!COLLECTION.test(name) && !BUFFER.test(name))
      report(value, `module-level instance of ${name}`, "make it at the composition root");
  } else if (isFreezeCall(value)) {
    const frozen = value.arguments[0];
    if (frozen !== undefined) judgeDepth(unwrap(frozen), report);
  }
}

/** Object.freeze is shallow: below it, a literal needs a freeze of its own. */
function judgeDepth(value: ts.Expression, report: Report): void {
  for (const child of childrenOf(value)) {
    const inner = unwrap(child);
    if (isLiteral(inner)) report(inner, "Object.freeze does not freeze what is inside", "use deepFreeze");
    else if (isFreezeCall(inner) && inner.arguments[0] !== undefined) judgeDepth(unwrap(inner.arguments[0]), report);
  }
}

function childrenOf(value: ts.Expression): ts.Expression[] {
  if (ts.isArrayLiteralExpression(value)) return [...value.elements];
  if (!ts.isObjectLiteralExpression(value)) return [];
  return value.properties.filter(ts.isPropertyAssignment).map((property) => property.initializer);
}

function isLiteral(value: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value);
}

/** `Object.freeze(…)`; deepFreeze and any other call are trusted. */
function isFreezeCall(value: ts.Expression): value is ts.CallExpression {
  if (!ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
  return value.expression.name.text === "freeze";
}

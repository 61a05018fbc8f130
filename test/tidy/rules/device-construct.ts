/**
 * Constructs that cost RAM, break or lie on XS, each with what to write instead.
 *
 * Device code only. The linker strips the names of functions, an exported generator or enum is copied into RAM, an Error's
 * `name` cannot be assigned, and `null` beside `undefined` doubles every check for absence.
 */
import ts from "typescript";
import { isDeviceCode } from "../layers.js";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { hasModifier, isAmbient, lineOf, unwrap, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

type Fault = readonly [what: string, instead: string];

export const deviceConstruct: Rule = Object.freeze({
  name: "device-construct",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isDeviceCode(file.path) || !isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const functions = functionNames(source);
    const findings: Finding[] = [];
    visit(source, (node) => {
      const fault = declarationFault(source, node) ?? expressionFault(node, functions);
      if (fault !== undefined) findings.push({ line: lineOf(source, node), what: fault[0], instead: fault[1] });
    });
    return findings;
  },
});

function declarationFault(source: ts.SourceFile, node: ts.Node): Fault | undefined {
  if (ts.isEnumDeclaration(node))
    return ["enum", "use a union of string literals, or a frozen object where numbers are needed"];
  if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && !isAmbient(source, node)) {
    return ["namespace", "a file is a namespace: export from it"];
  }
  const isDefault = ts.isExportAssignment(node) ? !node.isExportEquals : hasModifier(node, ts.SyntaxKind.DefaultKeyword);
  if (isDefault && !source.isDeclarationFile)
    return ["export default", "export it by its name; where a standard asks for it, say so in test/tidy/exceptions.ts"];
  if (isModuleLevelGenerator(node)) return ["generator at module level", "make it a method, whose prototype stays in flash"];
  return undefined;
}

function isModuleLevelGenerator(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node)) return node.asteriskToken !== undefined && ts.isSourceFile(node.parent);
  if (!ts.isFunctionExpression(node) || node.asteriskToken === undefined) return false;
  const statement = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : undefined;
  return statement !== undefined && ts.isSourceFile(statement.parent);
}

function expressionFault(node: ts.Node, functions: ReadonlySet<string>): Fault | undefined {
  if (node.kind === ts.SyntaxKind.NullKeyword && !isComparison(node.parent) && !isPrototypeArgument(node.parent)) {
    return ["null", "use undefined for absence"];
  }
  if (ts.isPropertyAccessExpression(node) && (node.name.text === "name" || node.name.text === "length")) {
    const owner = unwrap(node.expression);
    if (ts.isPropertyAccessExpression(owner) && owner.name.text === "constructor") {
      return [`constructor.${node.name.text}`, "give the class a field with a constant: the linker strips names"];
    }
    if (ts.isIdentifier(owner) && functions.has(owner.text)) {
      return [`${owner.text}.${node.name.text} of a function`, "write the constant: the linker strips names"];
    }
  }
  if (isAssignmentToOwnName(node) && isInsideError(node)) {
    return ["this.name = in an Error throws on XS", 'write `override name = "…"` as a field'];
  }
  return undefined;
}

/** `=== null` and `!== null`, for values from outside. */
function isComparison(parent: ts.Node): boolean {
  if (!ts.isBinaryExpression(parent)) return false;
  const kind = parent.operatorToken.kind;
  return kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
}

/** Object.create(null): the language knows no other word for "no prototype". */
function isPrototypeArgument(parent: ts.Node): boolean {
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  return parent.expression.name.text === "create" || parent.expression.name.text === "setPrototypeOf";
}

function isAssignmentToOwnName(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
  const target = node.left;
  return (
    ts.isPropertyAccessExpression(target) && target.expression.kind === ts.SyntaxKind.ThisKeyword && target.name.text === "name"
  );
}

function isInsideError(node: ts.Node): boolean {
  const owner = ts.findAncestor(node, ts.isClassLike);
  const clause = owner?.heritageClauses?.find((candidate) => candidate.token === ts.SyntaxKind.ExtendsKeyword);
  const parent = clause?.types[0]?.expression;
  return parent !== undefined && ts.isIdentifier(parent) && parent.text.endsWith("Error");
}

/** Names of the file's own functions and classes; a class with a static `name` or `length` of its own is none. */
function functionNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name) names.add(statement.name.text);
    if (ts.isClassDeclaration(statement) && statement.name) names.add(statement.name.text);
  }
  return names;
}

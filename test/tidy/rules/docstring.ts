/**
 * What device code exports says what it promises: every exported class and function has a docstring.
 *
 * The one that the file is named after may leave it to the file's header, which is about nothing else.
 */
import ts from "typescript";
import { isPortableDeviceCode } from "../layers.js";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { hasModifier, lineOf } from "../syntax.js";
import { isTypeScript } from "../tree.js";

export const docstring: Rule = Object.freeze({
  name: "docstring",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isPortableDeviceCode(file.path) || !isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const findings: Finding[] = [];
    const seen = new Set<string>();
    for (const statement of source.statements) {
      const name = exportedName(statement);
      if (name === undefined || seen.has(name)) continue;
      seen.add(name); // Of overloads, the first carries it for all.
      if (isConceptOf(file.path, name) || hasDocstring(file.text, statement)) continue;
      const what = `${name} is exported without a docstring`;
      findings.push({ line: lineOf(source, statement), what, instead: "say what it promises, its units, bounds and errors" });
    }
    return findings;
  },
});

/** The name of an exported class or function, or of a constant that is one. */
function exportedName(statement: ts.Statement): string | undefined {
  if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return undefined;
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name?.text ?? "the default";
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration] = statement.declarationList.declarations;
  const value = declaration?.initializer;
  const isFunction = value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
  return isFunction && ts.isIdentifier(declaration!.name) ? declaration!.name.text : undefined;
}

/** Whether `name` in kebab-case is the file's name. */
function isConceptOf(path: string, name: string): boolean {
  const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\.ts$/, "");
  return stem.replaceAll("-", "") === name.toLowerCase();
}

/** A docstring of its own: the file's header, where it happens to stand before the first statement, counts too. */
function hasDocstring(text: string, statement: ts.Statement): boolean {
  const comments = ts.getLeadingCommentRanges(text, statement.pos) ?? [];
  const last = comments.at(-1);
  return last !== undefined && text.startsWith("/**", last.pos);
}

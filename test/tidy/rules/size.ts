/**
 * Files, functions and lines that a reader can hold: 350 lines, 70 lines, 128 characters.
 *
 * Every limit of taste is a number, so that nobody has to argue about it in a review. A suite's callback is not a function in
 * this sense: it is a list of specs.
 */
import ts from "typescript";
import { areaOf } from "../layers.js";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { lineAt, lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

const FILE_LINE_COUNT_MAX = 350;
const FUNCTION_LINE_COUNT_MAX = 70;
/** The formatter's width. */
const LINE_LENGTH_MAX = 128;

export const size: Rule = Object.freeze({
  name: "size",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isTypeScript(file.path) || areaOf(file.path) === undefined) return [];
    return [...judgeLines(file), ...judgeFunctions(context.syntaxOf(file))];
  },
});

function judgeLines(file: TidyFile): Finding[] {
  const findings: Finding[] = [];
  const lineCount = file.lines.at(-1) === "" ? file.lines.length - 1 : file.lines.length;
  if (lineCount > FILE_LINE_COUNT_MAX) {
    const what = `the file has ${lineCount} lines, ${FILE_LINE_COUNT_MAX} is the most`;
    findings.push({ line: 1, what, instead: "split it by concept" });
  }
  file.lines.forEach((text, index) => {
    const length = [...text].length;
    if (length <= LINE_LENGTH_MAX) return;
    const what = `the line has ${length} characters, ${LINE_LENGTH_MAX} is the most`;
    findings.push({ line: index + 1, what, instead: "break it" });
  });
  return findings;
}

function judgeFunctions(source: ts.SourceFile): Finding[] {
  const findings: Finding[] = [];
  visit(source, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined || isSuite(node)) return;
    const line = lineOf(source, node);
    const lineCount = lineAt(source, node.end) - line + 1 - classLineCount(source, node.body as ts.Node);
    if (lineCount <= FUNCTION_LINE_COUNT_MAX) return;
    const what = `the function has ${lineCount} lines, ${FUNCTION_LINE_COUNT_MAX} is the most`;
    findings.push({ line, what, instead: "name a part of it and take it out" });
  });
  return findings;
}

/** Lines of the classes made inside a function: their methods are judged by themselves. */
function classLineCount(source: ts.SourceFile, node: ts.Node): number {
  if (ts.isClassLike(node)) return lineAt(source, node.end) - lineOf(source, node) + 1;
  let count = 0;
  ts.forEachChild(node, (child) => {
    count += classLineCount(source, child);
  });
  return count;
}

const SUITE_WORDS = /^(?:describe|it|before|after|beforeEach|afterEach)$/;

/** A callback of describe and its kin, or a function whose body calls them: both are lists of specs. */
function isSuite(node: ts.Node): boolean {
  if (isSuiteCall(node.parent)) return true;
  const body = "body" in node ? (node.body as ts.Node | undefined) : undefined;
  if (body === undefined || !ts.isBlock(body)) return false;
  return body.statements.some((statement) => ts.isExpressionStatement(statement) && isSuiteCall(statement.expression));
}

function isSuiteCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && SUITE_WORDS.test(node.expression.text);
}

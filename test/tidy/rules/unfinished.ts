/**
 * Nothing half-done is left behind: no marks for later, no code in comments, no spec that is switched off or runs alone.
 *
 * Git remembers old code, and an issue remembers what is to be done. `it.only` makes a green run that proves nothing.
 */
import ts from "typescript";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { type Comment, lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

export const unfinished: Rule = Object.freeze({
  name: "unfinished",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const findings: Finding[] = [];
    for (const comment of context.commentsOf(file)) findings.push(...judgeComment(comment));
    visit(source, (node) => {
      const what = switchedSpec(node);
      if (what !== undefined) findings.push({ line: lineOf(source, node), what, instead: "run every spec, or delete it" });
    });
    return findings;
  },
});

const MARK = /\b(?:TODO|FIXME|XXX)\b/;

function judgeComment(comment: Comment): Finding[] {
  const findings: Finding[] = [];
  const isDocstring = comment.text.startsWith("/**");
  comment.text.split("\n").forEach((text, index) => {
    const line = comment.line + index;
    const mark = MARK.exec(text)?.[0];
    if (mark !== undefined) findings.push({ line, what: mark, instead: "do it now, or write an issue" });
    if (!isDocstring && looksLikeCode(text)) {
      findings.push({ line, what: "commented-out code", instead: "delete it: git keeps it" });
    }
  });
  return findings;
}

/** Shapes that prose does not have. A heuristic: it would rather miss than accuse. */
const CODE_SHAPES: readonly RegExp[] = Object.freeze([
  /^(?:import|export)\b.*(?:["'];?|[{;])$/,
  /^(?:const|let|var)\s+[\w{[].*=.*[;{(,]$/,
  /^(?:if|for|while|switch)\s*\(.*\)\s*(?:\{|.*;)$/,
  /^(?:return|throw|await)\b.*[\w)\]}"'`];$/,
  /^(?:async\s+)?(?:function|class)\s+\w+.*\{$/,
  /^(?:await\s+)?[\w.#$[\]]+\(.*\);$/,
  /^[\w.#$[\]]+\s*(?:=|\+=|-=)\s*[^=\s].*;$/,
  /^\}\s*(?:else\b.*\{|catch\b.*\{|finally\s*\{)$/,
]);

function looksLikeCode(line: string): boolean {
  const text = line
    .replace(/^\s*(?:\/\/+|\/\*+|\*(?!\/))?\s*/, "")
    .replace(/\s*\*\/$/, "")
    .trimEnd();
  return CODE_SHAPES.some((shape) => shape.test(text));
}

const SPEC_WORDS = /^(?:describe|context|suite|it|test|specify)$/;
const SWITCHED_WORDS = /^(?:xit|xdescribe|xcontext|fit|fdescribe)$/;

function switchedSpec(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && SPEC_WORDS.test(node.expression.text)) {
    const word = node.name.text;
    if (word === "only" || word === "skip") return `${node.expression.text}.${word}`;
  }
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  return SWITCHED_WORDS.test(node.expression.text) ? node.expression.text : undefined;
}

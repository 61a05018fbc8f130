/**
 * No promises where every turn counts: scheduler, statecharts and watchdog are synchronous.
 *
 * An async call costs some 41 slots on XS and continues in the engine's job queue, past the one dispatch point that measures,
 * catches and feeds. Long work is sliced by a generator instead. At the edges `async` is welcome.
 */
import ts from "typescript";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { hasModifier, lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

const HOT_FOLDERS = /^src\/(?:scheduler|statechart|watchdog)\//;

export const asyncInCore: Rule = Object.freeze({
  name: "async-in-core",
  check(file: TidyFile, context: Context): Finding[] {
    if (!HOT_FOLDERS.test(file.path) || !isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const findings: Finding[] = [];
    visit(source, (node) => {
      const what = faultOf(node);
      const instead = "slice the work with a generator task, or hand over through a mailbox";
      if (what !== undefined) findings.push({ line: lineOf(source, node), what, instead });
    });
    return findings;
  },
});

function faultOf(node: ts.Node): string | undefined {
  if (ts.isFunctionLike(node) && hasModifier(node, ts.SyntaxKind.AsyncKeyword)) return "async function";
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return "await";
  return ts.isIdentifier(node) && node.text === "Promise" ? "Promise" : undefined;
}

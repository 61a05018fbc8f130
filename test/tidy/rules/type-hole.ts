/**
 * No holes in the types: neither `any` nor a comment that switches the checker off.
 *
 * `@ts-expect-error` stays allowed: it fails when the error goes away, so a spec uses it to say that something must not
 * compile.
 */
import ts from "typescript";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

export const typeHole: Rule = Object.freeze({
  name: "type-hole",
  check(file: TidyFile, context: Context): Finding[] {
    if (!isTypeScript(file.path)) return [];
    const source = context.syntaxOf(file);
    const findings: Finding[] = [];
    visit(source, (node) => {
      if (node.kind !== ts.SyntaxKind.AnyKeyword) return;
      findings.push({ line: lineOf(source, node), what: "any", instead: "use unknown and narrow it, or name the type" });
    });
    for (const comment of context.commentsOf(file)) {
      const found = /@ts-(?:ignore|nocheck)\b/.exec(comment.text)?.[0];
      if (found !== undefined) findings.push({ line: comment.line, what: found, instead: "mend the type" });
    }
    return findings;
  },
});

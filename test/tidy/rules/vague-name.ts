/**
 * Names that say nothing: files and folders for leftovers, classes called after no concept.
 *
 * A drawer called "utils" fills up; a "Manager" does whatever its author could not place. Naming the concept is the design.
 */
import ts from "typescript";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { lineOf, visit } from "../syntax.js";
import { isTypeScript } from "../tree.js";

const DRAWER = /^(?:utils?|utilit(?:y|ies)|helpers?|common|misc)(?:\.|$)/i;
const CLASS_SUFFIX = /(?:Manager|Service|Impl|Base)$/;

export const vagueName: Rule = Object.freeze({
  name: "vague-name",
  check(file: TidyFile, context: Context): Finding[] {
    const findings: Finding[] = [];
    const drawer = file.path.split("/").find((word) => DRAWER.test(word));
    if (drawer !== undefined) {
      findings.push({ line: 1, what: `"${drawer}" names no concept`, instead: "name it after the one thing in it" });
    }
    if (!isTypeScript(file.path)) return findings;
    const source = context.syntaxOf(file);
    visit(source, (node) => {
      if (!ts.isClassLike(node) || node.name === undefined) return;
      const suffix = CLASS_SUFFIX.exec(node.name.text)?.[0];
      if (suffix === undefined) return;
      const what = `the class ${node.name.text} ends in ${suffix}`;
      findings.push({ line: lineOf(source, node), what, instead: "name the concept, not its rank" });
    });
    return findings;
  },
});

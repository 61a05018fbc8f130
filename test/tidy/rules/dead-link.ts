/**
 * Every link between documents, and every document that a comment names, leads somewhere.
 *
 * Links to the web are not followed: a check that fails with somebody else's server is no check.
 */
import { posix } from "node:path";
import type { Context, Finding, Rule, TidyFile } from "../rule.js";
import { isTypeScript } from "../tree.js";

export const deadLink: Rule = Object.freeze({
  name: "dead-link",
  check(file: TidyFile, context: Context): Finding[] {
    if (file.path.endsWith(".md")) return judgeMarkdown(file, context);
    if (isTypeScript(file.path)) return judgeComments(file, context);
    return [];
  },
});

const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g;
const ELSEWHERE = /^[a-z][a-z0-9+.-]*:/i;

function judgeMarkdown(file: TidyFile, context: Context): Finding[] {
  const findings: Finding[] = [];
  proseLines(file).forEach((text, index) => {
    for (const pattern of [LINK, REFERENCE]) {
      for (const match of text.matchAll(pattern)) {
        const fault = faultOf(match[1]!, file, context);
        if (fault !== undefined) findings.push({ line: index + 1, ...fault });
      }
    }
  });
  return findings;
}

function faultOf(link: string, file: TidyFile, context: Context): Omit<Finding, "line"> | undefined {
  if (ELSEWHERE.test(link)) return undefined;
  const [target = "", anchor] = decodeURI(link).split("#");
  const path = target === "" ? file.path : posix.join(posix.dirname(file.path), target).replace(/\/$/, "");
  if (target.startsWith("/")) return { what: `the link ${link} is absolute`, instead: "link relative to the document" };
  if (!exists(path, context)) return { what: `the link ${link} leads to no file`, instead: "link to what exists" };
  const linked = context.fileAt(path);
  if (anchor === undefined || linked === undefined || !path.endsWith(".md")) return undefined;
  if (anchorsOf(linked).has(anchor)) return undefined;
  return { what: `the link ${link} leads to no heading`, instead: "name a heading of that document" };
}

/** A file, or a folder with something in it. */
function exists(path: string, context: Context): boolean {
  if (context.paths.has(path)) return true;
  for (const known of context.paths) if (known.startsWith(`${path}/`)) return true;
  return false;
}

/** The lines with fenced blocks emptied and inline code removed: what is code is not a link. */
function proseLines(file: TidyFile): string[] {
  let fence: string | undefined;
  return file.lines.map((text) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence === undefined && mark !== undefined) {
      fence = mark;
      return "";
    }
    if (fence === undefined) return text.replace(/`[^`]*`/g, (code) => " ".repeat(code.length));
    if (mark?.startsWith(fence)) fence = undefined;
    return "";
  });
}

/** A heading's anchor as GitHub makes it: lower case, no punctuation, hyphens for spaces, a number for the second of a name. */
function anchorsOf(file: TidyFile): Set<string> {
  const anchors = new Set<string>();
  const prose = proseLines(file);
  file.lines.forEach((text, index) => {
    const heading = prose[index] === "" ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) return;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  });
  return anchors;
}

function judgeComments(file: TidyFile, context: Context): Finding[] {
  const findings: Finding[] = [];
  for (const comment of context.commentsOf(file)) {
    comment.text.split("\n").forEach((text, index) => {
      for (const [path] of text.matchAll(/\bdocs\/[\w/.-]+\.md\b/g)) {
        if (context.paths.has(path)) continue;
        findings.push({
          line: comment.line + index,
          what: `${path} does not exist`,
          instead: "name a document that does, or write it",
        });
      }
    });
  }
  return findings;
}

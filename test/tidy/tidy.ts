/**
 * Tidy: the program that enforces taste, so that reviews are about ideas.
 *
 * It reads every file that git would keep, runs every rule of test/tidy/rules over it and prints what it finds. It runs as a
 * spec with all others; by itself: `npx tsx test/tidy/tidy.ts`. How to add a rule is in CONTRIBUTING.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EXCEPTIONS, type Exception } from "./exceptions.js";
import type { Context, Finding, TidyFile } from "./rule.js";
import { RULES } from "./rules.js";
import { Tree, tidyFile } from "./tree.js";

/** Larger files are data, not text that somebody wrote. */
const TEXT_SIZE_MAX_BYTES = 1024 * 1024;

/** A finding with its place. */
export interface PlacedFinding extends Finding {
  readonly path: string;
  readonly rule: string;
}

/** `path:line: rule: what is wrong; what to do instead` */
export function describeFinding(finding: PlacedFinding): string {
  return `${finding.path}:${finding.line}: ${finding.rule}: ${finding.what}; ${finding.instead}`;
}

/** The tree at `root`: what is committed and what is new and not ignored. */
export function readTree(root: string): { tree: Tree; files: TidyFile[] } {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const files: TidyFile[] = [];
  const otherPaths: string[] = [];
  for (const path of list.toString().split("\0")) {
    const full = join(root, path);
    if (path === "" || !existsSync(full) || !statSync(full).isFile()) continue;
    const bytes = readFileSync(full);
    if (bytes.length > TEXT_SIZE_MAX_BYTES || bytes.includes(0)) otherPaths.push(path);
    else files.push(tidyFile(path, bytes.toString()));
  }
  return { tree: new Tree(files, otherPaths), files };
}

/** All findings of all rules in `files`, without the excepted ones; an exception that excepts nothing is one more. */
export function findFaults(
  files: readonly TidyFile[],
  context: Context,
  exceptions: readonly Exception[] = EXCEPTIONS,
): PlacedFinding[] {
  const used = new Set<Exception>();
  const findings: PlacedFinding[] = [];
  for (const rule of RULES) {
    for (const file of files) {
      for (const finding of rule.check(file, context)) {
        const placed = { ...finding, path: file.path, rule: rule.name };
        const exception = exceptions.find((candidate) => covers(candidate, placed));
        if (exception === undefined) findings.push(placed);
        else used.add(exception);
      }
    }
  }
  for (const exception of exceptions) if (!used.has(exception)) findings.push(staleFinding(exception));
  return findings;
}

function covers(exception: Exception, finding: PlacedFinding): boolean {
  return exception.rule === finding.rule && exception.path === finding.path && finding.what.includes(exception.what);
}

function staleFinding(exception: Exception): PlacedFinding {
  const what = `the exception for ${exception.rule} in ${exception.path} ("${exception.what}") excepts nothing`;
  return { path: "test/tidy/exceptions.ts", line: 1, rule: "exception", what, instead: "delete it" };
}

function main(): void {
  const { tree, files } = readTree(fileURLToPath(new URL("../..", import.meta.url)));
  const findings = findFaults(files, tree);
  for (const finding of findings) process.stdout.write(`${describeFinding(finding)}\n`);
  process.stdout.write(`tidy: ${files.length} files, ${RULES.length} rules, ${findings.length} findings\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main();

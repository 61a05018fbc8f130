/**
 * The tree that the rules look at: texts by path, each parsed at most once.
 *
 * It is made from a list of texts, so that the house and a spec's three-line fault go the same way.
 */
import { posix } from "node:path";
import ts from "typescript";
import type { Context, ImportEdge, TidyFile } from "./rule.js";
import { type Comment, commentsOf, lineOf, visit } from "./syntax.js";

/** A file as the rules see it. */
export function tidyFile(path: string, text: string): TidyFile {
  return { path, text, lines: text.split(/\r?\n/) };
}

/** Whether the syntax rules read it. */
export function isTypeScript(path: string): boolean {
  return path.endsWith(".ts");
}

/** Answers about `files`; `otherPaths` are known to exist without a text (pictures, binaries). */
export class Tree implements Context {
  readonly paths: ReadonlySet<string>;
  readonly #files: Map<string, TidyFile>;
  readonly #syntax = new Map<string, ts.SourceFile>();
  readonly #comments = new Map<string, readonly Comment[]>();
  readonly #imports = new Map<string, readonly ImportEdge[]>();

  constructor(files: readonly TidyFile[], otherPaths: readonly string[] = []) {
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.paths = new Set([...this.#files.keys(), ...otherPaths]);
  }

  fileAt(path: string): TidyFile | undefined {
    return this.#files.get(path);
  }

  syntaxOf(file: TidyFile): ts.SourceFile {
    let source = this.#syntax.get(file.path);
    if (source === undefined) {
      source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
      this.#syntax.set(file.path, source);
    }
    return source;
  }

  commentsOf(file: TidyFile): readonly Comment[] {
    let comments = this.#comments.get(file.path);
    if (comments === undefined) {
      comments = commentsOf(this.syntaxOf(file));
      this.#comments.set(file.path, comments);
    }
    return comments;
  }

  importsOf(file: TidyFile): readonly ImportEdge[] {
    let edges = this.#imports.get(file.path);
    if (edges === undefined) {
      edges = isTypeScript(file.path) ? this.#readImports(file) : [];
      this.#imports.set(file.path, edges);
    }
    return edges;
  }

  #readImports(file: TidyFile): ImportEdge[] {
    const source = this.syntaxOf(file);
    const edges: ImportEdge[] = [];
    visit(source, (node) => {
      const found = importIn(node);
      if (found === undefined) return;
      const target = found.specifier.startsWith(".") ? this.#resolve(file.path, found.specifier) : undefined;
      edges.push({ ...found, target, line: lineOf(source, node) });
    });
    return edges;
  }

  /** "./x.js" stands for x.ts wherever there is an x.ts, and for a file to come where there is neither. */
  #resolve(from: string, specifier: string): string {
    const target = posix.join(posix.dirname(from), specifier);
    const typed = target.replace(/\.js$/, ".ts");
    return this.paths.has(typed) || !this.paths.has(target) ? typed : target;
  }
}

function importIn(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, typeOnly };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const argument = node.arguments[0];
    if (argument !== undefined && ts.isStringLiteralLike(argument)) return { specifier: argument.text, typeOnly: false };
  }
  return undefined;
}

/**
 * Walks over TypeScript's syntax tree: the few that the rules share.
 *
 * The compiler's API and not regular expressions, because a `null` or a `let` in a string is no fault. The API is that of
 * TypeScript 6; the compiler that builds the project is TypeScript 7, which has none yet.
 */
import ts from "typescript";

/** Calls `onNode` for `node` and all below it, in source order. */
export function visit(node: ts.Node, onNode: (node: ts.Node) => void): void {
  onNode(node);
  ts.forEachChild(node, (child) => visit(child, onNode));
}

/** As `visit`, for what is evaluated while the module loads: no function bodies, of classes only the static parts. */
export function visitModuleLevel(node: ts.Node, onNode: (node: ts.Node) => void): void {
  if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return;
  if (ts.isPropertyDeclaration(node) && !isStatic(node)) return;
  onNode(node);
  ts.forEachChild(node, (child) => visitModuleLevel(child, onNode));
}

/** The line of `node`'s first character, its docstring not counted; from 1. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return lineAt(source, node.getStart(source));
}

export function lineAt(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

/** Whether a declaration carries the modifier. */
export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

export function isStatic(node: ts.Node): boolean {
  return hasModifier(node, ts.SyntaxKind.StaticKeyword);
}

/** Whether it only declares what stands elsewhere. */
export function isAmbient(source: ts.SourceFile, node: ts.Node): boolean {
  return source.isDeclarationFile || hasModifier(node, ts.SyntaxKind.DeclareKeyword);
}

/** `node` without parentheses, `as`, `satisfies` and `!`. */
export function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** One comment: its text with its marks, and where it begins. */
export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** All comments of a file, in order. A text in a string that looks like one is none. */
export function commentsOf(source: ts.SourceFile): Comment[] {
  const found = new Map<number, Comment>();
  const add = (range: ts.CommentRange): void => {
    found.set(range.pos, { text: source.text.slice(range.pos, range.end), line: lineAt(source, range.pos) });
  };
  const walk = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(source.text, node.pos) ?? []) add(range);
    for (const range of ts.getTrailingCommentRanges(source.text, node.pos) ?? []) add(range);
    // A docstring is a child of its node without a position of its own in the token order.
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) walk(child);
  };
  walk(source);
  return [...found.values()].sort((left, right) => left.line - right.line);
}

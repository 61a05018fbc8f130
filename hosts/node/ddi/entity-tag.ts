/**
 * Entity tags (RFC 9110, 8.8.3) and the header fields that name them.
 *
 * Two comparisons, as the RFC has them: a strong one for what puts bytes together (If-Match, If-Range), a weak one for what
 * only saves a transfer (If-None-Match).
 */

const ENTITY_TAG = /(W\/)?("[^"]*")/g;

/** Whether a field that names any of several tags, or `*`, names `tag` by the strong comparison. `tag` is strong, in quotes. */
export function namesStrongly(field: string, tag: string): boolean {
  return field.trim() === "*" || tagsOf(field).some(({ isWeak, opaque }) => !isWeak && opaque === tag);
}

/** The same by the weak comparison: `W/"a"` names `"a"` too. */
export function namesWeakly(field: string, tag: string): boolean {
  return field.trim() === "*" || tagsOf(field).some(({ opaque }) => opaque === tag);
}

function tagsOf(field: string): readonly { readonly isWeak: boolean; readonly opaque: string }[] {
  return [...field.matchAll(ENTITY_TAG)].map(([, weak, opaque]) => ({ isWeak: weak !== undefined, opaque: opaque! }));
}

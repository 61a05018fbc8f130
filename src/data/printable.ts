/** Whether a text from outside may stand in a log and in a request: a line break in it would begin a line of its own. */

/** Printable ASCII only, the blank included. An empty text is printable. */
export function isPrintableText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

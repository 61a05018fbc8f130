/** Whether a text from outside is a number in figures: Number would take "0x10", "1e3", "-1", blanks and nothing at all. */

/** One figure or more, 0 … 9, and no other character. */
export function isFigures(text: string): boolean {
  for (const character of text) if (character < "0" || character > "9") return false;
  return text.length > 0;
}

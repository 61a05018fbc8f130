/**
 * Colours and columns for the terminal, off where the output is no terminal or NO_COLOR is set.
 *
 * A handful of functions instead of a package: the command colours lines and pads columns, nothing more.
 */

const isColoured = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;

function paint(code: number, text: string): string {
  return isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const red = (text: string): string => paint(31, text);
export const green = (text: string): string => paint(32, text);
export const yellow = (text: string): string => paint(33, text);
export const cyan = (text: string): string => paint(36, text);

/** The width of the terminal, or 100 columns where there is none. */
export function columns(): number {
  return process.stdout.columns ?? 100;
}

/** Rows as a table: the first row is the head, numbers (which are texts of digits) stand to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, column) =>
      isNumber(rows, column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    const line = cells.join("  ").trimEnd();
    return index === 0 ? bold(line) : line;
  });
  return lines.join("\n");
}

function isNumber(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.slice(1).every((row) => /^[\d ,.]*$/.test(row[column]!));
}

/** 12345 → "12,345". */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

import { isNumber } from './number-format.ts';

/**
 * A table as CSV by RFC 4180, with a byte order mark so that Excel reads it as UTF-8. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front
 * (https://owasp.org/www-community/attacks/CSV_Injection); numbers, negative ones too, stay numbers.
 */
export function toCsv(
  header: readonly string[],
  rows: Iterable<readonly (string | null)[]>,
): string {
  const lines = [csvLine(header)];
  for (const row of rows) lines.push(csvLine(row));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

function csvLine(cells: readonly (string | null)[]): string {
  return cells.map((cell) => (cell === null ? '' : csvCell(cell))).join(',');
}

function csvCell(text: string): string {
  const guarded = /^[=+\-@\t\r]/u.test(text) && !isNumber(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(guarded) || guarded === ''
    ? `"${guarded.replaceAll('"', '""')}"`
    : guarded;
}

/** `A` … `Z`, `AA`, … of a sheet's column from 0. */
export function columnLetters(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnLetters(Math.floor(column / 26) - 1) + letter;
}

/** A column's letters, in any case, as an index from 0. */
export function columnIndex(letters: string): number {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** What people call a cell of a workbook, such as `C14`. Columns count from 0, rows from 1. */
export const cellReference = (column: number, row: number): string =>
  `${columnLetters(column)}${row}`;

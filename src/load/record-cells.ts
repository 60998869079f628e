import type { RowFault } from '../contract/row-codes.ts';
import { CellKind, type RecordChunk } from '../source/source.ts';

const maxCharacters = 10_000;

/** A cell as text for people: ill-formed bytes and NUL become U+FFFD, long texts are cut. Null when there is none. */
export function cellText(chunk: RecordChunk, row: number, index: number): string | null {
  const cell = (chunk.rows[row] ?? 0) + index;
  if (index < 0 || cell >= (chunk.rows[row + 1] ?? 0) || chunk.kinds?.[cell] === CellKind.missing)
    return null;
  const start = chunk.cells[2 * cell] ?? 0;
  const end = chunk.cells[2 * cell + 1] ?? 0;
  const size = Math.min(end - start, 4 * maxCharacters);
  const text = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset + start, size).toString(
    'utf8',
  );
  return (text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text)
    .replaceAll('\0', '\u{FFFD}')
    .toWellFormed();
}

/** The row's cells by label. Blank and repeated labels and cells beyond the header get their position. */
export function cellTexts(
  chunk: RecordChunk,
  row: number,
  labels: readonly string[],
): Record<string, string | null> {
  const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
  const texts: Record<string, string | null> = {};
  for (let index = 0; index < count; index += 1) {
    const label = labels[index]?.trim() ?? '';
    const name = label === '' ? `cell ${index + 1}` : label;
    texts[Object.hasOwn(texts, name) ? `${name} (${index + 1})` : name] = cellText(
      chunk,
      row,
      index,
    );
  }
  return texts;
}

/** What is wrong with a row that is longer or shorter than the header. */
export function raggedFault(chunk: RecordChunk, row: number, expected: number): RowFault {
  const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
  return {
    code: count > expected ? 'extra-cell' : 'missing-cell',
    column: null,
    value: count > expected ? cellText(chunk, row, expected) : null,
    expected: `${expected} cells as in the header; the row has ${count}`,
  };
}

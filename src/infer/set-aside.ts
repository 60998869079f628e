import { rowTexts } from '../source/chunk.ts';
import { CellKind, type RecordChunk } from '../source/source.ts';

/** A row that may be none of the table's: a total, a footnote. */
export interface AsideRow {
  /** Line of a text, row of a sheet, from 1. */
  readonly line: number;
  /** How many rows of the table stand above it. */
  readonly rowsAbove: number;
  readonly texts: readonly string[];
  readonly kinds: readonly number[];
  /** The column with the word that says what the row is. */
  readonly column: number;
}

const totalWord =
  /^(?:(?:grand|sub|net|gross|overall)?[\s-]*totals?|(?:zwischen|gesamt|end)?summen?|gesamt(?:ergebnis|betrag)?|insgesamt|sum|totaal|totaux|totale?s?|sous-total|somme|suma|subtotaal|razem|итого|всего|合計|小計)\b/iu;
const totalEnd = /(?:^|\s)(?:totals?|summe|gesamt|ergebnis)\s*:?$/iu;
const textMax = 60;

/** The cell that says that a row adds up others; -1 where none does. */
export function totalColumn(texts: readonly string[]): number {
  // Where every cell of a wide row is filled it is a row, of a client of that name.
  if (texts.length > 3 && texts.every((text) => text.trim() !== '')) return -1;
  if (!texts.some((text) => /\d/u.test(text))) return -1;
  const leading = texts.findIndex((text) => text.trim() !== '');
  return texts.findIndex((text, index) => index <= leading + 2 && isTotalText(text));
}

function isTotalText(raw: string): boolean {
  const text = raw.trim();
  return text.length <= textMax && (totalWord.test(text) || totalEnd.test(text));
}

/** Whether a row of a table of some columns is one sentence, as footnotes are. */
export function isNote(texts: readonly string[], width: number): boolean {
  const filled = texts.filter((text) => text.trim() !== '');
  const [only = ''] = filled;
  if (filled.length !== 1 || width < 3 || only.length < 4) return false;
  return /\p{L}{2}/u.test(only) && !/^[\d.,\s-]+$/u.test(only);
}

/** The cells of a row, copied. */
export function asideRow(
  chunk: RecordChunk,
  row: number,
  place: { readonly rowsAbove: number; readonly column: number },
): AsideRow {
  const texts = rowTexts(chunk, row);
  const first = chunk.rows[row] ?? 0;
  const kinds = texts.map((_, index) => chunk.kinds?.[first + index] ?? CellKind.text);
  return { ...place, line: chunk.lines[row] ?? 0, texts, kinds };
}

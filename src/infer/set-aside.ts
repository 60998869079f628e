import { rowTexts } from '../source/chunk.ts';
import { CellKind, type RecordChunk } from '../source/source.ts';

/** A row that may be none of the table's: a total, a carry-over, a footnote. */
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

/** What the words of a row say of it. */
export type SumKind = 'total' | 'carry-over';

const totalWord =
  /^(?:(?:grand|sub|net|gross|overall)?[\s-]*totals?|(?:zwischen|gesamt|end)?summen?|gesamt(?:ergebnis|betrag)?|insgesamt|sum|totaal|totaux|totale?s?|sous-total|somme|suma|subtotaal|razem|итого|всего|合計|小計|总计|总额|小计)(?!\p{L})/iu;
const totalEnd = /(?:^|\s)(?:totals?|summe|gesamt|ergebnis)\s*:?$/iu;
/** How lists of SAP mark sums, one level a star. */
const totalStars = /^\*{1,5}$/u;
/** Words that mean nothing else, whatever stands around them. */
const carriedPhrase =
  /(?:carried|brought) (?:forward|down)|(?:^|\s)[bc]\/[fd]\b|(?:opening|closing) balance|saldo(?:vortrag|übertrag)|zwischensumme\s*\/\s*übertrag|report à nouveau|(?:^|\s)(?:à|a) reporter|suma y sigue|(?:^|\s)da riportare|a transportar|(?:z|do) przeniesienia|繰越|承前|过次页|過次頁|결转|이월/iu;
/** Words that people also use for transfers and transports: alone, or with the page or the date. */
const carriedWord =
  /^(?:übertrag|vortrag|report|riporto|transport|transporte|przeniesienie)(?:\s+(?:von|aus|auf|nach|vom|zu|de|da|z)?\s*(?:la\s+)?(?:seite|blatt|page|pagina|página|strony?|\d)[\p{L}\d./ -]*)?\s*:?$/iu;
/** From where: another month, year or page. */
const carriedFrom =
  /^(?:übertrag|vortrag)\s+(?:(?:aus|vom?|von)\s+[\p{L}\d./ -]{1,20}|vor(?:monat|jahr|seite)s?)$/iu;
const textMax = 60;

/** A row that adds up others, or carries their sum on. */
export interface SumRow extends AsideRow {
  readonly kind: SumKind;
}

/** Which cell says that a row adds up others, and how; undefined where none does. */
export function sumOf(
  texts: readonly string[],
): { readonly column: number; readonly kind: SumKind } | undefined {
  // Where every cell of a wide row is filled it is a row, of a client of that name.
  if (texts.length > 3 && texts.every((text) => text.trim() !== '')) return undefined;
  if (!texts.some((text) => /\d/u.test(text))) return undefined;
  const leading = texts.findIndex((text) => text.trim() !== '');
  for (const [column, text] of texts.entries()) {
    const kind = column <= leading + 2 ? kindOf(text) : undefined;
    if (kind !== undefined) return { column, kind };
  }
  return undefined;
}

function kindOf(raw: string): SumKind | undefined {
  const text = raw.trim();
  if (text.length > textMax) return undefined;
  // First: "Zwischensumme/Übertrag" and "Total à reporter" are both.
  if ([carriedPhrase, carriedWord, carriedFrom].some((words) => words.test(text))) {
    return 'carry-over';
  }
  return totalWord.test(text) || totalEnd.test(text) || totalStars.test(text) ? 'total' : undefined;
}

/** Whether a text means a carry-over and nothing else. */
export const isCarriedPhrase = (text: string): boolean => carriedPhrase.test(text);

/** A text without its word for a total: `EUR` of `Total EUR`; undefined where nothing else is in it. */
export function besideTotal(
  raw: string,
): { readonly rest: string; readonly before: string; readonly after: string } | undefined {
  const text = raw.trim();
  const first = /^\S+\s+/u.exec(text)?.[0];
  if (first !== undefined && totalWord.test(first)) {
    return { rest: text.slice(first.length), before: first.trim(), after: '' };
  }
  const last = /\s+\S+$/u.exec(text)?.[0];
  if (last !== undefined && totalEnd.test(last)) {
    return { rest: text.slice(0, -last.length), before: '', after: last.trim() };
  }
  return undefined;
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

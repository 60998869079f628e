/** What the text of a cell looks like, before any contract. */
export type CellLook = 'empty' | 'number' | 'date' | 'text';

const sign = String.raw`[-+\u{2212}]`;
const money = String.raw`(?:[€$£¥₹₺₽]|[A-Z]{3}|[Kk]r\.?|zł|Kč)`;
const digits = String.raw`(?:\d+|\d{1,3}(?:[ .,'’\u{A0}\u{202F}\u{2009}]\d{3})+)?(?:[.,]\d+)?`;
const number = new RegExp(
  String.raw`^\(?${sign}?\s?${money}?\s?${sign}?(?=[.,]?\d)${digits}\s?(?:${money}|%)?[-)]?$`,
  'u',
);
const date =
  /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{1,2}[-. ]\p{L}{3,9}\.?[-. ,]{1,2}(?:\d{4}|\d{2}))(?:[T ,]+\d{1,2}:\d{2}\S*(?: [AP]M)?)?$|^\d{1,2}:\d{2}(?::\d{2})?$/iu;

export function lookOf(cell: string): CellLook {
  const text = cell.trim();
  if (text === '') return 'empty';
  if (date.test(text)) return 'date';
  return number.test(text) ? 'number' : 'text';
}

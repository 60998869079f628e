import { lookOf } from './cell-look.ts';
import { bestGuess, type Guess } from './guess.ts';
import {
  readSample,
  type Sample,
  type SampleRecord,
  type SampleText,
  type TablePlace,
} from './sample.ts';

/** How the cells of a text are told apart. */
export interface Marks {
  readonly delimiter: string;
  readonly quote: string | null;
}

/** Why a text that no delimiter splits has one all the same. */
export const oneColumn = 'it seems to have one column, which no delimiter splits';

/** What need not be looked for. */
export interface DeclaredMarks extends TablePlace {
  readonly delimiter?: string | undefined;
  readonly quote?: string | null | undefined;
}

/** A way to split a text, and what comes of it. */
interface Split extends Marks {
  readonly sample: Sample;
  /** The most frequent number of cells. */
  readonly width: number;
  /** Index of the first record of that width: the header, where the delimiter is right. */
  readonly start: number;
  /** Of the records from there on, the share that has it. */
  readonly regular: number;
}

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * How a text is split into cells: by what makes its records alike, and its cells words, numbers and
 * dates rather than two of them glued together. The text is UTF-8; its last record may be cut.
 */
export function detectMarks(
  text: Buffer,
  whole: boolean,
  declared: DeclaredMarks = {},
): Guess<Marks> {
  const hint = /^(?:\ufeff)?sep=([\t\x20\x21\x23-\x26\x28-\x7e])[\r\n]/u.exec(
    text.toString('utf8', 0, 16),
  )?.[1];
  const sampled = { text, whole, place: declared };
  const quotes = declared.quote === undefined ? quotesOf(text) : [declared.quote];
  const known = declared.delimiter ?? hint;
  if (known !== undefined) {
    const value = bestOf(sampled, known, quotes);
    const why = known === hint ? `its first line says sep=${hint}` : 'it is declared';
    return { value, confidence: 1, why, others: [] };
  }
  const present = delimiters.filter((mark) => text.includes(mark));
  const splits = present.map((mark) => splitBy(sampled, bestOf(sampled, mark, quotes)));
  const single = splitBy(sampled, { delimiter: '\u{1}', quote: quotes[0] ?? null });
  const guess = bestGuess([
    ...splits.map((split) => ({
      value: { delimiter: split.delimiter, quote: split.quote },
      score: scoreOf(split, splits),
      why: reasonOf(split),
    })),
    {
      value: { delimiter: ',', quote: single.quote },
      score: scoreOfOneColumn(single),
      why: oneColumn,
    },
  ]);
  const nothing = { delimiter: ',', quote: '"' };
  return guess ?? { value: nothing, confidence: 0, why: 'it holds no records', others: [] };
}

/** Quotes a text may use; the usual one where it has none. */
function quotesOf(text: Buffer): readonly (string | null)[] {
  const hasDouble = text.includes('"');
  const opensSingle = /(?:^|[,;\t|\n])'[^'\n]*'(?=[,;\t|\r\n])/u.test(text.toString('utf8'));
  if (!hasDouble) return opensSingle ? ["'", '"'] : ['"'];
  return ['"', null];
}

/** The quote with which fewest records break; the first of equals. */
function bestOf(text: SampleText, delimiter: string, quotes: readonly (string | null)[]): Marks {
  const ranked = quotes
    .map((quote) => splitBy(text, { delimiter, quote }))
    .toSorted((a, b) => b.regular * wholeness(b.sample) - a.regular * wholeness(a.sample));
  return { delimiter, quote: ranked[0]?.quote ?? null };
}

const wholeness = ({ records, broken, read }: Sample): number =>
  read * (1 - broken / Math.max(1, records.length));

function splitBy(text: SampleText, { delimiter, quote }: Marks): Split {
  const sample = readSample(text, delimiter, quote);
  const counts = new Map<number, number>();
  for (const { cells } of sample.records) {
    counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  }
  // Of equals the widest: a title of one cell over a header of three and nothing else.
  const [width] = [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0];
  const start = sample.records.findIndex(({ cells }) => cells.length === width);
  const regular = (counts.get(width) ?? 0) / Math.max(1, sample.records.length - start);
  return { delimiter, quote, sample, width, start, regular };
}

function scoreOf(split: Split, all: readonly Split[]): number {
  const { sample, width, start, regular } = split;
  if (width < 2) return 0;
  // What makes records alike from an earlier one on splits the header too: decimal commas do not.
  const isBeaten = all.some(
    (other) => other.width > 1 && other.start < start && other.regular >= 0.7,
  );
  const pattern = regular ** 2 * (1 - 1 / width) * wholeness(sample);
  return pattern * cleanness(split) * (isBeaten ? 0.05 : 1);
}

/** Lines that marks would split are no single values; least of all the first, which has the label. */
function scoreOfOneColumn({ sample }: Split): number {
  const [first, ...rest] = sample.records.map(({ cells: [line = ''] }) =>
    isGlued(line, '') ? 0.1 : lookOf(line) === 'text' && /[,;\t|]/u.test(line) ? 0.3 : 1,
  );
  if (first === undefined) return 0;
  const mean = rest.reduce((sum, each) => sum + each, 0) / Math.max(1, rest.length);
  return 0.35 * Math.min(first, rest.length === 0 ? 1 : mean) ** 2;
}

/** How much the cells look like single values, 0 to 1. */
function cleanness({ sample, width, delimiter }: Split): number {
  const records = sample.records.filter(({ cells }) => cells.length === width).slice(0, 200);
  let sum = 0;
  let glued = 0;
  for (const record of records) {
    const looks = record.cells.map((cell, index) => cellScore(record, cell, index, delimiter));
    sum += looks.reduce((total, each) => total + each, 0) / width;
    if (looks.includes(0)) glued += 1;
  }
  const share = (value: number): number => value / Math.max(1, records.length);
  return share(sum) ** 2 * (1 - 0.9 * share(glued));
}

function cellScore(
  { quoted }: SampleRecord,
  cell: string,
  index: number,
  delimiter: string,
): number {
  if (quoted[index] === true || lookOf(cell) !== 'text') return 1;
  if (/\d[;|]\d/u.test(cell) || (cell.includes('\t') && delimiter !== '\t')) return 0;
  return isGlued(cell, delimiter) ? 0.5 : 1;
}

/** True for a cell that another delimiter would split: one with no space behind it, as people write. */
function isGlued(cell: string, delimiter: string): boolean {
  if (lookOf(cell) !== 'text') return false;
  return delimiters.some((mark) => {
    if (mark === delimiter) return false;
    const parts = cell.split(mark).slice(1);
    return parts.some((part) => part !== '' && !part.startsWith(' '));
  });
}

function reasonOf({ sample, width, start, regular, delimiter }: Split): string {
  const records = sample.records.length - start;
  const alike =
    regular === 1
      ? `all ${records} records`
      : `${Math.round(regular * records)} of ${records} records`;
  return `${alike} looked at have ${width} cells when split at ${JSON.stringify(delimiter)}`;
}

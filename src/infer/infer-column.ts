import type { ColumnProfile } from './column-profile.ts';
import { type Conclusion, filledOf, percent, quote } from './conclusion.ts';
import { type DateTexts, readDateShapes, readTimeShapes } from './date-reading.ts';
import { inferDates } from './infer-dates.ts';
import { inferNumbers } from './infer-numbers.ts';
import { inferWords } from './infer-words.ts';
import type { Question } from './inferred.ts';
import { isDigitText, isIdentifier } from './label-words.ts';
import { readNumberShapes } from './number-reading.ts';

/** Of the cells with a value, how many must fit a type for the column to be declared as it. */
export const shareMin = 0.9;

/** Fewer are texts that happen to look like numbers. */
const mixtureMin = 0.05;

/** A kind of value, and how many cells can be read as it. */
interface Candidate {
  readonly kind: 'number' | 'date' | 'time' | 'boolean';
  readonly count: number;
  readonly conclude: () => Conclusion;
}

/**
 * What a column is, by all its cells. Where they fit two readings it stays text, with both as a
 * question: nothing is guessed.
 */
export function inferColumn(profile: ColumnProfile): Conclusion {
  const odd = oddQuestions(profile);
  const filled = filledOf(profile);
  const conclusion = filled === 0 ? nothing(profile) : concludeFrom(profile, filled);
  return { ...conclusion, questions: [...conclusion.questions, ...odd] };
}

function concludeFrom(profile: ColumnProfile, filled: number): Conclusion {
  const candidates = candidatesOf(profile).toSorted((a, b) => b.count - a.count);
  const [best] = candidates;
  if (best === undefined || best.count === 0) return inferWords(profile, []);
  const share = best.count / filled;
  if (share < mixtureMin) return inferWords(profile, []);
  if (share < shareMin) {
    const words = inferWords(profile, [mixture(profile, candidates, filled)]);
    return { ...words, questions: [...words.questions, ...mixtureQuestion(profile, best, filled)] };
  }
  const conclusion = best.conclude();
  if (share === 1 || conclusion.spec.type === 'text') return conclusion;
  const others = filled - best.count;
  const [word, seen] = [...profile.words][0] ?? [];
  const example = word === undefined ? '' : `, the first ${quote(word)} in row ${seen?.line ?? 0}`;
  const text = `${percent(share)} of the values are ${kindNames[best.kind]}; ${others === 1 ? 'one is' : `${others} are`} not${example}. ${others === 1 ? 'That row is' : 'Those rows are'} rejected.`;
  return { ...conclusion, questions: [{ text, readings: [] }, ...conclusion.questions] };
}

function candidatesOf(profile: ColumnProfile): readonly Candidate[] {
  const { shapes, numbers: numberCells, dates: dateCells } = profile;
  const numbers = readNumberShapes(shapes);
  const dates = readDateShapes(shapes);
  const times = readTimeShapes(shapes);
  const hours = times?.isDuration === true ? 0 : (times?.count ?? 0);
  const days = dates?.isCompact === true && numbers.count > dates.count ? undefined : dates;
  // Eight digits are numbers too; as dates they are only taken where every number is one.
  const compact = days?.isCompact === true;
  return [
    {
      kind: 'date',
      count: countOf(days) + dateCells.count - dateCells.times,
      conclude: () => inferDates(profile, days),
    },
    {
      kind: 'time',
      count: hours + dateCells.times,
      conclude: () => ({
        spec: { type: 'time', ...(times?.format === undefined ? {} : { format: times.format }) },
        questions: [],
        notes: [],
      }),
    },
    {
      kind: 'number',
      count: (compact ? 0 : numbers.count) + numberCells.count,
      conclude: () => inferNumbers(profile, numbers),
    },
    {
      kind: 'boolean',
      count: profile.booleans,
      conclude: () => ({ spec: { type: 'boolean' }, questions: [], notes: [] }),
    },
  ];
}

const countOf = (dates: DateTexts | undefined): number => dates?.count ?? 0;

const kindNames: Readonly<Record<Candidate['kind'], string>> = {
  number: 'numbers',
  date: 'dates',
  time: 'times',
  boolean: 'true or false',
};

/** `61 % numbers, 39 % other texts such as "tbd" in row 14`. */
function mixture(profile: ColumnProfile, candidates: readonly Candidate[], filled: number): string {
  const parts = candidates
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${percent(count / filled)} ${kindNames[kind]}`);
  const rest = filled - candidates.reduce((sum, { count }) => sum + count, 0);
  const [word, seen] = [...profile.words][0] ?? [];
  if (rest > 0) {
    const example = word === undefined ? '' : ` such as ${quote(word)} in row ${seen?.line ?? 0}`;
    parts.push(`${percent(rest / filled)} other texts${example}`);
  }
  return `mixed: ${parts.join(', ')}`;
}

/** Thousands in groups of two digits, as India writes lakhs and crores: `12,34,567.80`. */
const lakh = /^\D{0,4}\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?\D{0,4}$/u;

/** Amounts that are loaded as text are in no sum: that is no detail. Identifiers are often mixed. */
function mixtureQuestion(profile: ColumnProfile, best: Candidate, filled: number): Question[] {
  const { label, shapes, words } = profile;
  if (best.kind !== 'number' || best.count * 2 < filled) return [];
  if (isIdentifier(label) || isDigitText(label)) return [];
  const odd = shapes.filter((shape) => readNumberShapes([shape]).count === 0);
  const [word, seen] = [...words][0] ?? [];
  const first = odd[0]?.first ?? { text: word ?? '', line: seen?.line ?? 0 };
  const text = `${percent(best.count / filled)} of the values are numbers, and ${filled - best.count === 1 ? 'one is not,' : `${filled - best.count} are not, such as`} ${quote(first.text)} in row ${first.line}: all are loaded as text, which is in no sum.`;
  const remedy = ' Groups of two digits are not read; a transform can take the commas out.';
  return [{ text: lakh.test(first.text) ? text + remedy : text, readings: [] }];
}

const nothing = (profile: ColumnProfile): Conclusion => ({
  spec: { type: 'text' },
  questions: [],
  notes: profile.cells === 0 ? ['no rows'] : hasOdd(profile) ? [] : ['no values'],
});

/** Cells that have a value which no load takes. */
const hasOdd = ({ errors, stale, merged }: ColumnProfile): boolean =>
  errors.count + stale.count + merged.count > 0;

function oddQuestions({ errors, stale, merged }: ColumnProfile): Question[] {
  const questions: Question[] = [];
  const add = (
    odd: { readonly count: number; readonly first: { readonly line: number } | undefined },
    what: string,
    then: string,
  ): void => {
    if (odd.count === 0) return;
    const where = `the first in row ${odd.first?.line ?? 0}`;
    questions.push({ text: `${odd.count} ${what}, ${where}. ${then}`, readings: [] });
  };
  add(
    errors,
    errors.count === 1 ? 'cell is a spreadsheet error' : 'cells are spreadsheet errors',
    'These rows are rejected (formula-error).',
  );
  add(
    stale,
    stale.count === 1 ? 'formula has no result' : 'formulas have no result',
    'These rows are rejected (stale-formula); saving the workbook in Excel stores the results.',
  );
  add(
    merged,
    merged.count === 1 ? 'cell lies in a merged range' : 'cells lie in merged ranges',
    "These rows are rejected (merged-cell) until the source says merged: 'fill' or 'top-left'.",
  );
  return questions;
}

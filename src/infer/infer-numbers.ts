import type { ColumnSpec } from '../contract/column.ts';
import type { ColumnProfile } from './column-profile.ts';
import { type Conclusion, fewShare, fewTexts, quote } from './conclusion.ts';
import type { Question } from './inferred.ts';
import { isDateLabel, isDigitText, isIdentifier, maybeNegative } from './label-words.ts';
import { isPlaceholder } from './missing-texts.ts';
import type { NumberMarks, NumberTexts } from './number-reading.ts';

/** A column of amounts with so many rows and none below zero gets a bound. */
const boundRows = 20;
const int64Digits = 18;
/** Precisions in which numeric columns come, from which the next is chosen with room to grow. */
const precisions = [12, 15, 18, 24, 30, 38, 60, 120, 500, 1000];

/** A column of numbers: its type, marks and bounds, or what its marks leave open. */
export function inferNumbers(profile: ColumnProfile, texts: NumberTexts): Conclusion {
  const text = asText(profile, texts);
  if (text !== undefined) return text;
  const { finding } = texts;
  if (finding.state === 'mixed') {
    const [one, other] = finding.cells;
    return undecided(
      `${quote(one.text)} in row ${one.line} and ${quote(other.text)} in row ${other.line} are written with different marks: no one declaration reads both.`,
      [],
    );
  }
  if (finding.state === 'open') {
    const { mark, cell } = finding;
    const asDecimal = numberSpec(profile, texts, { decimalMark: mark, thousandsMark: undefined });
    const asWhole = numberSpec(profile, texts, { decimalMark: undefined, thousandsMark: mark });
    const text = `${quote(cell.text)} in row ${cell.line} has two readings, and no other value shows which is meant.`;
    const readings = [
      { spec: asWhole, means: `${quote(cell.text)} is ${withMark(cell.text, mark, '')}` },
      { spec: asDecimal, means: `${quote(cell.text)} is ${withMark(cell.text, mark, '.')}` },
    ];
    // Where nearly all cells are numbers of a workbook, those few are rejected as ambiguous.
    const isFew = texts.count <= fewShare * (texts.count + profile.numbers.count);
    if (!isFew) return undecided(text, readings);
    const spec = numberSpec(profile, texts, { decimalMark: undefined, thousandsMark: undefined });
    const question = `${text} ${fewTexts(texts.count)} rejected until its marks are declared.`;
    return { spec: withoutMarks(spec), questions: [{ text: question, readings }], notes: [] };
  }
  const spec = numberSpec(profile, texts, finding.marks);
  const units = unitsQuestion(texts, spec);
  if (units !== undefined) return units;
  return { spec, questions: serialQuestion(profile), notes: notesOf(profile, texts) };
}

/** Dates whose writer gave the cells no format of one are numbers to everybody: 46082.5. */
function serialQuestion({ label, numbers }: ColumnProfile): Question[] {
  const isSerial = numbers.count > 0 && numbers.wholeMax === 5 && numbers.negatives === 0;
  if (!isSerial || !isDateLabel(label) || numbers.first === undefined) return [];
  const { text, line } = numbers.first;
  return [
    {
      text: `${quote(text)} in row ${line} may be a date whose cell has no date format. As a date it would be rejected (date-serial-as-number): ask the sender to format the column.`,
      readings: [],
    },
  ];
}

/** Money of several currencies, or percentages among plain numbers, are not to be added up. */
function unitsQuestion(texts: NumberTexts, spec: ColumnSpec): Conclusion | undefined {
  const currencies = new Set(texts.symbols.map((symbol) => synonyms[symbol] ?? symbol));
  if (currencies.size > 1) {
    const text = `Amounts are in ${[...texts.symbols].join(' and ')}: a number without its currency cannot be added up.`;
    return undecided(text, [{ spec, means: 'they may be mixed all the same' }]);
  }
  if (texts.percents === 0 || texts.percents === texts.count) return undefined;
  const others = texts.count - texts.percents;
  return undecided(
    `${texts.percents} numbers have a percent sign and ${others} ${others === 1 ? 'has' : 'have'} none: 12 may be 0.12.`,
    [],
  );
}

const synonyms: Readonly<Record<string, string>> = {
  '€': 'EUR',
  $: 'USD',
  '£': 'GBP',
  '¥': 'JPY',
  'kr.': 'kr',
  Kr: 'kr',
  'Kr.': 'kr',
};

/** A decimal column, which alone refuses what is ambiguous; an integer reads no marks at all. */
function withoutMarks(spec: ColumnSpec): ColumnSpec {
  if (spec.type !== 'decimal') return spec;
  const { decimalMark: _, ...rest } = spec;
  return rest;
}

const withMark = (text: string, mark: string, by: string): string => text.replace(mark, by);

const undecided = (text: string, readings: Question['readings']): Conclusion => ({
  spec: { type: 'text' },
  questions: [{ text, readings }],
  notes: [],
});

/** Digits that are a name rather than a number. */
function asText(profile: ColumnProfile, texts: NumberTexts): Conclusion | undefined {
  const { numbers, label } = profile;
  const isWhole = texts.fractionMax === 0 && numbers.fractions === 0;
  const keepText = (note: string): Conclusion => ({
    spec: { type: 'text' },
    questions: [],
    notes: [note],
  });
  if (texts.leadingZeros > 0) return keepText('digits with leading zeros');
  if (!isWhole || texts.symbols.length + texts.percents > 0) return undefined;
  const wholeMax = Math.max(texts.wholeMax, numbers.wholeMax);
  if (wholeMax > int64Digits) return keepText(`up to ${wholeMax} digits, which no integer holds`);
  if (isDigitText(label)) return keepText('digits that nobody adds up');
  if (texts.plus > 0 && texts.plus === texts.count && wholeMax >= 7) {
    return keepText('digits with a plus, as phone numbers are');
  }
  return undefined;
}

function numberSpec(
  profile: ColumnProfile,
  texts: NumberTexts,
  { decimalMark, thousandsMark }: NumberMarks,
): ColumnSpec {
  const { numbers, label } = profile;
  const openFraction = texts.finding.state === 'open' && decimalMark !== undefined ? 3 : 0;
  const isPercent = texts.percents > 0;
  const written = Math.max(texts.fractionMax, openFraction);
  const scale = Math.max(isPercent ? written + 2 : written, numbers.fractionMax);
  const whole = Math.max(texts.wholeMax, numbers.wholeMax, 1);
  const isBounded =
    texts.negatives + numbers.negatives === 0 &&
    profile.cells - profile.empty >= boundRows &&
    !maybeNegative(label) &&
    !isIdentifier(label);
  const options = {
    ...(thousandsMark === undefined ? {} : { thousandsMark }),
    ...(texts.symbols.length === 0 ? {} : { symbols: texts.symbols }),
    ...(isBounded ? { min: 0 } : {}),
    ...missingOf(profile),
  };
  if (scale === 0 && !isPercent) return { type: 'integer', ...options };
  // One decimal seen may be the half of two: a narrower column would reject the next file's cents.
  const digits = Math.max(scale, 2);
  const precision = precisions.find((each) => each >= whole + 2 + digits) ?? 1000;
  // Only `1.234` needs its mark said where a point is the default.
  const isDefault = decimalMark !== ',' && (thousandsMark !== undefined || digits < 3);
  const mark = isDefault || decimalMark === undefined ? {} : { decimalMark };
  const percent = isPercent ? { percent: true } : {};
  return { type: 'decimal', precision, scale: digits, ...percent, ...mark, ...options };
}

/** Texts of a typed column that stand for no value. */
export function missingOf(profile: ColumnProfile): { missing?: readonly string[] } {
  const found = [...profile.placeholders.keys()].filter(isPlaceholder);
  return found.length === 0 ? {} : { missing: found.toSorted() };
}

function notesOf({ numbers }: ColumnProfile, texts: NumberTexts): string[] {
  const notes: string[] = [];
  const { finding } = texts;
  if (finding.state === 'decided' && finding.proofs.length > 0) {
    const proofs = finding.proofs
      .slice(0, 2)
      .map(({ text, line }) => `${quote(text)} in row ${line}`);
    notes.push(`marks proven by ${proofs.join(' and ')}`);
  }
  if (texts.percents > 0) notes.push('12 % is loaded as 0.12');
  if (numbers.count > 0 && texts.count > 0) notes.push(`${texts.count} of the numbers are texts`);
  return notes;
}

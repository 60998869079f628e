import type { ColumnSpec } from '../contract/column.ts';
import type { ColumnProfile } from './column-profile.ts';
import { type Conclusion, fewShare, fewTexts, quote } from './conclusion.ts';
import type { DateReading, DateTexts } from './date-reading.ts';
import { missingOf } from './infer-numbers.ts';
import { isDateLabel } from './label-words.ts';

/** A column of dates or of instants, or what its dates leave open. `texts` are those written as text. */
export function inferDates(profile: ColumnProfile, texts: DateTexts | undefined): Conclusion {
  const { dates } = profile;
  const timed = dates.timed > 0 || (texts?.hasTime === true && !texts.isMidnight);
  if (texts === undefined) {
    return {
      spec: dateSpec(profile, timed, undefined),
      questions: [],
      notes: zoneNote(timed, texts),
    };
  }
  const { readings, first } = texts;
  const [only, ...more] = readings;
  if (only === undefined) {
    const seen = texts.proofs.slice(0, 2).map(({ text, line }) => `${quote(text)} in row ${line}`);
    return {
      spec: { type: 'text' },
      questions: [
        {
          text: `No one order of day, month and year fits ${seen.length === 0 ? quote(first.text) : seen.join(' and ')}.`,
          readings: [],
        },
      ],
      notes: [],
    };
  }
  if (more.length > 0) return open(profile, texts, timed);
  if (texts.isCompact && !isDateLabel(profile.label)) return openCompact(profile, texts);
  return {
    spec: dateSpec(profile, timed, only),
    questions: [],
    notes: [
      ...proofNote(texts, only),
      ...(texts.isMidnight && !timed ? ['every time of day is midnight'] : []),
      ...zoneNote(timed, texts),
    ],
  };
}

function open(profile: ColumnProfile, texts: DateTexts, timed: boolean): Conclusion {
  const { first, readings } = texts;
  const orders = readings.map(({ order }) => order).join(' or ');
  // Where nearly all cells are dates of a workbook, those few are rejected as ambiguous.
  // 01/01/2025 is the same day in every order, which then names itself.
  const isSame = new Set(readings.map((each) => isoOf(first.text, each))).size === 1;
  const isFew = texts.count <= fewShare * (texts.count + profile.dates.count);
  return {
    spec: isFew ? dateSpec(profile, timed, undefined) : { type: 'text' },
    questions: [
      {
        text: `${quote(first.text)} in row ${first.line} may be ${orders}, and no other date shows which.${isFew ? ` ${fewTexts(texts.count)} rejected until its format is declared.` : ''}`,
        readings: readings.map((reading) => ({
          spec: dateSpec(profile, timed, reading),
          means: `${quote(first.text)} is ${isSame ? reading.order : isoOf(first.text, reading)}`,
        })),
      },
    ],
    notes: [],
  };
}

function openCompact(profile: ColumnProfile, { first, readings }: DateTexts): Conclusion {
  const [reading] = readings;
  return {
    spec: { type: 'text' },
    questions: [
      {
        text: `${quote(first.text)} in row ${first.line} may be a date or a number of eight digits.`,
        readings: [
          {
            spec: dateSpec(profile, false, reading),
            means: `${quote(first.text)} is ${first.text.slice(0, 4)}-${first.text.slice(4, 6)}-${first.text.slice(6)}`,
          },
          { spec: { type: 'integer', ...missingOf(profile) }, means: 'it is a number' },
        ],
      },
    ],
    notes: [],
  };
}

function dateSpec(
  profile: ColumnProfile,
  timed: boolean,
  reading: DateReading | undefined,
): ColumnSpec {
  const options = {
    ...(reading?.format === undefined ? {} : { format: reading.format }),
    ...missingOf(profile),
  };
  return timed ? { type: 'timestamp', ...options } : { type: 'date', ...options };
}

/** What proves the order, where digits alone do not. */
function proofNote({ proofs, first }: DateTexts, { order }: DateReading): string[] {
  if (/\d{4}[^\d]/u.test(first.text.slice(0, 5)) || proofs.length === 0) return [];
  const [proof] = proofs;
  return proof === undefined ? [] : [`${order}: ${quote(proof.text)} in row ${proof.line}`];
}

const zoneNote = (timed: boolean, texts: DateTexts | undefined): string[] =>
  timed && texts?.hasOffset !== true ? ["times of the company's zone, none is written"] : [];

/** The date as ISO writes it, by the order of its parts; for people. */
function isoOf(text: string, { order }: DateReading): string {
  const [one = '', two = '', three = ''] = text.match(/\d+/gu) ?? [];
  const [year, month, day] =
    order === 'day first'
      ? [three, two, one]
      : order === 'month first'
        ? [three, one, two]
        : [one, two, three];
  const full = year.length === 4 ? year : `${Number(year) < 69 ? '20' : '19'}${year}`;
  return `${full}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

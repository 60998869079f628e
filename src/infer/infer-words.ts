import type { ColumnProfile } from './column-profile.ts';
import { type Conclusion, filledOf } from './conclusion.ts';
import { isIdentifier } from './label-words.ts';
import { isClearPlaceholder } from './missing-texts.ts';
import type { TextCount } from './text-tally.ts';

const choicesMax = 12;
/** Fewer rows, or fewer of each choice, may be a coincidence. */
const choiceRows = 20;
const rowsPerChoice = 5;
const choiceLengthMax = 40;

/** Pairs that mean yes and no; the first two are what contracts read without being told. */
const booleanWords: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['t', 'f'],
  ['ja', 'nein'],
  ['j', 'n'],
  ['wahr', 'falsch'],
  ['oui', 'non'],
  ['vrai', 'faux'],
  ['sí', 'no'],
  ['si', 'no'],
  ['tak', 'nie'],
];
const knownPairs = 4;

/** A column of texts: yes and no, one of a few, JSON, or just text. */
export function inferWords(profile: ColumnProfile, notes: readonly string[]): Conclusion {
  const filled = filledOf(profile);
  if (profile.documents > 0 && profile.documents === filled) {
    return { spec: { type: 'json', ...missingWords(profile) }, questions: [], notes };
  }
  const texts = profile.texts;
  const onlyTexts = profile.numbers.count + profile.dates.count + profile.booleans === 0;
  if (texts !== undefined && onlyTexts && notes.length === 0) {
    const values = [...texts].filter(([text]) => !isClearPlaceholder(text));
    const pair = booleanPair(values.map(([text]) => text));
    if (pair !== undefined) {
      return { spec: { type: 'boolean', ...pair, ...missingWords(profile) }, questions: [], notes };
    }
    if (isChoice(profile, values)) {
      const spec = {
        type: 'one-of',
        values: values.map(([text]) => text).toSorted(),
        ...missingWords(profile),
      } as const;
      return { spec, questions: [], notes };
    }
  }
  return { spec: { type: 'text', ...missingWords(profile) }, questions: [], notes };
}

function missingWords({ placeholders }: ColumnProfile): { missing?: readonly string[] } {
  const found = [...placeholders.keys()].filter(isClearPlaceholder);
  return found.length === 0 ? {} : { missing: found.toSorted() };
}

/** Yes and no, both seen. */
function booleanPair(
  values: readonly string[],
): { trueValues?: readonly string[]; falseValues?: readonly string[] } | undefined {
  const folded = new Set(values.map((text) => text.toLowerCase()));
  if (folded.size !== 2) return undefined;
  const index = booleanWords.findIndex(([yes, no]) => folded.has(yes) && folded.has(no));
  const pair = booleanWords[index];
  if (pair === undefined) return undefined;
  return index < knownPairs ? {} : { trueValues: [pair[0]], falseValues: [pair[1]] };
}

/** A few words over and over: a category rather than names. */
function isChoice(
  { label }: ColumnProfile,
  values: readonly (readonly [string, TextCount])[],
): boolean {
  const rows = values.reduce((sum, [, { count }]) => sum + count, 0);
  const coded = values.filter(([text]) => /\d{3}/u.test(text)).length;
  return (
    values.length >= 2 &&
    values.length <= choicesMax &&
    rows >= choiceRows &&
    rows >= rowsPerChoice * values.length &&
    values.every(([text, { count }]) => text.length <= choiceLengthMax && count > 1) &&
    coded * 2 < values.length &&
    !isIdentifier(label)
  );
}

import type { Footer } from '../source/footer.ts';
import { quote } from './conclusion.ts';
import type { Question } from './inferred.ts';
import type { AsideRow } from './set-aside.ts';

const markMax = 40;

/** Rows of one sentence below a table, as a footer that the next file has too. */
export function findFooter(notes: readonly AsideRow[]): {
  readonly footer: Footer | undefined;
  readonly questions: readonly Question[];
} {
  const [first] = notes;
  if (first === undefined) return { footer: undefined, questions: [] };
  const text = (first.texts[first.column] ?? '').trim();
  const rows = notes.length === 1 ? 'it is' : `it and ${notes.length - 1} below are`;
  return {
    footer: { from: markOf(text) },
    questions: [
      {
        text: `Row ${first.line}, ${quote(text)}, is taken for a footnote: ${rows} not loaded, and counted. If it is a row of the table, remove footer.`,
        readings: [],
      },
    ],
  };
}

/** How the note begins, without what changes from file to file: digits, and the end of long ones. */
function markOf(text: string): string {
  const [steady = ''] = text.split(/\d/u);
  const mark = steady.trim().length >= 4 ? steady : text;
  if (mark.length <= markMax) return mark.trim();
  return mark
    .slice(0, markMax)
    .replace(/\s\S*$/u, '')
    .trim();
}

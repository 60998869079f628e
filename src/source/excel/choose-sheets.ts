import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import type { BookSheet } from './book.ts';
import type { SheetChoice, Treatment } from './excel-options.ts';

/**
 * The sheet that Plumbline adds to a workbook it gives back to its sender, to say what is wrong.
 * It is data to nobody: only its name alone chooses it.
 */
export const summarySheet = 'Plumbline';

/** Which sheets of a workbook are read. */
export interface ChosenSheets {
  /** In the order of their tabs; at least one. */
  readonly read: readonly BookSheet[];
  /** Hidden ones that were meant and are passed over, as the source says. */
  readonly skipped: readonly BookSheet[];
}

/**
 * The sheets meant, or without a choice the first that is not hidden. Throws `sheet-not-found` when
 * one that was named is not there or none is left, `delivery-rejected` when one is hidden and the
 * source refuses that.
 */
export function chooseSheets(
  sheets: readonly BookSheet[],
  choices: readonly SheetChoice[] | undefined,
  { hidden, name }: { readonly hidden: Treatment; readonly name: string },
): ChosenSheets {
  const meant = choices === undefined ? firstSheet(sheets) : meantSheets(sheets, choices, name);
  const isHidden = (sheet: BookSheet): boolean => sheet.state !== 'visible';
  const [concealed] = meant.filter(isHidden);
  if (concealed === undefined || hidden === 'load') return { read: meant, skipped: [] };
  if (hidden === 'reject') throw hiddenSheets(meant.filter(isHidden), name);
  const read = meant.filter((sheet) => !isHidden(sheet));
  if (read.length > 0) return { read, skipped: meant.filter(isHidden) };
  throw new PlumblineError('sheet-not-found', {
    message: `${name}: ${listOf(meant)} ${meant.length === 1 ? 'is' : 'are'} hidden, and the source passes hidden sheets over; none is left to read.`,
    remedy: "Show the sheet in Excel, or set hidden: { sheets: 'load' } in the source.",
  });
}

function firstSheet(sheets: readonly BookSheet[]): readonly BookSheet[] {
  const data = sheets.filter((sheet) => sheet.name !== summarySheet);
  const first = data.find((sheet) => sheet.state === 'visible') ?? data[0] ?? sheets[0];
  return first === undefined ? [] : [first];
}

function meantSheets(
  sheets: readonly BookSheet[],
  choices: readonly SheetChoice[],
  name: string,
): readonly BookSheet[] {
  const found = new Set<BookSheet>();
  for (const choice of choices) {
    const matches = matchesOf(sheets, choice);
    if (matches.length === 0) throw notFound(sheets, choice, name);
    for (const sheet of matches) found.add(sheet);
  }
  return sheets.filter((sheet) => found.has(sheet));
}

function matchesOf(sheets: readonly BookSheet[], choice: SheetChoice): readonly BookSheet[] {
  if (typeof choice === 'number') {
    const data = sheets.filter((sheet) => sheet.name !== summarySheet);
    return data.slice(choice - 1, choice);
  }
  const pattern = patternOf(choice);
  if (pattern !== undefined) {
    return sheets.filter((sheet) => sheet.name !== summarySheet && pattern.test(sheet.name.trim()));
  }
  const wanted = String(choice);
  const found =
    sheets.find((sheet) => sheet.name === wanted) ??
    sheets.find((sheet) => fold(sheet.name) === fold(wanted));
  return found === undefined ? [] : [found];
}

/** No sheet's name may hold `*` or `?`, so a text with one is a pattern; case does not count in it. */
function patternOf(choice: string | RegExp): RegExp | undefined {
  // Without the flags that make a pattern remember where it was.
  if (choice instanceof RegExp) {
    return new RegExp(choice.source, choice.flags.replaceAll(/[gy]/gu, ''));
  }
  if (!/[*?]/u.test(choice)) return undefined;
  const escaped = choice
    .trim()
    .replaceAll(/[.+^${}()|[\]\\/]/gu, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'isu');
}

const fold = (text: string): string => text.trim().normalize('NFC').toLowerCase();

const listOf = (sheets: readonly BookSheet[]): string =>
  `${sheets.length === 1 ? 'sheet' : 'sheets'} ${sheets.map(({ name }) => `'${name}'`).join(', ')}`;

function hiddenSheets(sheets: readonly BookSheet[], name: string): PlumblineError {
  return new PlumblineError('delivery-rejected', {
    message: `${name}: ${listOf(sheets)} ${sheets.length === 1 ? 'is' : 'are'} hidden, and the source refuses hidden sheets.`,
    remedy:
      "Ask the sender why; show the sheets in Excel, or set hidden: { sheets: 'load' } in the source.",
  });
}

function notFound(sheets: readonly BookSheet[], choice: SheetChoice, name: string): PlumblineError {
  const names = sheets.map((sheet) => sheet.name);
  const near =
    typeof choice === 'string' && patternOf(choice) === undefined
      ? suggest(choice, names)
      : undefined;
  const wanted =
    typeof choice === 'number'
      ? `sheet ${choice}`
      : choice instanceof RegExp
        ? `sheet whose name matches ${String(choice)}`
        : `sheet '${choice}'`;
  const list = names.map((sheet) => `'${sheet}'`).join(', ');
  return new PlumblineError('sheet-not-found', {
    message:
      `${name} has no ${wanted}; ` +
      (list === '' ? 'it has no sheets with cells.' : `it has ${list}.`) +
      (near === undefined ? '' : ` Did you mean '${near}'?`),
    ...(near !== undefined && { remedy: `Set sheet: '${near}' in the source.` }),
  });
}

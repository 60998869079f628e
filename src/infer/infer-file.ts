import type { Columns } from '../contract/column.ts';
import { foldLabel, labelsOf, matchHeader } from '../contract/match-header.ts';
import { PlumblineError } from '../errors.ts';
import { csv } from '../source/csv/csv.ts';
import { excel } from '../source/excel/excel.ts';
import type { LandedDelivery, ReadSummary, Source, SourceContext } from '../source/source.ts';
import { adoptMarks } from './adopt-marks.ts';
import { checkTable, type DeclaredColumn, type TableCheck } from './check-table.ts';
import { columnNames } from './column-name.ts';
import type { ColumnProfile } from './column-profile.ts';
import { filledOf } from './conclusion.ts';
import { findFooter } from './find-footer.ts';
import { findGroups } from './find-groups.ts';
import { findPairs } from './find-pairs.ts';
import { findTable } from './find-table.ts';
import { findTotals, type FoundTotals } from './find-totals.ts';
import { inferColumn } from './infer-column.ts';
import type { InferredColumn, Question } from './inferred.ts';
import { keyCandidates, type KeyFinding, watchColumns } from './key-watch.ts';
import { isRate } from './label-words.ts';
import { type HeadRow, profileTable, type TableProfile } from './profile-table.ts';
import { createRunningSums } from './running-sums.ts';
import type { Fact, Given, TableFile, TableSettings } from './table-file.ts';

/** What a file shows about the source that would load it. */
export interface FilePreview {
  readonly name: string;
  readonly facts: readonly Fact[];
  readonly settings: TableSettings;
  readonly columns: readonly InferredColumn[];
  /** Columns that no contract can name, with why. */
  readonly leftOut: readonly string[];
  /** The first rows, by the file's own columns. */
  readonly labels: readonly string[];
  readonly head: readonly HeadRow[];
  /** What the declarations come to, tried on every row. */
  readonly check: TableCheck;
  readonly skipped: ReadSummary['skipped'];
  readonly noticed: NonNullable<ReadSummary['noticed']>;
  readonly keys: readonly KeyFinding[];
  readonly controlTotals: readonly string[];
  readonly proofs: readonly string[];
  /** About the file as a whole; those of columns are with them. */
  readonly questions: readonly Question[];
  /** The file has more rows than were looked at. */
  readonly isCut: boolean;
}

export interface InferOptions {
  readonly given: Given;
  readonly headRows: number;
  /** Rows beyond are not looked at. Default 1,000,000. */
  readonly rowsMax?: number;
  /** IANA zone of times that name none. */
  readonly zone: string;
  readonly signal: AbortSignal;
  readonly onProgress: (what: 'read' | 'check', rows: number) => void;
}

const rowsMaxDefault = 1_000_000;

/**
 * Infers a contract from all rows of a file: reads it once to see what it holds, and once more to
 * try what was concluded. Throws as the readers do when it cannot be read at all.
 */
export async function inferFile(
  landed: LandedDelivery,
  options: InferOptions,
): Promise<FilePreview> {
  const { given, zone, signal } = options;
  const file = await findTable(landed, given, signal);
  const first = await examine(file, options, new Set());
  // A row that only looked like totals belongs to its columns: what they hold is looked at again.
  const ordinary = new Set(first.totals.ordinary);
  const seen = ordinary.size === 0 ? first : await examine(file, options, ordinary);
  const { profile, columns, totals, check } = seen;
  const { footer, questions: aboutNotes } = findFooter(profile.notes);
  const [only, ...more] = totals.totalsRow;
  const settings: TableSettings = {
    ...file.settings,
    ...(only === undefined ? {} : { totalsRow: more.length === 0 ? only : totals.totalsRow }),
    ...(footer === undefined ? {} : { footer }),
  };
  const preview = {
    name: landed.name,
    facts: file.facts,
    settings,
    columns,
    leftOut: seen.leftOut,
    labels: profile.labels,
    head: profile.head,
    check,
    skipped: profile.summary.skipped,
    noticed: profile.summary.noticed ?? {},
    keys: seen.keys,
    controlTotals: totalColumns(columns, profile.rows),
    proofs: totals.proofs,
    isCut: profile.isCut,
  };
  const questions = [
    ...file.questions,
    ...totals.questions,
    ...aboutNotes,
    ...rowQuestions(profile),
    ...(await tryHeader(landed, preview, { zone, signal })),
  ];
  return { ...preview, questions };
}

/** A pair that is sure enough before columns that are not. */
function rankKeys(
  singles: readonly KeyFinding[],
  pairs: readonly KeyFinding[],
): readonly KeyFinding[] {
  const clear = pairs.filter(({ isClear }) => isClear);
  return clear.length > 0 ? clear : [...singles, ...pairs].slice(0, 3);
}

interface Examined {
  readonly profile: TableProfile;
  readonly columns: readonly InferredColumn[];
  readonly leftOut: readonly string[];
  readonly check: TableCheck;
  readonly keys: readonly KeyFinding[];
  readonly totals: FoundTotals;
}

/** Both passes over a table. */
async function examine(
  file: TableFile,
  { headRows, rowsMax = rowsMaxDefault, zone, onProgress }: InferOptions,
  ordinary: ReadonlySet<number>,
): Promise<Examined> {
  const profile = await profileTable(await file.open(), {
    headRows,
    rowsMax,
    ordinary,
    onProgress: (rows) => onProgress('read', rows),
  });
  const { columns, declared, leftOut } = describeColumns(profile);
  const candidates = keyCandidates(
    declared.flatMap(({ cell }, index) => {
      const column = columns[index];
      return column === undefined ? [] : [{ column, profile: profileAt(profile, cell), cell }];
    }),
  );
  const keys = watchColumns(candidates);
  const width = profile.labels.length;
  const aside = new Set([...profile.totals, ...profile.notes].map(({ line }) => line));
  const sums = createRunningSums(declared, profile.totals);
  const check = await checkTable(await file.open(), {
    columns: declared,
    width,
    aside,
    rowsMax,
    zone,
    keys,
    sums,
    onProgress: (rows) => onProgress('check', rows),
  });
  const totals = await findTotals(profile.totals, {
    columns: declared,
    labels: profile.labels,
    marks: sums.marks(),
    all: sums.all(),
    rowCount: profile.rows,
    alwaysFilled: alwaysFilled(profile),
    findGroups: (rows) => findGroups(file, rows, { columns: declared, aside, rowsMax, zone }),
  });
  const singles = keys.finish(check.rows);
  const pairs = await findPairs(file, { candidates, singles, width, aside, rows: check.rows });
  return { profile, columns, leftOut, check, keys: rankKeys(singles, pairs), totals };
}

/** Cells that hold something in every row. */
const alwaysFilled = ({ columns }: TableProfile): ReadonlySet<number> =>
  new Set(
    columns.flatMap((column, cell) =>
      column.cells > 0 && filledOf(column) === column.cells ? [cell] : [],
    ),
  );

const profileAt = ({ columns }: TableProfile, cell: number): ColumnProfile => {
  const profile = columns[cell];
  if (profile === undefined) throw new RangeError(`no column ${cell}`);
  return profile;
};

interface DescribedColumns {
  readonly columns: readonly InferredColumn[];
  readonly declared: readonly DeclaredColumn[];
  readonly leftOut: readonly string[];
}

function describeColumns(profile: TableProfile): DescribedColumns {
  const { labels } = profile;
  const { cells, leftOut } = nameable(profile);
  const names = columnNames(cells.map((cell) => labels[cell] ?? ''));
  const conclusions = cells.map((cell) => inferColumn(profileAt(profile, cell)));
  const specs = adoptMarks(
    cells.map((cell, index) => ({
      spec: conclusions[index]?.spec ?? { type: 'text' },
      profile: profileAt(profile, cell),
      stated: profile.totals.flatMap(({ texts, column }) =>
        column === cell ? [] : [texts[cell]?.trim() ?? ''],
      ),
    })),
  );
  const columns = cells.map((cell, index): InferredColumn => {
    const label = labels[cell] ?? '';
    const name = names[index] ?? '';
    const seen = profileAt(profile, cell);
    const filled = filledOf(seen);
    const isRequired = filled === seen.cells && filled > 0;
    const spec = specs[index] ?? { type: 'text' };
    return {
      name,
      label,
      needsHeader: !labelsOf(name, undefined).some((each) => foldLabel(each) === foldLabel(label)),
      spec: isRequired ? { ...spec, required: true } : spec,
      questions: conclusions[index]?.questions ?? [],
      notes: conclusions[index]?.notes ?? [],
      cells: seen.cells,
      filled,
      examples: seen.examples,
    };
  });
  const declared = columns.map(({ name, spec }, index) => ({
    name,
    spec,
    cell: cells[index] ?? 0,
  }));
  return { columns, declared, leftOut };
}

/** Of the 1,600 columns that a table of Postgres holds, a load adds some of its own. */
const columnsMax = 1_590;

/** Columns with a label of their own; a contract finds them by it. */
function nameable({ labels, columns }: TableProfile): {
  readonly cells: readonly number[];
  readonly leftOut: readonly string[];
} {
  const folded = labels.map(foldLabel);
  const cells: number[] = [];
  const leftOut: string[] = [];
  for (const [cell, label] of labels.entries()) {
    const others = folded.filter((each) => each === folded[cell]).length;
    const place = `column ${cell + 1}`;
    if (label.trim() === '') {
      const filled = columns[cell] === undefined ? 0 : filledOf(columns[cell]);
      if (filled > 0) leftOut.push(`${place} has no label, and ${filled} values`);
    } else if (others > 1) {
      leftOut.push(`${place} is labelled ${JSON.stringify(label)}, as another is`);
    } else cells.push(cell);
  }
  if (cells.length > columnsMax) {
    const more = cells.length - columnsMax;
    leftOut.push(`a table of Postgres holds 1,600 columns: the last ${more} are too many`);
  }
  return { cells: cells.slice(0, columnsMax), leftOut };
}

/** Amounts that people add up, whose sums a load should compare. */
function totalColumns(columns: readonly InferredColumn[], rows: number): string[] {
  if (rows < 2) return [];
  return columns
    .filter(({ spec, label }) => spec.type === 'decimal' && !isRate(label))
    .filter(({ label }) => !/\b(?:lat|lon|lng|latitude|longitude)\b/iu.test(label))
    .map(({ name }) => name);
}

function rowQuestions({ ragged, broken, summary, isCut, rows }: TableProfile): Question[] {
  const questions: string[] = [];
  if (ragged.count > 0) {
    questions.push(
      `${plural(ragged.count, 'row has', 'rows have')} more or fewer cells than the labels, the first in row ${ragged.line}: ${ragged.what}. ${ragged.count === 1 ? 'It is' : 'They are'} rejected.`,
    );
  }
  if (broken.count > 0) {
    questions.push(
      `${plural(broken.count, 'row', 'rows')} cannot be parsed, the first in row ${broken.line}: ${broken.what}. ${broken.count === 1 ? 'It is' : 'They are'} rejected.`,
    );
  }
  const hidden = summary.noticed?.['hidden-row'] ?? 0;
  if (hidden > 0) {
    questions.push(
      `${plural(hidden, 'row is', 'rows are')} hidden. ${hidden === 1 ? 'It is' : 'They are'} loaded, and counted; hidden: { rows: 'skip' } leaves them out.`,
    );
  }
  const columns = summary.noticed?.['hidden-column'] ?? 0;
  if (columns > 0) {
    questions.push(
      `${plural(columns, 'column is', 'columns are')} hidden. ${columns === 1 ? 'It is' : 'They are'} loaded; hidden: { columns: 'skip' } leaves them out.`,
    );
  }
  if (isCut) questions.push(`Only the first ${rows} rows were looked at.`);
  return questions.map((text) => ({ text, readings: [] }));
}

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** Opens the file as the written source would: what refuses it then is said now. */
async function tryHeader(
  landed: LandedDelivery,
  preview: Pick<FilePreview, 'settings' | 'columns' | 'name'>,
  { zone, signal }: { readonly zone: string; readonly signal: AbortSignal },
): Promise<Question[]> {
  const context: SourceContext = {
    projectDir: '.',
    env: () => undefined,
    zone,
    now: () => new Date(0).toISOString(),
    cursor: undefined,
    signal,
  };
  try {
    const source = sourceOf(preview);
    const { header } = await source.read(landed, context);
    matchHeader(source.contract.columns, header, preview.name);
    return [];
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return [
      { text: `A load refuses the file as it is: ${error.message} ${error.remedy}`, readings: [] },
    ];
  }
}

/** The source that a preview describes; where its file lies is known already. */
function sourceOf({ settings, columns }: Pick<FilePreview, 'settings' | 'columns'>): Source {
  const from = { kind: 'file', description: 'a file', list: async function* list() {} };
  const contract: Columns = Object.fromEntries(
    columns.map(({ name, spec, needsHeader, label }) => [
      name,
      needsHeader ? { ...spec, header: label } : spec,
    ]),
  );
  if (settings.builder === 'csv') {
    const { builder: _, ...options } = settings;
    return csv({ from, columns: contract, ...options });
  }
  const { builder: _, ...options } = settings;
  return excel({ from, columns: contract, ...options });
}

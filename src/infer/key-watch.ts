import { CellKind, type RecordChunk } from '../source/source.ts';
import type { ColumnProfile } from './column-profile.ts';
import { filledOf } from './conclusion.ts';
import type { InferredColumn } from './inferred.ts';
import { isDateLabel, isIdentifier } from './label-words.ts';
import {
  type Budget,
  createUniqueSet,
  hashBytes,
  joinHashes,
  type UniqueSet,
} from './unique-set.ts';

/** Columns that tell rows apart. */
export interface KeyFinding {
  readonly columns: readonly string[];
  /** Sure enough to declare: named as an identifier, and not a count of the file's rows. */
  readonly isClear: boolean;
  readonly why: string;
}

/** Watches which columns, and which pairs of columns, repeat. */
export interface KeyWatch {
  readonly see: (chunk: RecordChunk, row: number) => void;
  /** Those in which nothing repeated, the best first. */
  readonly finish: (rows: number) => readonly KeyFinding[];
}

/** 8 bytes each: 96 MB in all sets of a table. */
const valuesMax = 12 * 1024 * 1024;
const pairedColumnsMax = 7;
/** In fewer rows nothing repeats by chance. */
const rowsMin = 20;

interface Candidate {
  readonly column: InferredColumn;
  readonly profile: ColumnProfile;
  readonly cell: number;
}

interface Pair {
  readonly one: Candidate;
  readonly other: Candidate;
  readonly set: UniqueSet;
}

/** `cells` gives the index of each column's cell in a row. */
export function watchKeys(
  columns: readonly InferredColumn[],
  profiles: readonly ColumnProfile[],
  cells: readonly number[],
): KeyWatch {
  const budget: Budget = { left: valuesMax };
  const candidates = columns.flatMap((column, index) => {
    const profile = profiles[index];
    const cell = cells[index];
    if (profile === undefined || cell === undefined) return [];
    return mayBeKey(column, profile) ? [{ column, profile, cell }] : [];
  });
  const singles = candidates
    .filter(({ profile }) => mayBeUnique(profile))
    .map((candidate) => ({ ...candidate, set: createUniqueSet(budget) }));
  const paired = candidates
    .toSorted((a, b) => rank(b) - rank(a))
    .slice(0, pairedColumnsMax)
    .toSorted((a, b) => a.cell - b.cell);
  const pairs: Pair[] = paired.flatMap((one, index) =>
    paired.slice(index + 1).map((other) => ({ one, other, set: createUniqueSet(budget) })),
  );
  const hashes = new Map<number, number>();

  return {
    see: (chunk, row) => {
      const from = chunk.rows[row] ?? 0;
      for (const { cell } of candidates) hashes.set(cell, hashCell(chunk, from + cell));
      for (const { cell, set } of singles) set.add(hashes.get(cell) ?? 0);
      for (const { one, other, set } of pairs) {
        if (set.repeats() === undefined) continue;
        set.add(joinHashes(hashes.get(one.cell) ?? 0, hashes.get(other.cell) ?? 0));
      }
    },
    finish: (rows) => {
      const alone = singles.filter(({ set }) => set.repeats() !== undefined);
      const found = alone.map((each) => singleFinding(each, rows));
      const cellsAlone = new Set(alone.map(({ cell }) => cell));
      const together = pairs
        .filter(({ set, one, other }) => {
          const isNew = !cellsAlone.has(one.cell) && !cellsAlone.has(other.cell);
          return isNew && set.repeats() !== undefined;
        })
        .map((pair) => pairFinding(pair, rows));
      const all = rows < 2 ? [] : rows < rowsMin ? found : [...found, ...together];
      const clear = all.filter(({ isClear }) => isClear);
      return clear.length > 0 ? clear.slice(0, 1) : all.slice(0, 3);
    },
  };
}

/** Every row has it, and it is of a type that identifies. */
function mayBeKey({ spec }: InferredColumn, profile: ColumnProfile): boolean {
  const isFilled = profile.cells > 0 && filledOf(profile) === profile.cells;
  return isFilled && !['decimal', 'boolean', 'json', 'time'].includes(spec.type);
}

/** Hardly a text was seen twice; in a workbook's numbers that is not known yet. */
const mayBeUnique = ({ texts }: ColumnProfile): boolean =>
  texts === undefined || [...texts.values()].filter(({ count }) => count > 1).length <= 2;

/** How likely a column is part of a key. */
function rank({ column, profile }: Candidate): number {
  if (isIdentifier(column.label)) return 3;
  if (column.spec.type === 'date' || isDateLabel(column.label)) return 2;
  return profile.texts === undefined || column.spec.type === 'integer' ? 1 : 0;
}

const isRowCounter = ({ column, profile }: Candidate): boolean =>
  profile.isCounter &&
  /^(?:|#|no|nr|id|row|row ?id|row ?no|line|index|lfd\.? ?nr\.?|pos|position|unnamed.*)$/iu.test(
    column.label.trim().replaceAll(/[_.]+/gu, ' ').trim(),
  );

function singleFinding(candidate: Candidate & { set: UniqueSet }, rows: number): KeyFinding {
  const { column } = candidate;
  if (isRowCounter(candidate)) {
    return {
      columns: [column.name],
      isClear: false,
      why: `it counts the rows of this file from 1 to ${rows}; the next file may start again`,
    };
  }
  return {
    columns: [column.name],
    isClear: isIdentifier(column.label) && candidate.set.repeats() === 0,
    why: whyOf('different', candidate.set, rows),
  };
}

function pairFinding({ one, other, set }: Pair, rows: number): KeyFinding {
  const columns = [one.column.name, other.column.name];
  const isClear =
    (isIdentifier(one.column.label) && isPart(other)) ||
    (isIdentifier(other.column.label) && isPart(one));
  return {
    columns,
    isClear: isClear && set.repeats() === 0,
    why: whyOf('different together', set, rows),
  };
}

function whyOf(what: string, set: UniqueSet, rows: number): string {
  const repeats = set.repeats() ?? 0;
  if (repeats === 0) return `${what} in all ${rows} rows`;
  return `${what} but for ${repeats} of ${rows} rows, which repeat others`;
}

const isPart = ({ column }: Candidate): boolean =>
  isIdentifier(column.label) || /^(?:pos|position|line|zeile|item|seq)/iu.test(column.label.trim());

/** White space at the ends is no part of a value. */
function hashCell({ bytes, cells, kinds }: RecordChunk, cell: number): number {
  let start = cells[2 * cell] ?? 0;
  let end = cells[2 * cell + 1] ?? 0;
  while (start < end && (bytes[start] ?? 0) <= 0x20) start += 1;
  while (end > start && (bytes[end - 1] ?? 0) <= 0x20) end -= 1;
  const kind = kinds?.[cell] ?? CellKind.text;
  return hashBytes(bytes, start, end) + (kind === CellKind.text ? 0 : kind);
}

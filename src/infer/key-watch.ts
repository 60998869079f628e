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

/** Watches which columns, or which pairs of columns, repeat. */
export interface KeyWatch {
  readonly see: (chunk: RecordChunk, row: number) => void;
  /** Those in which hardly anything repeated, the best first. */
  readonly finish: (rows: number) => readonly KeyFinding[];
}

/** A column that may be part of a key. */
export interface KeyCandidate {
  readonly column: InferredColumn;
  readonly profile: ColumnProfile;
  /** Index of its cell in a row. */
  readonly cell: number;
}

/** 8 bytes each: 64 MB in all sets of a table. */
const valuesMax = 8 * 1024 * 1024;
const pairedColumnsMax = 7;
/** In fewer rows nothing repeats by chance. */
const rowsMin = 20;

/** Columns that every row fills, of types that identify. */
export const keyCandidates = (columns: readonly KeyCandidate[]): readonly KeyCandidate[] =>
  columns.filter(({ column, profile }) => mayBeKey(column, profile));

/** Watches each column by itself. */
export function watchColumns(candidates: readonly KeyCandidate[]): KeyWatch {
  const budget: Budget = { left: valuesMax };
  const watched = candidates
    .filter(({ profile }) => mayBeUnique(profile))
    .toSorted((a, b) => rank(b) - rank(a))
    .map((candidate) => ({ ...candidate, set: createUniqueSet(budget) }));
  return {
    see: (chunk, row) => {
      const from = chunk.rows[row] ?? 0;
      for (const { cell, set } of watched) {
        if (set.repeats() !== undefined) set.add(hashCell(chunk, from + cell));
      }
    },
    finish: (rows) => {
      if (rows < 2) return [];
      const found = watched
        .filter(({ set, column }) => {
          const isLikely = rows >= rowsMin || isIdentifier(column.label);
          return isLikely && set.repeats() !== undefined;
        })
        .map((each) => singleFinding(each, rows));
      const clear = found.filter(({ isClear }) => isClear);
      return (clear.length > 0 ? clear.slice(0, 1) : found).slice(0, 3);
    },
  };
}

/**
 * Watches pairs of the likeliest columns; undefined when there are none. That is only worth while
 * where no column tells rows apart by itself: with such a one every pair is unique.
 */
export function watchPairs(
  candidates: readonly KeyCandidate[],
  singles: readonly KeyFinding[],
  rows: number,
): KeyWatch | undefined {
  if (rows < rowsMin || singles.some(({ isClear }) => isClear)) return undefined;
  const alone = new Set(singles.flatMap(({ columns }) => columns));
  const paired = candidates
    .filter(({ column }) => !alone.has(column.name))
    .toSorted((a, b) => rank(b) - rank(a))
    .slice(0, pairedColumnsMax)
    .toSorted((a, b) => a.cell - b.cell);
  if (paired.length < 2) return undefined;
  const budget: Budget = { left: valuesMax };
  const pairs: Pair[] = paired.flatMap((one, index) =>
    paired.slice(index + 1).map((other) => ({ one, other, set: createUniqueSet(budget) })),
  );
  const hashes = new Map<number, number>();
  return {
    see: (chunk, row) => {
      const from = chunk.rows[row] ?? 0;
      for (const { cell } of paired) hashes.set(cell, hashCell(chunk, from + cell));
      for (const { one, other, set } of pairs) {
        if (set.repeats() === undefined) continue;
        set.add(joinHashes(hashes.get(one.cell) ?? 0, hashes.get(other.cell) ?? 0));
      }
    },
    finish: () => {
      const found = pairs
        .filter(({ set }) => set.repeats() !== undefined)
        .map((pair) => pairFinding(pair, rows));
      const clear = found.filter(({ isClear }) => isClear);
      return clear.length > 0 ? clear.slice(0, 1) : found;
    },
  };
}

interface Pair {
  readonly one: KeyCandidate;
  readonly other: KeyCandidate;
  readonly set: UniqueSet;
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
function rank({ column, profile }: KeyCandidate): number {
  if (isIdentifier(column.label)) return 3;
  if (column.spec.type === 'date' || isDateLabel(column.label)) return 2;
  return profile.texts === undefined || column.spec.type === 'integer' ? 1 : 0;
}

const isRowCounter = ({ column, profile }: KeyCandidate): boolean =>
  profile.isCounter &&
  /^(?:|#|no|nr|id|row|row ?id|row ?no|line|index|lfd\.? ?nr\.?|pos|position|unnamed.*)$/iu.test(
    column.label.trim().replaceAll(/[_.]+/gu, ' ').trim(),
  );

function singleFinding(candidate: KeyCandidate & { set: UniqueSet }, rows: number): KeyFinding {
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
    isClear: rows >= rowsMin && isIdentifier(column.label) && candidate.set.repeats() === 0,
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

const isPart = ({ column }: KeyCandidate): boolean =>
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

/** How a cell is coloured: it is wrong itself, or its row is as a whole. */
export type Tone = 'cell' | 'row';

/** A cell to be marked. */
export interface CellMark {
  /** From 0. */
  readonly column: number;
  readonly tone: Tone;
  /** What its comment says; undefined for a cell that is only coloured. */
  readonly note: string | undefined;
}

/** The cells of a row that are to be marked, by column. */
export interface RowMarks {
  /** Row of the sheet, from 1. */
  readonly row: number;
  readonly cells: readonly CellMark[];
}

/** Marks that come to stand on one cell as one; what several of them say alike is said once. */
export function joinMarks(column: number, marks: readonly CellMark[]): CellMark {
  const notes = new Set(marks.flatMap(({ note }) => note ?? []));
  const tone = marks.some((mark) => mark.tone === 'cell') ? 'cell' : 'row';
  return { column, tone, note: notes.size === 0 ? undefined : [...notes].join('\n\n') };
}

/** A comment on a cell. */
export interface CellNote {
  readonly column: number;
  readonly row: number;
  readonly text: string;
}

/** Comments beyond this many make Excel slow to open a file; further cells are coloured only. */
export const notesMax = 10_000;

export const notesOf = (marks: readonly RowMarks[]): readonly CellNote[] =>
  marks.flatMap(({ row, cells }) =>
    cells.flatMap(({ column, note }) => (note === undefined ? [] : [{ column, row, text: note }])),
  );

/** Takes comments off marks once there have been as many as a program bears. */
export function createMarkCounter(): (marks: RowMarks['cells']) => RowMarks['cells'] {
  let notes = 0;
  return (marks) =>
    marks.map((mark) => {
      if (mark.note === undefined) return mark;
      notes += 1;
      return notes > notesMax ? { ...mark, note: undefined } : mark;
    });
}

/** A column of a table: its title, and on which side its cells are flush. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** At least so wide; columns grow with their cells. */
  readonly width?: number;
}

type Paint = (text: string) => string;

/** A cell, or one with a colour that does not count in its width. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Width on screen; combining marks take none. */
const widthOf = (text: string): number => Array.from(text.replaceAll(/\p{M}/gu, '')).length;

/** Lines of a table: its titles, then its rows, indented by two. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  paintTitle: Paint = (text) => text,
): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(
      column.width ?? 0,
      widthOf(column.title),
      ...rows.map((row) => widthOf(textOf(row[index] ?? ''))),
    ),
  );
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, index) => {
        const text = textOf(cell);
        const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)));
        const painted = typeof cell === 'string' ? text : cell.paint(text);
        return columns[index]?.align === 'right' ? gap + painted : painted + gap;
      })
      .join('  ')
      .trimEnd();
  const titles = columns.map(({ title }) => ({ text: title, paint: paintTitle }));
  const hasTitles = columns.some((column) => column.title !== '');
  return [...(hasTitles ? [titles] : []), ...rows].map((cells) => `  ${line(cells)}`);
}

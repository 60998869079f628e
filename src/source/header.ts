/** Labels that stand in rows of the delivery. */
export interface HeaderRows {
  /** The first row with labels, from 1, counting every row of the file. Rows above it are preamble. */
  readonly row: number;
  /** In how many rows the labels stand, groups over names: they are joined. Default 1. */
  readonly rows?: 1 | 2 | 3 | 4 | 5;
  /** What stands between the parts of a joined label: `' / '` makes `Q1 / Revenue`. Default one space. */
  readonly join?: string;
}

/** Where the labels of a delivery are. */
export type Header =
  | HeaderRows
  | {
      /** The labels of a file that has none, in order. */
      readonly names: readonly string[];
    };

const rowsMax = 5;

/**
 * Groups over names, joined: `Q1` over `Revenue` is `Q1 Revenue`. `levels` are the header's rows
 * from the top, with the groups spread over their columns; an empty part is left out.
 */
export function joinLabels(levels: readonly (readonly string[])[], join = ' '): string[] {
  const width = Math.max(0, ...levels.map((level) => level.length));
  return Array.from({ length: width }, (_, index) =>
    levels
      .map((level) => level[index]?.trim() ?? '')
      .filter((part) => part !== '')
      .join(join),
  );
}

/**
 * Spreads groups to the right, which is how a group over several columns looks in a text file:
 * `Q1,,Q2,` stands for `Q1,Q1,Q2,Q2`. A group ends where a row above it begins another one, and
 * names no column that has no label of its own below.
 */
export function fillLevels(levels: readonly (readonly string[])[]): string[][] {
  const width = Math.max(0, ...levels.map((level) => level.length));
  const isBlank = (level: number, index: number): boolean =>
    (levels[level]?.[index] ?? '').trim() === '';
  return levels.map((labels, level) => {
    if (level === levels.length - 1) return [...labels];
    let group = '';
    return Array.from({ length: width }, (_, index) => {
      const own = labels[index] ?? '';
      const above = levels.slice(0, level).some((_, upper) => !isBlank(upper, index));
      if (!isBlank(level, index) || above) group = own;
      const below = levels.some((_, lower) => lower > level && !isBlank(lower, index));
      return below ? group : own;
    });
  });
}

/** Each empty label takes the one to its left. */
export function fillRight(labels: readonly string[]): string[] {
  let last = '';
  return labels.map((label) => {
    if (label.trim() !== '') last = label;
    return last;
  });
}

/** What is wrong with a declared header, as a sentence; undefined when nothing is. */
export function headerProblem(header: Header | undefined): string | undefined {
  if (header === undefined) return undefined;
  const unknown = Object.keys(header).find((key) => !headerKeys.includes(key));
  if (unknown !== undefined) {
    return `header.${unknown} is none of its settings; expected row, rows and join, or names.`;
  }
  if ('names' in header) {
    if (Object.keys(header).length > 1) {
      return 'header has names and rows; a file that has labels needs no names.';
    }
    return header.names.length > 0 ? undefined : 'header.names is empty; expected the labels.';
  }
  if (!Number.isSafeInteger(header.row) || header.row < 1) {
    return `header.row is ${header.row}; expected a row number from 1.`;
  }
  const { rows = 1, join = ' ' } = header;
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > rowsMax) {
    return `header.rows is ${rows}; expected 1 to ${rowsMax}.`;
  }
  return typeof join === 'string'
    ? undefined
    : `header.join is ${String(join)}; expected a text such as ' / '.`;
}

const headerKeys: readonly string[] = ['row', 'rows', 'join', 'names'];

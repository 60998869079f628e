/** Where the labels of a delivery are. */
export type Header =
  | {
      /** The row with the labels, from 1, counting every row of the file. Rows above it are preamble. */
      readonly row: number;
      /** 2 when the labels stand in two rows, groups over names: they are joined by a space. Default 1. */
      readonly rows?: 1 | 2;
    }
  | {
      /** The labels of a file that has none, in order. */
      readonly names: readonly string[];
    };

/** Groups over names, joined: `Q1` over `Revenue` is `Q1 Revenue`. `upper` has been filled to the right. */
export function joinLabels(upper: readonly string[], lower: readonly string[]): string[] {
  return Array.from({ length: Math.max(upper.length, lower.length) }, (_, index) =>
    [upper[index] ?? '', lower[index] ?? '']
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join(' '),
  );
}

/** Each empty label takes the one to its left: how a group that spans columns looks in a text file. */
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
  if ('names' in header) {
    return header.names.length > 0 ? undefined : 'header.names is empty; expected the labels.';
  }
  if (!Number.isSafeInteger(header.row) || header.row < 1) {
    return `header.row is ${header.row}; expected a row number from 1.`;
  }
  return [undefined, 1, 2].includes(header.rows)
    ? undefined
    : `header.rows is ${header.rows}; expected 1 or 2.`;
}

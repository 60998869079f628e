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

/** Labels compare without regard to case and to white space around them. */
export const foldLabel = (label: string): string => label.trim().normalize('NFC').toLowerCase();

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

import { fillRight } from '../header.ts';
import { scanPart } from './xml-part.ts';
import { attribute, nextToken, packName, tagName, Token } from './xml-scanner.ts';

const rowTag = packName('row');

/** A range of merged cells; columns from 0, rows from 1, both ends included. */
interface MergedRange {
  readonly top: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Merged ranges of a sheet. They stand after its cells, so the whole part is passed over once:
 * only headers of two rows need them.
 */
export async function readMergedRanges(blocks: AsyncIterable<Buffer>): Promise<MergedRange[]> {
  const ranges: MergedRange[] = [];
  const steps = scanPart(blocks, (xml) => {
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.open && xml.name !== rowTag && xml.name === 0) {
      if (tagName(xml) === 'mergeCell') {
        const range = parseRange(attribute(xml, 'ref') ?? '');
        if (range !== undefined) ranges.push(range);
      }
    }
    return true;
  });
  for await (const _ of steps);
  return ranges;
}

/**
 * The upper row of a two-row header with each group over all its columns: those it is merged over
 * or, where nothing in the row is merged, up to the next group.
 */
export function spreadGroups(
  labels: readonly string[],
  row: number,
  width: number,
  ranges: readonly MergedRange[],
): string[] {
  const padded = Array.from({ length: width }, (_, index) => labels[index] ?? '');
  const inRow = ranges.filter((range) => range.top === row && range.right > range.left);
  if (inRow.length === 0) return fillRight(padded);
  for (const { left, right } of inRow) padded.fill(padded[left] ?? '', left, right + 1);
  return padded.slice(0, width);
}

function parseRange(ref: string): MergedRange | undefined {
  const match = /^\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?\d+$/iu.exec(ref);
  if (match === null) return undefined;
  const [, left = '', top = '', right = ''] = match;
  return { top: Number(top), left: columnIndex(left), right: columnIndex(right) };
}

/** A column's letters as an index from 0. */
function columnIndex(letters: string): number {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

import { cellReference, columnIndex } from '../cell-reference.ts';
import { fillLevels } from '../header.ts';
import { WorkbookFault } from './workbook-fault.ts';
import { scanPart, utf8Blocks } from './xml-part.ts';
import { attribute, nextToken, tagName, Token } from './xml-scanner.ts';

/** A range of merged cells; columns from 0, rows from 1, both ends included. */
export interface MergedRange {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Of a sheet; a million objects are some 60 MB. */
export const rangesMax = 1_000_000;

/** `B2:C4`. */
export const rangeName = ({ top, left, bottom, right }: MergedRange): string =>
  `${cellReference(left, top)}:${cellReference(right, bottom)}`;

/** Reads a reference such as `B2:C4`; undefined when it is none, or of one cell. */
export function parseRange(ref: string): MergedRange | undefined {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$/iu.exec(ref);
  if (match === null) return undefined;
  const [, left = '', top = '', right = '', bottom = ''] = match;
  const range = {
    top: Number(top),
    left: columnIndex(left),
    bottom: Number(bottom),
    right: columnIndex(right),
  };
  const isRange = range.bottom > range.top || range.right > range.left;
  return isRange && range.bottom >= range.top && range.right >= range.left ? range : undefined;
}

/** Refuses what no person merged. */
export function checkRangeCount(count: number): void {
  if (count <= rangesMax) return;
  throw new WorkbookFault(
    `has more than ${rangesMax} merged ranges in a sheet`,
    'Ask the sender for the table without merged cells, or as CSV.',
  );
}

const mark = Buffer.from('mergeCell');

/**
 * Merged ranges of a sheet, which stand after its cells. Most sheets have none: bytes are searched
 * for the element's name, a seventh of the cost of reading the sheet, and tags are only looked at
 * where it occurs. `read` gives the part's blocks anew each time.
 */
export async function readMergedRanges(
  read: () => AsyncIterable<Buffer>,
): Promise<readonly MergedRange[]> {
  return (await mentionsMerges(read())) ? await scanMergedRanges(read()) : [];
}

async function mentionsMerges(blocks: AsyncIterable<Buffer>): Promise<boolean> {
  let found = false;
  let tail = Buffer.alloc(0);
  for await (const block of utf8Blocks(blocks)) {
    // Read to the end all the same: the part's checksum is compared there.
    if (found) continue;
    const border = Buffer.concat([tail, block.subarray(0, mark.length)]);
    found = block.includes(mark) || border.includes(mark);
    tail = Buffer.concat([tail, block.subarray(-mark.length)]).subarray(-mark.length);
  }
  return found;
}

async function scanMergedRanges(blocks: AsyncIterable<Buffer>): Promise<MergedRange[]> {
  const ranges: MergedRange[] = [];
  const steps = scanPart(blocks, (xml) => {
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.open && xml.name === 0 && tagName(xml) === 'mergeCell') {
      const range = parseRange(attribute(xml, 'ref') ?? '');
      if (range !== undefined) ranges.push(range);
      checkRangeCount(ranges.length);
    }
    return true;
  });
  for await (const _ of steps);
  return ranges;
}

/**
 * The rows of a header with each group over all its columns: those it is merged over or, where no
 * group is merged, up to the next one. Labels of the last row name one column each.
 */
export function spreadLabels(
  levels: readonly (readonly string[])[],
  firstRow: number,
  ranges: readonly MergedRange[],
): readonly (readonly string[])[] {
  const width = Math.max(0, ...levels.map((level) => level.length));
  const lastRow = firstRow + levels.length - 1;
  const groups = ranges.filter(
    ({ top, left, right }) => top >= firstRow && top < lastRow && right > left,
  );
  if (groups.length === 0) return fillLevels(levels);
  return levels.map((labels, index) => {
    const spread = Array.from({ length: width }, (_, column) => labels[column] ?? '');
    for (const { top, left, right } of groups) {
      if (top === firstRow + index) spread.fill(spread[left] ?? '', left, right + 1);
    }
    return spread.slice(0, width);
  });
}

import path from 'node:path';

import { PlumblineError } from '../errors.ts';
import { bringBack, type LandingArchive, landingPath } from '../landing/land.ts';
import { cellReference } from '../source/cell-reference.ts';
import { openZipPackage } from '../source/excel/zip-package.ts';
import type { LandedDelivery, RecordStream, Source, SourceContext } from '../source/source.ts';
import { describeFaults, type PlacedReject } from './describe-faults.ts';
import { findRejects } from './find-rejects.ts';
import { markWorkbook } from './mark-workbook.ts';
import { type CellMark, createMarkCounter, joinMarks, type RowMarks } from './marks.ts';
import { nameClashes } from './name-clashes.ts';
import { notesSheetXml } from './notes-sheet.ts';
import { type DeliveredColumns, findColumns, marksOfRow, placeFaults } from './place-faults.ts';
import type { Reader, RejectedDelivery } from './read-delivery.ts';
import { remarksOf } from './remarks.ts';
import { readSheetColumns, type SheetColumnOf } from './sheet-columns.ts';
import { writeTable } from './write-table.ts';

export interface MarkOptions {
  readonly reader: Reader;
  readonly delivery: RejectedDelivery;
  readonly source: Source;
  /** Folder that keeps every delivery. */
  readonly landingDir: string;
  /** Where they are kept when the folder does not last. */
  readonly archive?: LandingArchive;
  readonly context: Omit<SourceContext, 'cursor'>;
  /** Writes an instant as the company's people read it. */
  readonly moment: (instant: string) => string;
}

/** A workbook for whoever sent a delivery, its wrong cells marked. */
export interface MarkedDelivery {
  readonly fileName: string;
  /** The sender's own workbook, which loads once it is corrected; otherwise a table that only shows what is wrong. */
  readonly isWorkbook: boolean;
  /** Rows that are marked, of those that were rejected. */
  readonly marked: number;
  readonly rejected: number;
  /** The file, made as it is read. */
  readonly blocks: AsyncIterable<Buffer>;
}

/**
 * Makes the workbook that goes back to the sender: an Excel workbook itself, with cells coloured and
 * commented; anything else as a table of its records. Throws `source-not-found` when the landing no
 * longer has the delivery, and what reading it throws.
 */
export async function markDelivery(options: MarkOptions): Promise<MarkedDelivery> {
  const { reader, delivery, source, context } = options;
  const landed = await landedDelivery(options);
  const open = (): ReturnType<Source['read']> =>
    source.read(landed, { ...context, cursor: undefined });
  const stream = await open();
  const columns = findColumns(source.contract, stream.header);
  const found = await findRejects(reader, { delivery, source, zone: context.zone, open });
  const kept = nameClashes(found, source.kind, source.contract.key ?? []);
  const rejects = kept.map((reject) => ({ reject, faults: placeFaults(reject.faults, columns) }));
  const marking: Marking = { ...options, columns, rejects };
  const isWorkbook = source.kind === 'excel' && (await isPackage(landed));
  return {
    fileName: markedName(source, delivery.name),
    isWorkbook,
    marked: rejects.length,
    rejected: delivery.rejected,
    blocks: isWorkbook
      ? markedWorkbook({ ...marking, stream }, landed)
      : writeTable({ ...marking, stream }),
  };
}

/** `payments (rejects).xlsx`; `.xlsm` for a workbook with macros, which Excel opens under no other ending. */
export function markedName(source: Pick<Source, 'kind'>, name: string): string {
  // An API is called by its address; what stands behind the path is no name.
  const file = path.basename(source.kind === 'api' ? name.replace(/[?#].*$/su, '') : name);
  const isMacro = source.kind === 'excel' && /\.xlsm$/iu.test(file);
  const stem = file
    .replace(/\.[^.]*$/u, '')
    .replaceAll(/[\p{Cc}<>:"/\\|?*]/gu, '_')
    .slice(0, nameCharactersMax);
  return `${stem} (rejects)${isMacro ? '.xlsm' : '.xlsx'}`;
}

/** File systems take 255 bytes. */
const nameCharactersMax = 60;

/** What both kinds of workbooks are made from. */
export interface Marking extends MarkOptions {
  readonly columns: DeliveredColumns;
  readonly rejects: readonly PlacedReject[];
}

async function landedDelivery(options: MarkOptions): Promise<LandedDelivery> {
  const { delivery, landingDir, archive } = options;
  const { sha256, name, slot, sizeBytes } = delivery;
  const file = landingPath(landingDir, sha256);
  if (!(await bringBack(landingDir, delivery, archive))) {
    throw new PlumblineError('landing-missing', {
      message: `${name} (delivery ${delivery.deliveryId}) is not in the landing any more: ${file} is missing.`,
      remedy: 'Restore the landing from its backup, or have the file delivered again.',
    });
  }
  return { path: file, name, slot, sizeBytes };
}

/** True for an .xlsx or .xlsm, whatever its name; false for other kinds of workbooks. */
async function isPackage({ path: file, name }: LandedDelivery): Promise<boolean> {
  const zip = await openZipPackage(file, name).catch(() => undefined);
  zip?.close();
  return zip?.has('[Content_Types].xml') === true && !zip.has('xl/workbook.bin');
}

async function* markedWorkbook(
  marking: Marking & { readonly stream: RecordStream },
  landed: LandedDelivery,
): AsyncGenerator<Buffer> {
  const { delivery, source, rejects, columns, moment, stream } = marking;
  const sheets = new Set(rejects.map(({ reject }) => reject.sheet ?? ''));
  const columnOf = await readSheetColumns(stream, sheets);
  const notes = describeFaults({
    delivery,
    kind: source.kind,
    contract: source.contract,
    columns,
    rejects,
    moment,
    cellOf: ({ sheet, line }, cell) =>
      sheet === null ? undefined : { sheet, cell: cellReference(columnOf(sheet, cell), line) },
    advice: [
      `Please correct the coloured cells, save the file as ${path.basename(delivery.name)} and send it again.`,
      'The colours, the comments and this sheet may stay: they are not read.',
    ],
    remarks: remarksOf(marking),
  });
  const zip = await openZipPackage(landed.path, landed.name);
  try {
    yield* markWorkbook(zip, {
      name: delivery.name,
      sheets: marksBySheet(marking, columnOf),
      notesSheet: (styles, namespace) => notesSheetXml(notes, styles, namespace),
    });
  } finally {
    zip.close();
  }
}

/** Marks by sheet and row. Several records may come of one row, and a row of one record. */
function marksBySheet(
  { rejects, columns }: Marking,
  columnOf: SheetColumnOf,
): ReadonlyMap<string, readonly RowMarks[]> {
  const sheets = new Map<string, Map<number, PlacedReject['faults']>>();
  for (const { reject, faults } of rejects) {
    const rows = sheets.get(reject.sheet ?? '') ?? new Map<number, PlacedReject['faults']>();
    rows.set(reject.line, [...(rows.get(reject.line) ?? []), ...faults]);
    sheets.set(reject.sheet ?? '', rows);
  }
  const counted = createMarkCounter();
  return new Map(
    [...sheets].map(([sheet, rows]) => [
      sheet,
      [...rows]
        .sort(([a], [b]) => a - b)
        .map(([row, faults]) => ({
          row,
          cells: counted(moveMarks(marksOfRow(faults, columns), (cell) => columnOf(sheet, cell))),
        })),
    ]),
  );
}

/** Marks at other columns, in the order of these; what comes to stand on one cell is joined. */
function moveMarks(
  marks: readonly CellMark[],
  columnOf: (cell: number) => number,
): readonly CellMark[] {
  const moved = Map.groupBy(marks, ({ column }) => columnOf(column));
  return [...moved].sort(([a], [b]) => a - b).map(([column, same]) => joinMarks(column, same));
}

import { summarySheet } from '../source/excel/choose-sheets.ts';
import { readMergedRanges } from '../source/excel/merged-ranges.ts';
import type { ZipPackage } from '../source/excel/zip-package.ts';
import { editNotes, hasOwnNotes } from './cell-notes.ts';
import { type EditedSheet, markSheet } from './mark-sheet.ts';
import { type MarkStyles, markStyles, plainStyles } from './mark-styles.ts';
import { type CellNote, notesOf, type RowMarks } from './marks.ts';
import { moveToMerged } from './merged-marks.ts';
import { editShapes } from './note-shapes.ts';
import { isNotesSheet } from './notes-sheet.ts';
import {
  addContentTypes,
  addRelations,
  addSheet,
  contentTypes,
  type NewRelation,
  readText,
  readWorkbookParts,
  type SheetParts,
  targetOf,
  type WorkbookParts,
} from './package-parts.ts';
import { writeZip, type ZipPart } from './write-zip.ts';

export interface WorkbookMarks {
  /** What people call the file, for errors. */
  readonly name: string;
  /** By the name of the sheet, in the order of rows. */
  readonly sheets: ReadonlyMap<string, readonly RowMarks[]>;
  /** The sheet that lists what was wrong, in the workbook's styles. */
  readonly notesSheet: (styles: MarkStyles['notes'], namespace: string) => string;
}

/** Relations that are added; no program gives such ids. */
const relationIds = {
  sheet: 'rIdPlumblineNotes',
  styles: 'rIdPlumblineStyles',
  comments: 'rIdPlumblineComments',
  shapes: 'rIdPlumblineShapes',
};

/** A sheet whose cells or comments change. */
interface SheetWork {
  readonly sheet: SheetParts;
  /** Its place among the sheets, from 1. */
  readonly number: number;
  readonly marks: readonly RowMarks[];
  readonly notes: readonly CellNote[];
  /** Its comments so far. */
  readonly comments: { readonly part: string; readonly xml: string } | undefined;
  /** Parts for comments and their shapes where it has none. */
  readonly newComments: string;
  readonly newShapes: string;
  edited: EditedSheet | undefined;
}

/**
 * Writes a workbook again with cells marked, as it goes. Every part that does not change is copied
 * with its compressed bytes, so that charts, macros, formats and all that is not known here stay.
 * What changes is edited in place: sheets as streams, the few small parts as text.
 *
 * Throws `format-error` for a workbook that is damaged.
 */
export async function* markWorkbook(zip: ZipPackage, marks: WorkbookMarks): AsyncGenerator<Buffer> {
  const workbook = await readWorkbookParts(zip, marks.name);
  const given = workbook.styles === undefined ? plainStyles : await readText(zip, workbook.styles);
  const styles = markStyles(given);
  const work = await planSheets(zip, workbook, marks);
  yield* writeZip(editedParts({ zip, workbook, styles, work, marks }));
}

interface Edit {
  readonly zip: ZipPackage;
  readonly workbook: WorkbookParts;
  readonly styles: MarkStyles;
  readonly work: readonly SheetWork[];
  readonly marks: WorkbookMarks;
}

async function planSheets(
  zip: ZipPackage,
  workbook: WorkbookParts,
  { sheets }: WorkbookMarks,
): Promise<readonly SheetWork[]> {
  const planned: SheetWork[] = [];
  for (const [index, sheet] of workbook.sheets.entries()) {
    const given = sheets.get(sheet.name) ?? [];
    const ranges = given.length === 0 ? [] : await readMergedRanges(() => zip.read(sheet.part));
    const marks = moveToMerged(given, ranges);
    const part = targetOf(sheet.relations, 'comments');
    const comments =
      part === undefined || !zip.has(part) ? undefined : { part, xml: await readText(zip, part) };
    // Comments of an earlier round go also from a sheet that is now in order.
    if (marks.length === 0 && (comments === undefined || !hasOwnNotes(comments.xml))) continue;
    planned.push({
      sheet,
      number: index + 1,
      marks,
      notes: notesOf(marks),
      comments,
      newComments: freePart(zip, `xl/plumblineComments${index + 1}`, '.xml'),
      newShapes: freePart(zip, `xl/drawings/plumblineNotes${index + 1}`, '.vml'),
      edited: undefined,
    });
  }
  return planned;
}

function freePart(zip: ZipPackage, stem: string, ending: string): string {
  for (let number = 0; ; number += 1) {
    const part = `${stem}${number === 0 ? '' : `_${number}`}${ending}`;
    if (!zip.has(part)) return part;
  }
}

async function* editedParts(edit: Edit): AsyncGenerator<ZipPart> {
  const { zip, workbook, work, styles, marks } = edit;
  const old = await ownNotes(zip, workbook);
  const notesPart = old?.part ?? freePart(zip, 'xl/worksheets/plumblineNotes', '.xml');
  const known = await knownParts(edit, { notesPart, isNew: old === undefined });
  const sheets = new Map(work.map((each) => [keyOf(each.sheet.part), each]));
  const later = new Set([notesPart, workbook.styles ?? '', ...work.flatMap(laterParts)].map(keyOf));
  for (const part of zip.stored()) {
    const key = keyOf(part.name);
    const text = known.get(key);
    const sheet = sheets.get(key);
    if (later.has(key)) continue;
    if (text !== undefined) yield { kind: 'text', name: part.name, text };
    else if (sheet === undefined) yield { kind: 'stored', part };
    else yield streamSheet(edit, sheet);
  }
  // Only now all styles that are wanted are known, and by which relation each sheet has its shapes.
  for (const each of work) yield* notesParts(edit, each);
  yield {
    kind: 'text',
    name: workbook.styles ?? newStyles,
    text: styles.xml(),
  };
  yield {
    kind: 'text',
    name: notesPart,
    text: marks.notesSheet(styles.notes, workbook.namespaces.main),
  };
}

/** The sheet of an earlier round; not one of the same name that someone else made. */
async function ownNotes(
  zip: ZipPackage,
  { sheets }: WorkbookParts,
): Promise<SheetParts | undefined> {
  const named = sheets.find((sheet) => sheet.name === summarySheet);
  if (named === undefined) return undefined;
  for await (const block of zip.read(named.part)) {
    return isNotesSheet(block.toString('latin1', 0, 4096)) ? named : undefined;
  }
  return undefined;
}

/** The name of our sheet, or the next that is free. */
function freeName({ sheets }: WorkbookParts): string {
  const taken = new Set(sheets.map(({ name }) => name.toLowerCase()));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? summarySheet : `${summarySheet} ${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

const newStyles = 'xl/plumblineStyles.xml';

/** Part names compare without case. */
const keyOf = (part: string): string => part.replace(/^\/+/u, '').toLowerCase();

/** Parts that depend on what a sheet's own XML says. */
const laterParts = ({ sheet, comments }: SheetWork): readonly string[] => [
  sheet.relationsPart,
  ...(comments === undefined ? [] : [comments.part]),
  ...shapesParts(sheet),
];

const shapesParts = (sheet: SheetParts): readonly string[] =>
  [...sheet.relations.values()].flatMap(({ type, target }) =>
    type === 'vmlDrawing' ? [target] : [],
  );

/** Small parts whose new text is known before any sheet is read. */
async function knownParts(
  { zip, workbook, work }: Edit,
  notes: { readonly notesPart: string; readonly isNew: boolean },
): Promise<ReadonlyMap<string, string>> {
  const { namespaces } = workbook;
  const added: NewRelation[] = [
    ...(notes.isNew ? [{ id: relationIds.sheet, type: 'worksheet', target: notes.notesPart }] : []),
    ...(workbook.styles === undefined
      ? [{ id: relationIds.styles, type: 'styles', target: newStyles }]
      : []),
  ];
  const types = addContentTypes(await readText(zip, '[Content_Types].xml'), {
    defaults: { rels: contentTypes.relations, vml: contentTypes.drawing },
    overrides: Object.fromEntries([
      [notes.notesPart, contentTypes.sheet],
      ...(workbook.styles === undefined ? [[newStyles, contentTypes.styles]] : []),
      ...work.flatMap(({ comments, newComments, notes: added }) =>
        comments === undefined && added.length > 0 ? [[newComments, contentTypes.comments]] : [],
      ),
    ]),
  });
  const relations = await readText(zip, workbook.relationsPart);
  return new Map([
    ['[content_types].xml', types],
    [keyOf(workbook.relationsPart), addRelations(relations, added, namespaces)],
    [
      keyOf(workbook.part),
      notes.isNew
        ? addSheet(workbook.xml, { name: freeName(workbook), id: relationIds.sheet }, namespaces)
        : workbook.xml,
    ],
  ]);
}

function streamSheet({ zip, workbook, styles }: Edit, work: SheetWork): ZipPart {
  const { sheet, marks, notes } = work;
  work.edited = markSheet(zip.read(sheet.part), {
    marks,
    styleOf: styles.styleOf,
    notes:
      notes.length === 0
        ? undefined
        : { id: relationIds.shapes, namespace: workbook.namespaces.relation },
  });
  return { kind: 'stream', name: sheet.part, blocks: work.edited.blocks };
}

/** Comments of a sheet, their shapes, and the relations to both. */
async function* notesParts({ zip, workbook }: Edit, work: SheetWork): AsyncGenerator<ZipPart> {
  const { sheet, comments, edited } = work;
  const { namespaces } = workbook;
  const edit = editNotes(comments?.xml, work.notes, namespaces.main);
  const hasNotes = comments !== undefined || edit.added.length > 0;
  if (hasNotes) yield { kind: 'text', name: comments?.part ?? work.newComments, text: edit.xml };
  // The sheet names a relation to its shapes: its own, or the one that was put in for comments.
  const id = edited?.notesId() ?? (work.notes.length > 0 ? relationIds.shapes : undefined);
  const shapes = id === undefined ? undefined : (sheet.relations.get(id)?.target ?? work.newShapes);
  if (shapes !== undefined) {
    const given = zip.has(shapes) ? await readText(zip, shapes) : undefined;
    const text = editShapes(given, { ...edit, sheet: work.number });
    yield { kind: 'text', name: shapes, text };
  }
  const added: NewRelation[] = [
    ...(comments === undefined && hasNotes
      ? [{ id: relationIds.comments, type: 'comments', target: work.newComments }]
      : []),
    ...(id !== undefined && !sheet.relations.has(id)
      ? [{ id, type: 'vmlDrawing', target: work.newShapes }]
      : []),
  ];
  const relations = zip.has(sheet.relationsPart)
    ? await readText(zip, sheet.relationsPart)
    : undefined;
  if (relations !== undefined || added.length > 0) {
    const text = addRelations(relations, added, namespaces);
    yield { kind: 'text', name: sheet.relationsPart, text };
  }
  yield* untouchedShapes(zip, sheet, shapes);
}

/** Pictures of headers and footers are VML too. */
function* untouchedShapes(
  zip: ZipPackage,
  sheet: SheetParts,
  edited: string | undefined,
): Generator<ZipPart> {
  const wanted = new Set(
    shapesParts(sheet)
      .filter((part) => part !== edited)
      .map(keyOf),
  );
  for (const part of zip.stored()) {
    if (wanted.has(keyOf(part.name))) yield { kind: 'stored', part };
  }
}

import path from 'node:path';

import { PlumblineError } from '../../errors.ts';
import type { BookSheet } from './book.ts';
import { builtInFormat, type NumberFormat, parseNumberFormat } from './number-format.ts';
import { noSharedStrings, readSharedStrings, type SharedStrings } from './shared-strings.ts';
import { visitPart } from './xml-part.ts';
import { attribute, tagName, Token } from './xml-scanner.ts';
import type { ZipPackage } from './zip-package.ts';

export interface SheetEntry extends BookSheet {
  /** The part that holds its cells. */
  readonly part: string;
}

/** What a workbook says beside its cells. */
export interface Workbook {
  /** In the order of their tabs; chart sheets have no cells and are left out. */
  readonly sheets: readonly SheetEntry[];
  /** True when days count from 1904-01-01, as old Macs did. */
  readonly date1904: boolean;
  /** True when formulas are to be calculated again when it is opened: their results may be stand-ins. */
  readonly recalculates: boolean;
  /** What the number format of each cell style is. */
  readonly formats: readonly NumberFormat[];
  readonly texts: SharedStrings;
}

/** What a part refers to. */
export interface Relation {
  /** The last part of its type: `worksheet`, `comments`. */
  readonly type: string;
  /** A part's name, without a slash before it. */
  readonly target: string;
}

/** Reads everything of a workbook but its sheets. Throws `format-error` when it is none. */
export async function readWorkbook(zip: ZipPackage, name: string): Promise<Workbook> {
  const root = await readRelations(zip, '');
  const part = [...root.values()].find((relation) => relation.type === 'officeDocument')?.target;
  if (part === undefined || part.endsWith('.bin') || !zip.has(part)) throw noWorkbook(zip, name);
  const relations = await readRelations(zip, part);
  const sheets: SheetEntry[] = [];
  let date1904 = false;
  let recalculates = false;
  await visitPart(zip.read(part), (xml, token) => {
    if (token !== Token.open) return;
    const tag = tagName(xml);
    // Extensions have elements of the same local name, which say nothing of dates.
    if (tag === 'workbookPr') date1904 ||= isTrue(attribute(xml, 'date1904'));
    if (tag === 'calcPr') recalculates ||= isTrue(attribute(xml, 'fullCalcOnLoad'));
    if (tag !== 'sheet') return;
    const relation = relations.get(attribute(xml, 'id') ?? '');
    if (relation?.type !== 'worksheet') return;
    const state = attribute(xml, 'state');
    sheets.push({
      name: attribute(xml, 'name') ?? '',
      state: state === 'hidden' || state === 'veryHidden' ? state : 'visible',
      part: relation.target,
    });
  });
  const partOf = (type: string): string | undefined => {
    const target = [...relations.values()].find((relation) => relation.type === type)?.target;
    return target !== undefined && zip.has(target) ? target : undefined;
  };
  const stylesPart = partOf('styles');
  const textsPart = partOf('sharedStrings');
  return {
    sheets,
    date1904,
    recalculates,
    formats: stylesPart === undefined ? [] : await readFormats(zip, stylesPart),
    texts: textsPart === undefined ? noSharedStrings : await readSharedStrings(zip.read(textsPart)),
  };
}

/** An XML boolean. */
export const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';

/** Relations of a part by id, targets as part names. Strict and transitional workbooks differ in the types' prefixes only. */
export async function readRelations(
  zip: Pick<ZipPackage, 'has' | 'read'>,
  part: string,
): Promise<Map<string, Relation>> {
  const folder = path.posix.dirname(part);
  const relationsPart = path.posix.join(folder, '_rels', `${path.posix.basename(part)}.rels`);
  const relations = new Map<string, Relation>();
  if (!zip.has(relationsPart)) return relations;
  await visitPart(zip.read(relationsPart), (xml, token) => {
    if (token !== Token.open || tagName(xml) !== 'Relationship') return;
    const target = (attribute(xml, 'Target') ?? '').replaceAll('\\', '/');
    relations.set(attribute(xml, 'Id') ?? '', {
      type: (attribute(xml, 'Type') ?? '').split('/').at(-1) ?? '',
      target: target.startsWith('/') ? target.slice(1) : path.posix.join(folder, target),
    });
  });
  return relations;
}

async function readFormats(zip: ZipPackage, part: string): Promise<NumberFormat[]> {
  const custom = new Map<number, NumberFormat>();
  const formats: NumberFormat[] = [];
  let inCellFormats = false;
  await visitPart(zip.read(part), (xml, token) => {
    if (token === Token.text) return;
    const tag = tagName(xml);
    if (tag === 'cellXfs') inCellFormats = token === Token.open && !xml.selfClosing;
    if (token !== Token.open) return;
    if (tag === 'numFmt') {
      const id = Number(attribute(xml, 'numFmtId'));
      custom.set(id, parseNumberFormat(attribute(xml, 'formatCode') ?? ''));
    }
    if (tag === 'xf' && inCellFormats) {
      const id = Number(attribute(xml, 'numFmtId') ?? 0);
      formats.push(custom.get(id) ?? builtInFormat(id));
    }
  });
  return formats;
}

function noWorkbook(zip: ZipPackage, name: string): PlumblineError {
  const kind = zip.has('word/document.xml')
    ? 'a Word document'
    : zip.has('ppt/presentation.xml')
      ? 'a PowerPoint presentation'
      : 'a zip archive without a workbook in it';
  return new PlumblineError('format-error', {
    message: `${name} is ${kind}, not a workbook.`,
    remedy:
      'Ask the sender for an Excel workbook (.xlsx); if the archive holds CSV, read it with csv().',
  });
}

import path from 'node:path';

import { PlumblineError } from '../errors.ts';
import { readRelations, type Relation } from '../source/excel/workbook.ts';
import { unescapeXml } from '../source/excel/xml-scanner.ts';
import type { ZipPackage } from '../source/excel/zip-package.ts';
import { appendTo, attributeOf, findElements, xmlHead } from './xml-text.ts';

/** Namespaces of a workbook, which has those of one edition of the standard or the other. */
export interface Namespaces {
  readonly main: string;
  /** Of the attribute `r:id`, and what types of relations begin with. */
  readonly relation: string;
}

export const transitional: Namespaces = {
  main: 'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  relation: 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
};
const strict: Namespaces = {
  main: 'http://purl.oclc.org/ooxml/spreadsheetml/main',
  relation: 'http://purl.oclc.org/ooxml/officeDocument/relationships',
};

/** A sheet of a workbook and what belongs to it. */
export interface SheetParts {
  readonly name: string;
  readonly part: string;
  readonly relationsPart: string;
  readonly relations: ReadonlyMap<string, Relation>;
}

/** A workbook as its parts tell it. */
export interface WorkbookParts {
  readonly part: string;
  readonly xml: string;
  readonly relationsPart: string;
  readonly styles: string | undefined;
  readonly sheets: readonly SheetParts[];
  readonly namespaces: Namespaces;
}

/** The small parts of a workbook that lead to its sheets. Throws `format-error` when it is none. */
export async function readWorkbookParts(zip: ZipPackage, name: string): Promise<WorkbookParts> {
  const part = targetOf(await readRelations(zip, ''), 'officeDocument');
  if (part === undefined || part.endsWith('.bin') || !zip.has(part)) {
    throw new PlumblineError('format-error', {
      message: `${name} is no workbook of Excel (.xlsx).`,
    });
  }
  const xml = await readText(zip, part);
  const relations = await readRelations(zip, part);
  const sheets = findElements(xml, 'sheet').map(async ({ tag }) => {
    const relation = relations.get(attributeOf(tag, '[\\w.-]+:id') ?? '');
    if (relation?.type !== 'worksheet' || !zip.has(relation.target)) return [];
    return [
      {
        name: unescapeXml(attributeOf(tag, 'name') ?? ''),
        part: relation.target,
        relationsPart: relationsPartOf(relation.target),
        relations: await readRelations(zip, relation.target),
      },
    ];
  });
  const styles = targetOf(relations, 'styles');
  return {
    part,
    xml,
    relationsPart: relationsPartOf(part),
    styles: styles !== undefined && zip.has(styles) ? styles : undefined,
    sheets: (await Promise.all(sheets)).flat(),
    namespaces: xml.includes(strict.main) ? strict : transitional,
  };
}

export const targetOf = (
  relations: ReadonlyMap<string, Relation>,
  type: string,
): string | undefined => [...relations.values()].find((each) => each.type === type)?.target;

const relationsPartOf = (part: string): string =>
  path.posix.join(path.posix.dirname(part), '_rels', `${path.posix.basename(part)}.rels`);

/** Of a part that is edited as text. The styles of workbooks that have grown for years take some megabytes. */
const textBytesMax = 64 * 1024 * 1024;

/** A small part as text that says UTF-8 of itself, which it will be. Throws `format-error` when it is not small. */
export async function readText(zip: Pick<ZipPackage, 'read'>, part: string): Promise<string> {
  const blocks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const block of zip.read(part)) {
    sizeBytes += block.length;
    if (sizeBytes > textBytesMax) {
      throw new PlumblineError('format-error', {
        message: `The workbook cannot be marked: ${part} in it has more than ${textBytesMax} bytes.`,
        remedy:
          'Save the workbook again in Excel, or correct the rows that `plumbline rejects` lists.',
      });
    }
    blocks.push(block);
  }
  const bytes = Buffer.concat(blocks);
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const text = new TextDecoder(encoding).decode(bytes);
  return encoding === 'utf-8' ? text : text.replace(/(encoding=["'])[^"']*/u, '$1UTF-8');
}

/** A relation to be added. Its target is a part's name. */
export interface NewRelation {
  readonly id: string;
  /** `comments`, `vmlDrawing`, …: the last part of the type. */
  readonly type: string;
  readonly target: string;
}

export function addRelations(
  given: string | undefined,
  added: readonly NewRelation[],
  { relation }: Namespaces,
): string {
  const xml =
    given ??
    `${xmlHead}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`;
  return appendTo(xml, 'Relationships', (prefix) =>
    added
      .map(
        ({ id, type, target }) =>
          `<${prefix}Relationship Id="${id}" Type="${relation}/${type}" Target="/${target}"/>`,
      )
      .join(''),
  );
}

/** What kinds of parts a package holds, by their name. */
export interface ContentTypes {
  /** By a part's ending. */
  readonly defaults: Readonly<Record<string, string>>;
  /** By a part's name. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Adds kinds of parts that the package does not name yet. */
export function addContentTypes(xml: string, { defaults, overrides }: ContentTypes): string {
  const known = new Set(
    [...findElements(xml, 'Default'), ...findElements(xml, 'Override')].map(({ tag }) =>
      (attributeOf(tag, 'Extension') ?? attributeOf(tag, 'PartName') ?? '').toLowerCase(),
    ),
  );
  // A declaration of the part by name would hide that of its ending; nothing else is in the way.
  const isNew = ([name]: readonly [string, string]): boolean => !known.has(name.toLowerCase());
  const byEnding = Object.entries(defaults).filter(isNew);
  const byName = Object.entries(overrides)
    .map(([part, type]) => [`/${part}`, type] as const)
    .filter(isNew);
  return appendTo(xml, 'Types', (prefix) =>
    [
      ...byEnding.map(
        ([ending, type]) => `<${prefix}Default Extension="${ending}" ContentType="${type}"/>`,
      ),
      ...byName.map(
        ([part, type]) => `<${prefix}Override PartName="${part}" ContentType="${type}"/>`,
      ),
    ].join(''),
  );
}

const sheetMl = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Kinds of parts that are written here. */
export const contentTypes = {
  workbook: `${sheetMl}.sheet.main+xml`,
  sheet: `${sheetMl}.worksheet+xml`,
  styles: `${sheetMl}.styles+xml`,
  comments: `${sheetMl}.comments+xml`,
  drawing: 'application/vnd.openxmlformats-officedocument.vmlDrawing',
  relations: 'application/vnd.openxmlformats-package.relationships+xml',
} as const;

/** Adds a sheet behind the others, under the relation `id`. */
export function addSheet(
  xml: string,
  sheet: { name: string; id: string },
  { relation }: Namespaces,
): string {
  const ids = findElements(xml, 'sheet').map(({ tag }) => Number(attributeOf(tag, 'sheetId')) || 0);
  const next = Math.max(0, ...ids) + 1;
  return appendTo(
    xml,
    'sheets',
    (prefix) =>
      `<${prefix}sheet xmlns:r="${relation}" name="${sheet.name}" sheetId="${next}" r:id="${sheet.id}"/>`,
  );
}

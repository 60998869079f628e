import { cellReference } from '../source/cell-reference.ts';
import type { CellNote } from './marks.ts';
import {
  appendTo,
  attributeOf,
  escapeCellText,
  findElement,
  findElements,
  xmlHead,
} from './xml-text.ts';

/** Who wrote our comments: by it they are known, and taken away, when the workbook comes back. */
const author = 'Plumbline';

/** A line of ours in a person's comment, with the line breaks before it. Whatever they add beside it is theirs. */
const ownLine = new RegExp(`(?:(?:\\r?\\n|&#1[03];|_x000D_)+|(?<=>))${author}: [^\\n<]*`, 'gu');

const ownLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${author}: ${line}`)
    .join('\n');

/** The comments of a sheet after an edit, and what that means for their shapes. */
export interface NotesEdit {
  readonly xml: string;
  /** Comments that need a shape, and cells whose shape must go. */
  readonly added: readonly CellNote[];
  readonly removed: readonly string[];
}

/** True when a part of comments has some of an earlier round. */
export const hasOwnNotes = (xml: string): boolean =>
  ownAuthors(xml).size > 0 || xml.search(ownLine) !== -1;

const emptyNotes = (namespace: string): string =>
  `${xmlHead}<comments xmlns="${namespace}"><authors></authors><commentList></commentList></comments>`;

/**
 * Adds comments to those of a sheet. Ours of an earlier round are dropped; a person's comment on the
 * same cell goes on with lines of ours below; a thread of comments is left alone, since what stands beside it
 * is not shown.
 */
export function editNotes(
  given: string | undefined,
  notes: readonly CellNote[],
  namespace: string,
): NotesEdit {
  const cleaned = dropOwn(given ?? emptyNotes(namespace));
  const byCell = new Map(notes.map((note) => [cellReference(note.column, note.row), note]));
  const joined = joinNotes(cleaned.xml, byCell);
  const added = notes.filter((note) => byCell.has(cellReference(note.column, note.row)));
  if (added.length === 0) return { xml: joined, added, removed: cleaned.removed };
  const { xml, id } = withAuthor(joined);
  const whole = appendTo(xml, 'commentList', (prefix) =>
    added.map((note) => commentXml(note, id, prefix)).join(''),
  );
  return { xml: whole, added, removed: cleaned.removed };
}

function ownAuthors(xml: string): ReadonlySet<string> {
  const authors = findElements(findElement(xml, 'authors')?.content ?? '', 'author');
  return new Set(
    authors.flatMap(({ content }, index) => (content === author ? [String(index)] : [])),
  );
}

function dropOwn(xml: string): { readonly xml: string; readonly removed: readonly string[] } {
  const own = ownAuthors(xml);
  const removed: string[] = [];
  let kept = '';
  let at = 0;
  for (const { start, end, tag, content, contentStart } of findElements(xml, 'comment')) {
    if (own.has(attributeOf(tag, 'authorId') ?? '')) {
      removed.push(attributeOf(tag, 'ref') ?? '');
      kept += xml.slice(at, start);
      at = end;
    } else if (content.search(ownLine) !== -1) {
      kept += xml.slice(at, contentStart) + dropOwnLines(content);
      at = contentStart + content.length;
    }
  }
  return { xml: kept + xml.slice(at), removed };
}

function dropOwnLines(comment: string): string {
  const cleaned = comment.replaceAll(ownLine, '');
  let kept = '';
  let at = 0;
  for (const { start, end, content } of findElements(cleaned, 'r')) {
    if (findElement(content, 't')?.content !== '') continue;
    kept += cleaned.slice(at, start);
    at = end;
  }
  return kept + cleaned.slice(at);
}

/** Goes on with comments that stand on cells of ours; these and threads are taken off the list. */
function joinNotes(xml: string, byCell: Map<string, CellNote>): string {
  const authors = findElements(findElement(xml, 'authors')?.content ?? '', 'author');
  let joined = '';
  let at = 0;
  for (const comment of findElements(xml, 'comment')) {
    const ref = attributeOf(comment.tag, 'ref') ?? '';
    const note = byCell.get(ref);
    if (note === undefined) continue;
    byCell.delete(ref);
    const writer = authors[Number(attributeOf(comment.tag, 'authorId'))]?.content ?? '';
    if (writer.startsWith('tc=')) continue;
    const text = findElement(comment.content, 'text');
    if (text === undefined) continue;
    const end = comment.contentStart + text.contentStart + text.content.length;
    joined += xml.slice(at, end) + runsXml(`\n\n${ownLines(note.text)}`, text.prefix);
    at = end;
  }
  return joined + xml.slice(at);
}

function withAuthor(xml: string): { readonly xml: string; readonly id: number } {
  const [own] = ownAuthors(xml);
  if (own !== undefined) return { xml, id: Number(own) };
  const count = findElements(findElement(xml, 'authors')?.content ?? '', 'author').length;
  return {
    xml: appendTo(xml, 'authors', (prefix) => `<${prefix}author>${author}</${prefix}author>`),
    id: count,
  };
}

const commentXml = (note: CellNote, authorId: number, prefix: string): string =>
  `<${prefix}comment ref="${cellReference(note.column, note.row)}" authorId="${authorId}" shapeId="0">` +
  `<${prefix}text>${runsXml(note.text, prefix)}</${prefix}text></${prefix}comment>`;

/** Font 9 is what Excel gives comments of its own. */
function runsXml(text: string, p: string): string {
  const font = `<${p}rPr><${p}sz val="9"/><${p}color indexed="81"/><${p}rFont val="Tahoma"/><${p}family val="2"/></${p}rPr>`;
  return `<${p}r>${font}<${p}t xml:space="preserve">${escapeCellText(text)}</${p}t></${p}r>`;
}

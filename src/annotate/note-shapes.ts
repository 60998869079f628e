import { cellReference } from '../source/cell-reference.ts';
import type { CellNote } from './marks.ts';

/** Ids of shapes are given out in blocks of so many; a drawing lists the blocks it uses. */
const blockSize = 1024;
const columnMax = 16_383;
const rowMax = 1_048_575;

const emptyDrawing =
  '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">' +
  '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>';

const noteType = '_x0000_t202';

/** The box of a comment, as Excel describes it under this name in every drawing. */
const shapeType =
  `<v:shapetype id="${noteType}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">` +
  '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>';

/**
 * Adds the boxes of comments to the drawing of a sheet and takes those of removed comments away.
 * This is VML, which Excel reads for comments to this day; some of it is not well-formed XML, so it
 * is edited as text. `sheet` counts from 1; a new drawing's ids start in its block.
 */
export function editShapes(
  given: string | undefined,
  edit: {
    readonly added: readonly CellNote[];
    readonly removed: readonly string[];
    readonly sheet: number;
  },
): string {
  const removed = new Set(edit.removed);
  const drawing = (given ?? emptyDrawing).replaceAll(
    /<v:shape\s[^>]*>[\s\S]*?<\/v:shape>\s*/gu,
    (shape) => (removed.has(cellOfShape(shape) ?? '') ? '' : shape),
  );
  if (edit.added.length === 0) return drawing;
  const used = blocksOf(drawing);
  const first = used.length === 0 ? edit.sheet : Math.max(...used) + 1;
  const last = first + Math.floor(edit.added.length / (blockSize - 1));
  const blocks = [
    ...used,
    ...Array.from({ length: last - first + 1 }, (_, index) => first + index),
  ];
  const shapes = edit.added.map((note, index) => shapeXml(note, idOf(first, index)));
  const type = drawing.includes(`id="${noteType}"`) ? '' : shapeType;
  return withBlocks(drawing, blocks).replace(
    /<\/xml>\s*$/u,
    () => `${type}${shapes.join('')}</xml>`,
  );
}

/** The first id of a block is that of the drawing itself. */
const idOf = (first: number, index: number): number =>
  (first + Math.floor(index / (blockSize - 1))) * blockSize + 1 + (index % (blockSize - 1));

function cellOfShape(shape: string): string | undefined {
  const row = /<x:Row>\s*(\d+)\s*<\/x:Row>/u.exec(shape)?.[1];
  const column = /<x:Column>\s*(\d+)\s*<\/x:Column>/u.exec(shape)?.[1];
  if (row === undefined || column === undefined) return undefined;
  return cellReference(Number(column), Number(row) + 1);
}

/** Blocks a drawing lists, and those its shapes are in whatever it lists. */
function blocksOf(drawing: string): number[] {
  const listed = /<o:idmap[^>]*\sdata="([^"]*)"/u.exec(drawing)?.[1] ?? '';
  const ids = [...drawing.matchAll(/\bid="_x0000_s(\d+)"/gu)].map(([, id]) =>
    Math.floor(Number(id) / blockSize),
  );
  const numbers = listed.split(',').map((text) => Number.parseInt(text, 10));
  return [...new Set([...numbers, ...ids])].filter((block) => block > 0).sort((a, b) => a - b);
}

function withBlocks(drawing: string, blocks: readonly number[]): string {
  const listed = drawing.replace(
    /(<o:idmap[^>]*\sdata=")[^"]*"/u,
    (_, head: string) => `${head}${blocks.join(',')}"`,
  );
  if (listed.includes('<o:idmap')) return listed;
  const layout = `<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="${blocks.join(',')}"/></o:shapelayout>`;
  return listed.replace(/<xml\s[^>]*>/u, (root) => `${root}${layout}`);
}

function shapeXml({ column, row, text }: CellNote, id: number): string {
  // Lines of about forty characters, each 12 points high.
  const lines = text.split('\n').reduce((sum, line) => sum + Math.ceil((line.length + 1) / 40), 1);
  const height = Math.min(20, Math.max(4, lines));
  const left = Math.min(column + 1, columnMax);
  const top = Math.max(row - 2, 0);
  const anchor = [
    left,
    15,
    top,
    2,
    Math.min(left + 3, columnMax),
    40,
    Math.min(top + height, rowMax),
    4,
  ];
  return (
    `<v:shape id="_x0000_s${id}" type="#${noteType}" style="position:absolute;margin-left:60pt;margin-top:2pt;width:240px;height:${height * 20}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">` +
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>' +
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>' +
    `<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${anchor.join(', ')}</x:Anchor>` +
    `<x:AutoFill>False</x:AutoFill><x:Row>${row - 1}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
  );
}

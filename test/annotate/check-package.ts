import { unzipSync } from 'fflate';
import { SaxesParser } from 'saxes';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The elements of a part by local name, in document order. Throws when it is not well-formed. */
function elementsOf(xml: string): readonly Element[] {
  const elements: Element[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    const attributes = Object.fromEntries(
      Object.values(tag.attributes).map(({ prefix, local, value }) => [
        prefix === '' || prefix === 'xmlns' ? local : `${prefix}:${local}`,
        value,
      ]),
    );
    elements.push({ name: tag.local, attributes });
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return elements;
}

/**
 * What Excel would offer to repair, as sentences; none when it opens the workbook as it is. Excel is
 * not here: these are the rules whose breach is known to bring its repair dialog up.
 */
export function findBreaches(workbook: Uint8Array): readonly string[] {
  const files = unzipSync(workbook);
  const names = Object.keys(files).filter((name) => !name.endsWith('/'));
  const parts = new Map(names.map((name) => [name.toLowerCase(), name]));
  const text = (name: string): string =>
    new TextDecoder().decode(files[parts.get(name.toLowerCase()) ?? name]);
  const breaches: string[] = [];
  const expect = (isTrue: boolean, breach: string): void => {
    if (!isTrue) breaches.push(breach);
  };
  expect(parts.size === names.length, 'two parts have one name');

  const types = elementsOf(text('[Content_Types].xml'));
  const endings = types.flatMap(({ name, attributes }) =>
    name === 'Default' ? [attributes['Extension']?.toLowerCase()] : [],
  );
  const overrides = types.flatMap(({ name, attributes }) =>
    name === 'Override' ? [attributes['PartName']?.toLowerCase()] : [],
  );
  expect(new Set(endings).size === endings.length, 'two content types of one ending');
  expect(new Set(overrides).size === overrides.length, 'two content types of one part');
  for (const name of names) {
    const ending = name.split('.').at(-1)?.toLowerCase();
    const isKnown = overrides.includes(`/${name.toLowerCase()}`) || endings.includes(ending);
    expect(isKnown || name === '[Content_Types].xml', `${name} has no content type`);
  }
  for (const override of overrides) {
    expect(parts.has(override?.slice(1) ?? ''), `${override} has a content type and is not there`);
  }
  const styles = stylesOf(names, text);
  for (const name of names.filter((each) => each.endsWith('.rels'))) {
    checkRelations(name, { elements: elementsOf(text(name)), parts, expect });
  }
  for (const name of names.filter((each) => /worksheets\/[^/]*\.xml$/iu.test(each))) {
    checkSheet(name, { elements: elementsOf(text(name)), styles, expect });
    checkNotes(name, { parts, text, expect });
  }
  return breaches;
}

type Expect = (isTrue: boolean, breach: string) => void;

function stylesOf(names: readonly string[], text: (name: string) => string): number {
  const part = names.find((name) => /styles\.xml$/iu.test(name));
  if (part === undefined) return 1;
  const xml = text(part);
  const [, content = ''] =
    /<(?:\w+:)?cellXfs[\s>][^>]*>?([\s\S]*?)<\/(?:\w+:)?cellXfs>/u.exec(xml) ?? [];
  elementsOf(xml);
  return [...content.matchAll(/<(?:\w+:)?xf[\s/>]/gu)].length;
}

function checkRelations(
  name: string,
  {
    elements,
    parts,
    expect,
  }: { elements: readonly Element[]; parts: ReadonlyMap<string, string>; expect: Expect },
): void {
  const folder = name.replace(/_rels\/[^/]*$/u, '');
  const ids = elements.flatMap(({ attributes }) => attributes['Id'] ?? []);
  expect(new Set(ids).size === ids.length, `${name} has two relations of one id`);
  for (const { name: element, attributes } of elements) {
    if (element !== 'Relationship' || attributes['TargetMode'] === 'External') continue;
    const target = attributes['Target'] ?? '';
    const part = target.startsWith('/')
      ? target.slice(1)
      : new URL(target, `file:///${folder}`).pathname.slice(1);
    expect(parts.has(decodeURIComponent(part).toLowerCase()), `${name}: ${target} is not there`);
  }
}

const order = [
  'sheetPr',
  'dimension',
  'sheetViews',
  'sheetFormatPr',
  'cols',
  'sheetData',
  'sheetCalcPr',
  'sheetProtection',
  'protectedRanges',
  'scenarios',
  'autoFilter',
  'sortState',
  'dataConsolidate',
  'customSheetViews',
  'mergeCells',
  'phoneticPr',
  'conditionalFormatting',
  'dataValidations',
  'hyperlinks',
  'printOptions',
  'pageMargins',
  'pageSetup',
  'headerFooter',
  'rowBreaks',
  'colBreaks',
  'customProperties',
  'cellWatches',
  'ignoredErrors',
  'smartTags',
  'drawing',
  'legacyDrawing',
  'legacyDrawingHF',
  'drawingHF',
  'picture',
  'oleObjects',
  'controls',
  'webPublishItems',
  'tableParts',
];

function checkSheet(
  name: string,
  { elements, styles, expect }: { elements: readonly Element[]; styles: number; expect: Expect },
): void {
  let row = 0;
  let column = -1;
  let place = -1;
  for (const { name: element, attributes } of elements) {
    if (element === 'row') {
      const next = Number(attributes['r'] ?? row + 1);
      expect(next > row, `${name}: row ${next} stands after row ${row}`);
      row = next;
      column = -1;
    }
    if (element === 'c') {
      const [, letters = '', number = ''] = /^([A-Z]+)(\d+)$/u.exec(attributes['r'] ?? '') ?? [];
      const next = letters === '' ? column + 1 : columnOf(letters);
      expect(next > column, `${name}: ${attributes['r']} stands too late in its row`);
      expect(
        number === '' || Number(number) === row,
        `${name}: ${attributes['r']} stands in row ${row}`,
      );
      expect(
        Number(attributes['s'] ?? 0) < Math.max(styles, 1),
        `${name}: ${attributes['r']} has a style that is not there`,
      );
      column = next;
    }
    // Charts and controls of other namespaces repeat some of these names further in.
    if (
      [
        'sheetData',
        'mergeCells',
        'hyperlinks',
        'pageMargins',
        'drawing',
        'legacyDrawing',
        'legacyDrawingHF',
        'tableParts',
      ].includes(element)
    ) {
      expect(order.indexOf(element) >= place, `${name}: ${element} stands too late`);
      place = order.indexOf(element);
    }
  }
}

function checkNotes(
  sheet: string,
  {
    parts,
    text,
    expect,
  }: { parts: ReadonlyMap<string, string>; text: (name: string) => string; expect: Expect },
): void {
  const relations = sheet.replace(/([^/]*)$/u, '_rels/$1.rels');
  if (!parts.has(relations.toLowerCase())) return;
  const targets = elementsOf(text(relations)).flatMap(({ attributes }) => {
    const type = attributes['Type']?.split('/').at(-1);
    const part = new URL(attributes['Target'] ?? '', `file:///${sheet}`).pathname.slice(1);
    return [{ type, part, id: attributes['Id'] }];
  });
  const comments = targets.find(({ type }) => type === 'comments');
  if (comments === undefined) return;
  const refs = elementsOf(text(comments.part)).flatMap(({ name, attributes }) =>
    name === 'comment' ? [attributes['ref'] ?? ''] : [],
  );
  expect(new Set(refs).size === refs.length, `${comments.part}: two comments on one cell`);
  const id = /<(?:\w+:)?legacyDrawing[^>]*\s\w+:id="([^"]*)"/u.exec(text(sheet))?.[1];
  const drawing = targets.find((target) => target.id === id);
  expect(drawing !== undefined || refs.length === 0, `${sheet}: comments without shapes`);
  if (drawing === undefined) return;
  const vml = text(drawing.part);
  const shapes = [...vml.matchAll(/<v:shape\s[\s\S]*?<\/v:shape>/gu)].map(([shape]) => shape);
  const ids = shapes.map((shape) => /\sid="([^"]*)"/u.exec(shape)?.[1]);
  expect(new Set(ids).size === ids.length, `${drawing.part}: two shapes of one id`);
  const noted = new Set(
    shapes.flatMap((shape) => {
      const row = /<x:Row>\s*(\d+)/u.exec(shape)?.[1];
      const column = /<x:Column>\s*(\d+)/u.exec(shape)?.[1];
      return shape.includes('ObjectType="Note"') ? [`${column},${row}`] : [];
    }),
  );
  for (const ref of refs) {
    const [, letters = '', number = ''] = /^([A-Z]+)(\d+)$/u.exec(ref) ?? [];
    expect(
      noted.has(`${columnOf(letters)},${Number(number) - 1}`),
      `${drawing.part}: no shape for ${ref}`,
    );
  }
}

function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

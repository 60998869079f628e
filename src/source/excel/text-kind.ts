import { fileKindNames, fileKindOf } from '../file-kind.ts';

/** How many bytes `otherKind` looks at. */
export const otherKindBytes = 4096;

const webPage =
  'Open it in Excel and save it as an Excel workbook (.xlsx); or ask the program it comes from for .xlsx or CSV.';

/** What people are sent under the name of a workbook, by how its text begins. */
const texts: readonly {
  readonly pattern: RegExp;
  readonly kind: string;
  readonly remedy?: string;
}[] = [
  {
    pattern:
      /^<\?xml[\s\S]*(?:urn:schemas-microsoft-com:office:spreadsheet|progid="Excel\.Sheet")/iu,
    kind: 'an XML spreadsheet of 2003',
    remedy: 'Open it in Excel and save it as an Excel workbook (.xlsx).',
  },
  {
    pattern:
      /^(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body|meta|style|table|div|center|font|script)\b/iu,
    kind: 'a web page (HTML)',
    remedy: webPage,
  },
  {
    pattern: /^(?:mime-version|content-type|from|x-[\w-]+):\s/iu,
    kind: 'a web archive (MHTML)',
    remedy: webPage,
  },
  { pattern: /^ID;P/u, kind: 'a SYLK file', remedy: webPage },
  { pattern: /^TABLE\r?\n0,1/u, kind: 'a DIF file', remedy: webPage },
  { pattern: /^<\?xml/iu, kind: 'an XML document' },
  { pattern: /^[[{]/u, kind: 'JSON' },
  {
    pattern: /^[^\n]*[,;\t|]/u,
    kind: 'text, perhaps CSV',
    remedy: 'Read it with csv(), or open it in Excel and save it as .xlsx.',
  },
];

/** What a file is that is no workbook, whatever its name says, and what to do about it. */
export function otherKind(head: Buffer): { readonly kind: string; readonly remedy: string } {
  const found = fileKindOf(head);
  const label = found === 'utf-16le' ? 'utf-16le' : found === 'utf-16be' ? 'utf-16be' : 'utf-8';
  const text = new TextDecoder(label).decode(head).trimStart();
  const isBinary = found === undefined && head.includes(0);
  const match = isBinary ? undefined : texts.find(({ pattern }) => pattern.test(text));
  const named = found === undefined || found === 'html' ? undefined : fileKindNames[found];
  const fallback = isBinary ? 'no file Plumbline knows' : (named ?? 'text, perhaps CSV');
  return {
    kind: match?.kind ?? fallback,
    remedy:
      match?.remedy ??
      'Ask the sender for an Excel workbook (.xlsx); if it is CSV, read it with csv().',
  };
}

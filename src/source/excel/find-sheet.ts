import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import type { SheetEntry } from './workbook.ts';

/** The sheet meant by name (case and outer spaces aside) or number. Throws `sheet-not-found`. */
export function findSheet(
  sheets: readonly SheetEntry[],
  wanted: string | number | undefined,
  name: string,
): SheetEntry {
  const found =
    wanted === undefined
      ? (sheets.find((sheet) => sheet.isVisible) ?? sheets[0])
      : typeof wanted === 'number'
        ? sheets[wanted - 1]
        : (sheets.find((sheet) => sheet.name === wanted) ??
          sheets.find((sheet) => fold(sheet.name) === fold(wanted)));
  if (found !== undefined) return found;
  const names = sheets.map((sheet) => sheet.name);
  const near = typeof wanted === 'string' ? suggest(wanted, names) : undefined;
  const list = names.map((sheet) => `'${sheet}'`).join(', ');
  throw new PlumblineError('sheet-not-found', {
    message:
      `${name} has no sheet ${typeof wanted === 'string' ? `'${wanted}'` : String(wanted)}; ` +
      (list === '' ? 'it has no sheets with cells.' : `it has ${list}.`) +
      (near === undefined ? '' : ` Did you mean '${near}'?`),
    ...(near !== undefined && { remedy: `Set sheet: '${near}' in the source.` }),
  });
}

const fold = (text: string): string => text.trim().normalize('NFC').toLowerCase();

import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { PlumblineError } from '../errors.ts';
import type { SourcePlace } from '../infer/write-source.ts';

const extensions = /(?:\.(?:csv|tsv|txt|tab|xlsx|xlsm|xls|xlsb|ods))?(?:\.(?:gz|zip))?$/iu;
/** Numbers of two digits and more, with what joins them: `2026-03`, `20260331`, `2026-W45`, `Q1 2026`. */
const changing = /(?:\b(?:k?w|q)\d{1,2}[-_. ])?\d{2,}(?:[-_. ]?(?:k?w|q)?\d{1,})*/giu;
const namePattern = /^[a-z][a-z0-9_-]{0,62}$/u;

/**
 * The name of a source by its file: `Payments 2026-03.xlsx` is `payments`. A name that was given is
 * taken as it is. Throws `usage` for one that cannot name a source.
 */
export function sourceName(given: string | undefined, file: string): string {
  if (given !== undefined) {
    if (namePattern.test(given)) return given;
    throw new PlumblineError('usage', {
      message: `--write is '${given}', which cannot name a source; expected small letters, digits, - and _, a letter first.`,
      remedy: `Write it as --write ${kebab(given) || 'orders'}.`,
    });
  }
  const stem = path.basename(file).replace(extensions, '');
  const name = kebab(stem.replaceAll(changing, ' ')) || kebab(stem);
  return namePattern.test(name) ? name : 'source';
}

const kebab = (text: string): string =>
  text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^[^a-z]+|-+$/gu, '')
    .slice(0, 63);

/**
 * Where a source finds the file: its path from the project. Where its name holds a date or number,
 * the next one has another: files named alike are meant too.
 */
export async function placeOf(file: string, projectDir: string): Promise<SourcePlace> {
  const relative = path.relative(projectDir, file).split(path.sep).join('/');
  // On another drive there is no path from here.
  const from = path.isAbsolute(relative) ? file : relative;
  const name = path.basename(file);
  const end = extensions.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - end.length);
  const pattern = `${stem.replaceAll(changing, '*')}${end}`;
  const isLiteral = pattern === name || !/\p{L}/u.test(stem) || /[*?[\]{}]/u.test(from);
  if (isLiteral) return { path: from, comment: undefined };
  const others = (await readdir(path.dirname(file))).filter(
    (each) => each !== name && path.matchesGlob(each, pattern),
  );
  const alike =
    others.length === 0
      ? 'no other is there yet'
      : others.length === 1
        ? `one other is there, ${others[0] ?? ''}`
        : `${others.length} others are there`;
  return {
    path: `${from.slice(0, from.length - name.length)}${pattern}`,
    comment: `Every file named like ${name}; ${alike}. For this one alone: folder('${from}').`,
  };
}

import { access, constants, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { LandedDelivery } from '../source/source.ts';

/**
 * A file that someone named, as readers take it. Throws `source-not-found` with the nearest name,
 * `usage` for a folder, `source-unreachable` for a file without the right to read it.
 */
export async function landedFile(given: string): Promise<LandedDelivery> {
  const file = path.resolve(given);
  const name = path.basename(file);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) throw await notFound(given, file);
  if (stats.isDirectory()) {
    const names = (await readdir(file)).filter((each) => !each.startsWith('.')).slice(0, 5);
    throw new PlumblineError('usage', {
      message: `${given} is a folder; preview looks at one file.`,
      remedy:
        names.length === 0
          ? 'The folder is empty.'
          : `Name a file in it, such as ${path.join(given, names[0] ?? '')}.`,
    });
  }
  if (!stats.isFile()) {
    throw new PlumblineError('usage', { message: `${given} is no file that can be read twice.` });
  }
  if (name.startsWith('~$')) {
    throw new PlumblineError('lock-file', {
      message: `${given} is the lock file that Excel keeps beside an open workbook.`,
    });
  }
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new PlumblineError('source-unreachable', {
      message: `${given} cannot be read: permission is denied.`,
      remedy: 'Give the user that runs plumbline permission to read the file.',
      cause,
    });
  });
  return { path: file, name, slot: name, sizeBytes: stats.size };
}

async function notFound(given: string, file: string): Promise<PlumblineError> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => undefined);
  const near = suggest(path.basename(file), names ?? []);
  return new PlumblineError('source-not-found', {
    message:
      names === undefined
        ? `${given} is not there: the folder ${folder} does not exist.`
        : `${given} is not there${near === undefined ? '.' : `; did you mean '${path.join(path.dirname(given), near)}'?`}`,
    remedy: 'Check the path of the file.',
  });
}

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { PlumblineError } from '../errors.ts';
import type { Run } from './command.ts';
import { sampleOrders } from './init-sample.ts';
import { templateFiles } from './init-template.ts';
import { shownPath } from './print-run.ts';
import { runOnAws } from './run-on-aws.ts';

/** `plumbline init <dir>`: writes a project into a new or empty folder; `--aws`: settings into one. */
export const run: Run = async (invocation) => {
  const { terminal, args, options, start } = invocation;
  if (options['aws'] === true) {
    return runOnAws('init')({ ...invocation, start: args[0] ?? start });
  }
  if (args[0] === undefined) {
    throw new PlumblineError('usage', {
      message: "Missing required argument 'dir'.",
      remedy: 'Name the folder: `plumbline init numbers`.',
    });
  }
  const dir = resolve(args[0]);
  await refuseFull(dir);
  const name = basename(dir);
  const today = new Date().toISOString().slice(0, 10);
  const files = {
    ...templateFiles({ company: companyName(name), packageName: packageName(name) }),
    'data/orders.csv': sampleOrders(today),
  };
  for (const [file, content] of Object.entries(files)) {
    const path = join(dir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const shown = shownPath(dir);
  const { print, paint } = terminal;
  print(`${paint.strong(shown)} is a project:`);
  for (const file of Object.keys(files)) print(`  ${file}`);
  print();
  print(`Next: ${paint.link(`npx plumbline dev --project ${shown}`)}`);
  terminal.result({ ok: true, dir, files: Object.keys(files) });
  return 0;
};

/** Nothing is overwritten: a folder that holds anything is refused, but for git's own. */
async function refuseFull(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new PlumblineError('usage', {
      message: `${dir} cannot be used: ${error.message}.`,
      remedy: 'Name a folder that is empty or not there yet.',
      cause: error,
    });
  });
  const there = entries.filter((entry) => entry !== '.git');
  if (there.length === 0) return;
  throw new PlumblineError('usage', {
    message: `${dir} is not empty: it holds ${there.slice(0, 3).join(', ')}${there.length > 3 ? ' and more' : ''}.`,
    remedy: 'Name a folder that is empty or not there yet; nothing was written.',
  });
}

/** `north-star` as `North Star`. */
function companyName(folder: string): string {
  const words = folder.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return name === '' ? 'My Company' : name;
}

/** What npm takes as a name. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'numbers' : name;
}

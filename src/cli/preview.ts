import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PlumblineError } from '../errors.ts';
import { type FilePreview, inferFile } from '../infer/infer-file.ts';
import type { Given } from '../infer/table-file.ts';
import { writeSource } from '../infer/write-source.ts';
import { findProject } from '../project/folder.ts';
import type { Invocation, Run } from './command.ts';
import { wholeNumber } from './option-values.ts';
import { landedFile } from './preview-file.ts';
import { describePreview } from './preview-json.ts';
import { placeOf, sourceName } from './preview-place.ts';
import { printPreview, type WrittenSource } from './print-preview.ts';
import type { Terminal } from './terminal.ts';

type Target = Omit<WrittenSource, 'isUnsure'> & { readonly projectDir: string };

/** `plumbline preview FILE` */
export const run: Run = async (invocation) => {
  const { terminal, args, options, signal } = invocation;
  const rows = wholeNumber('--rows', options['rows'], { min: 0, max: 1000 }) ?? 10;
  const given = givenOf(options);
  const landed = await landedFile(args[0] ?? '');
  // Refused before a long file is read.
  const target = options['write'] === undefined ? undefined : await targetOf(invocation);
  const preview = await inferFile(landed, {
    given,
    headRows: rows,
    zone: 'UTC',
    signal,
    onProgress: (what, count) => showProgress(terminal, what, count),
  });
  const written = target === undefined ? undefined : await write(preview, landed.path, target);
  terminal.result(describePreview(preview, written));
  printPreview(preview, terminal, { file: args[0] ?? '', written });
  return 0;
};

function givenOf(options: Invocation['options']): Given {
  const text = (name: string): string | undefined => {
    const value = options[name];
    // What is left to be detected is what is not given.
    return typeof value === 'string' && value !== 'detect' ? value : undefined;
  };
  const mark = text('delimiter');
  return {
    sheet: text('sheet'),
    encoding: text('encoding'),
    // A shell makes a tab hard to type.
    delimiter: mark === 'tab' || mark === String.raw`\t` ? '\t' : mark,
    headerRow: wholeNumber('--header', options['header'], { min: 1, max: 1_048_576 }),
  };
}

function showProgress({ progress }: Terminal, what: 'read' | 'check', rows: number): void {
  const count = rows.toLocaleString('en-GB');
  progress(what === 'read' ? `read ${count} rows` : `tried the contract on ${count} rows`);
}

/** Throws `usage` for a name that is none, or of a source that is there. */
async function targetOf({ options, args, start }: Invocation): Promise<Target> {
  const projectDir = await findProject(start);
  const given = options['write'];
  const source = sourceName(typeof given === 'string' ? given : undefined, args[0] ?? '');
  const file = `sources/${source}.ts`;
  const isThere = await access(path.join(projectDir, file)).then(
    () => true,
    () => false,
  );
  if (isThere && options['force'] !== true) {
    throw new PlumblineError('usage', {
      message: `${file} is there already.`,
      remedy: 'Choose another name with --write NAME, or replace it with --force.',
    });
  }
  return { source, file, projectDir };
}

async function write(preview: FilePreview, file: string, target: Target): Promise<WrittenSource> {
  if (preview.columns.length === 0) {
    throw new PlumblineError('format-error', {
      message: `${preview.name} has no column that a contract could name${preview.leftOut.length === 0 ? '' : `: ${preview.leftOut.slice(0, 3).join('; ')}`}.`,
      remedy: 'If the labels stand in another row, say in which: --header ROW.',
    });
  }
  const place = await placeOf(file, target.projectDir);
  const destination = path.join(target.projectDir, target.file);
  await mkdir(path.dirname(destination), { recursive: true });
  const text = writeSource(preview, place);
  await writeFile(destination, text);
  return { source: target.source, file: target.file, isUnsure: text.includes('// unsure:') };
}

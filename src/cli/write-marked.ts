import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { markedName } from '../annotate/mark-delivery.ts';
import type { RejectedDelivery } from '../annotate/read-delivery.ts';
import { PlumblineError } from '../errors.ts';
import { markForSender } from '../run/mark-for-sender.ts';
import type { Source } from '../source/source.ts';
import type { Invocation } from './command.ts';
import type { OpenProject } from './open-project.ts';
import { countFormat, countOf } from './print-run.ts';
import type { Terminal } from './terminal.ts';

/** A file that was written for a sender. */
export interface MarkedFile {
  readonly delivery: number;
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** The sender's own workbook, not a table of the delivery's records. */
  readonly isWorkbook: boolean;
  /** Rows that were kept out, and those of them that are marked. */
  readonly rejected: number;
  readonly marked: number;
}

interface Output {
  readonly path: string;
  readonly isFolder: boolean;
}

/** What OUT means: a folder that is there, or a workbook in one. Throws `usage` before anything is started. */
export function planOutput(out: string): Output {
  const path = resolve(out);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  if (isFolder) return { path, isFolder };
  if (!/\.xls[xm]$/iu.test(path)) {
    throw new PlumblineError('usage', {
      message: `--xlsx is '${out}'; expected a folder that is there, or a file that ends in .xlsx.`,
      remedy: `Make the folder first, or write --xlsx '${out.replace(/[/\\]+$/u, '')}.xlsx'.`,
    });
  }
  const folder = dirname(path);
  if (existsSync(folder) && statSync(folder).isDirectory()) return { path, isFolder };
  throw new PlumblineError('usage', {
    message: `--xlsx is '${out}', and there is no folder ${folder}.`,
    remedy: `Make it first: mkdir -p '${folder}'`,
  });
}

interface MarkedToWrite {
  readonly open: OpenProject;
  readonly invocation: Invocation;
  readonly source: string;
  readonly deliveries: readonly RejectedDelivery[];
  readonly out: string;
  readonly force: boolean;
}

/** Writes a file for each delivery. Throws `usage` when OUT is one file for several, or is there already. */
export async function writeMarked(wanted: MarkedToWrite): Promise<readonly MarkedFile[]> {
  const { open, invocation, source, deliveries, out, force } = wanted;
  const output = planOutput(out);
  if (!output.isFolder && deliveries.length > 1) throw ambiguous(wanted);
  const found = open.project.sources.get(source);
  if (found === undefined) return [];
  const paths = pathsOf(deliveries, { output, source: found });
  for (const file of paths) refuseExisting(file, force);
  const files: MarkedFile[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    invocation.terminal.progress(`marking ${delivery.name}`);
    const marked = await markForSender(open, delivery, invocation.signal);
    const file = paths[index] ?? output.path;
    await writeFile(file, marked.blocks, force);
    files.push({
      delivery: delivery.deliveryId,
      name: delivery.name,
      file,
      isWorkbook: marked.isWorkbook,
      rejected: marked.rejected,
      marked: marked.marked,
    });
  }
  return files;
}

/** Where each file goes. Two deliveries may have files of one name, in folders of their own. */
function pathsOf(
  deliveries: readonly RejectedDelivery[],
  { output, source }: { readonly output: Output; readonly source: Source },
): readonly string[] {
  const taken = new Set<string>();
  return deliveries.map(({ name, deliveryId }) => {
    const made = markedName(source, name);
    if (!output.isFolder) return checkedFile(output.path, made);
    const ending = extname(made);
    const free = taken.has(made) ? `${basename(made, ending)} ${deliveryId}${ending}` : made;
    taken.add(free);
    return join(output.path, free);
  });
}

/** Excel opens a workbook with macros only as .xlsm, and one without only as .xlsx. */
function checkedFile(file: string, made: string): string {
  const ending = extname(made).toLowerCase();
  if (extname(file).toLowerCase() === ending) return file;
  throw new PlumblineError('usage', {
    message: `${basename(file)} must end in ${ending}: the delivery is such a workbook, and Excel opens it under no other name.`,
    remedy: `Write --xlsx '${basename(file, extname(file))}${ending}'.`,
  });
}

function ambiguous({ source, deliveries, out }: MarkedToWrite): PlumblineError {
  const names = deliveries.slice(-5).map(({ name, deliveryId }) => `${name} (${deliveryId})`);
  return new PlumblineError('usage', {
    message: `${deliveries.length} deliveries of ${source} have rejected rows, and '${out}' is one file.`,
    remedy: `Give a folder, or choose one with --delivery: ${names.join(', ')}${deliveries.length > 5 ? ', …' : ''}.`,
  });
}

function refuseExisting(file: string, force: boolean): void {
  if (force || !existsSync(file)) return;
  throw new PlumblineError('usage', {
    message: `${file} is there already.`,
    remedy: 'Pass --force to replace it, or write to another place.',
  });
}

/** The file appears under its name only once it is whole. */
async function writeFile(
  file: string,
  blocks: AsyncIterable<Buffer>,
  force: boolean,
): Promise<void> {
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  try {
    await pipeline(blocks, createWriteStream(part, { flags: 'wx' }));
    refuseExisting(file, force);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw asPlumblineError(error, file);
  }
}

const unwritable: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

function asPlumblineError(error: unknown, file: string): unknown {
  if (error instanceof PlumblineError || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') {
    return new PlumblineError('disk-full', {
      message: `The disk is full: ${file} could not be written.`,
      cause: error,
    });
  }
  if (unwritable.has(code)) {
    return new PlumblineError('usage', {
      message: `${file} cannot be written: ${error.message}.`,
      remedy: 'Write to a folder where this user may.',
      cause: error,
    });
  }
  return error;
}

/** A line for each file, as seen from the current folder. */
export function printMarked(
  files: readonly MarkedFile[],
  shown: { readonly terminal: Terminal; readonly source: string; readonly locale: string },
): void {
  const { source, locale } = shown;
  const { print, paint } = shown.terminal;
  const count = countFormat(locale);
  if (files.length === 0) {
    print(paint.good(`No rows of ${source} were rejected; there is nothing to mark.`));
    return;
  }
  for (const { file, name, rejected, marked } of files) {
    const short = relative(process.cwd(), file);
    const rows = `${countOf(rejected, 'rows', count)} of ${name}`;
    const part = marked < rejected ? `, ${count(marked)} of them marked` : '';
    print(`${short.startsWith('..') ? file : short}  ${paint.faint(`${rows}${part}`)}`);
  }
  const advice = files.every(({ isWorkbook }) => isWorkbook)
    ? 'For whoever sent it: corrected and delivered again under its own name, it loads.'
    : 'For whoever sent it: it shows what is wrong; what is corrected and delivered is the file itself.';
  print(paint.faint(advice));
}

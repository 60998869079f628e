import type { BigIntStats } from 'node:fs';
import { glob, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import type { Location, Offer, SourceContext } from '../source.ts';

const wildcards = /[*?[\]{}]/u;
/** A file written to this recently may be about to be written to again. */
const settledAfterMs = 250;
/** A file that was last written to longer ago than this is known again by its times. */
const agedAfterMs = 3_000;
const blockBytes = 256 * 1024;

interface FoundFile {
  readonly path: string;
  readonly slot: string;
  readonly stats: BigIntStats;
  /** When it was looked at, in milliseconds since 1970; not later than `stats`. */
  readonly seenMs: number;
}

interface ReadOptions {
  readonly signal: AbortSignal;
  /** Told what lies there when it is opened, and when that was. */
  readonly onOpened: (stats: BigIntStats, openedMs: number) => void;
}

/**
 * Files of a folder: `folder('data/payments/*.xlsx')`, relative to the project, with `*`, `**`,
 * `?`, `[…]` and `{a,b}`. Oldest first by modification time, then by path. Hidden files and the
 * `~$` lock files of open workbooks are never offered.
 *
 * No match offers nothing; a path without wildcards that is not there throws `source-not-found`.
 * `open` throws `source-changed` when the file is written to meanwhile.
 */
export function folder(pattern: string): Location {
  if (pattern.trim() === '') {
    throw new PlumblineError('project-invalid', {
      message: "folder(): the path is ''; expected one such as 'data/payments/*.xlsx'.",
    });
  }
  return {
    kind: 'folder',
    description: `folder ${pattern}`,
    place: { kind: 'folder', pattern },
    list: async function* list(context) {
      const files = await findFiles(pattern, context.projectDir);
      for (const file of files) {
        context.signal.throwIfAborted();
        yield offerOf(file, context);
      }
    },
  };
}

async function findFiles(pattern: string, projectDir: string): Promise<FoundFile[]> {
  // A file may have a name with brackets: what exists as written is meant as written.
  const literal = await statFile(path.resolve(projectDir, pattern));
  const matches =
    literal === undefined && wildcards.test(pattern)
      ? await Array.fromAsync(
          glob(pattern.replaceAll('\\', '/'), { cwd: projectDir, exclude: isNeverData }),
        )
      : [pattern];
  const files: FoundFile[] = [];
  for (const match of matches) {
    const absolute = path.resolve(projectDir, match);
    const slot = path.relative(projectDir, absolute).split(path.sep).join('/');
    if (isNeverData(match)) continue;
    const seenMs = Date.now();
    const stats = await statFile(absolute);
    if (stats !== undefined) files.push({ path: absolute, slot, stats, seenMs });
    else if (match === pattern) throw await notFound(pattern, absolute);
  }
  return files.sort((a, b) => compare(a.stats.mtimeNs, b.stats.mtimeNs) || compare(a.slot, b.slot));
}

const compare = <T extends string | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function isNeverData(match: string): boolean {
  const name = path.basename(match);
  return (name.startsWith('.') && !/^\.+$/u.test(name)) || name.startsWith('~$');
}

/** Undefined when there is no regular file. */
async function statFile(absolute: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(absolute, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(absolute, error);
  }
}

function offerOf(file: FoundFile, context: SourceContext): Offer {
  let fingerprint = fingerprintOf(file.stats, file.seenMs);
  return {
    slot: file.slot,
    name: path.basename(file.path),
    sizeBytes: Number(file.stats.size),
    modifiedAt: file.stats.mtime.toISOString(),
    fingerprint: () => fingerprint,
    open: () =>
      readSettled(file, {
        signal: context.signal,
        onOpened: (stats, openedMs) => {
          fingerprint = fingerprintOf(stats, openedMs);
        },
      }),
  };
}

/**
 * The inode, the size and both times; a program that sets back when a file was modified moves when
 * it was changed. Undefined when one of the times is less than three seconds before `seenMs`: file
 * systems keep time in steps of up to two seconds, and what is written to once more within one step
 * would look the same.
 */
function fingerprintOf(stats: BigIntStats, seenMs: number): string | undefined {
  const { ino, size, mtimeNs, ctimeNs } = stats;
  const latestMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
  return seenMs - latestMs < agedAfterMs ? undefined : `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** The content of a file that nobody writes to before, while or after it is read. */
async function* readSettled(
  file: FoundFile,
  { signal, onOpened }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const handle = await open(file.path).catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? changed(file) : unreadable(file.path, error);
  });
  try {
    const openedMs = Date.now();
    const before = await handle.stat({ bigint: true });
    onOpened(before, openedMs);
    const ageMs = Date.now() - Number(before.mtimeMs);
    if (ageMs >= 0 && ageMs < settledAfterMs) {
      await sleep(settledAfterMs - ageMs, undefined, { signal });
    }
    let length = 0;
    // One block for the whole file: blocks of a large one would pile up faster than they are freed.
    const block = Buffer.allocUnsafeSlow(blockBytes);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(block, 0, blockBytes, length);
      if (bytesRead === 0) break;
      length += bytesRead;
      yield block.subarray(0, bytesRead);
    }
    // The handle sees writes to the file it opened, the path sees that another took its place.
    const after = [await handle.stat({ bigint: true }), await statFile(file.path)];
    if (BigInt(length) !== before.size || !after.every((stats) => isSame(stats, before))) {
      throw changed(file);
    }
  } finally {
    await handle.close();
  }
}

const isSame = (stats: BigIntStats | undefined, before: BigIntStats): boolean =>
  stats !== undefined &&
  stats.ino === before.ino &&
  stats.size === before.size &&
  stats.mtimeNs === before.mtimeNs;

const changed = (file: FoundFile): PlumblineError =>
  new PlumblineError('source-changed', {
    message: `${file.slot} changed while it was read.`,
    retryable: true,
  });

const unreadable = (absolute: string, cause: unknown): PlumblineError =>
  new PlumblineError('source-unreachable', {
    message: `${absolute} cannot be read: ${codeOf(cause) ?? String(cause)}.`,
    remedy: 'Give the user that runs plumbline permission to read the file.',
    cause,
  });

async function notFound(pattern: string, absolute: string): Promise<PlumblineError> {
  const directory = path.dirname(absolute);
  const names = await readdir(directory).catch(() => undefined);
  const near = suggest(path.basename(absolute), names ?? []);
  return new PlumblineError('source-not-found', {
    message:
      names === undefined
        ? `${pattern} is not there: the folder ${directory} does not exist.`
        : `${pattern} is not there` +
          (near === undefined
            ? '.'
            : `; did you mean '${path.join(path.dirname(pattern), near)}'?`),
  });
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

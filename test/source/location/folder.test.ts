import {
  appendFile,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { folder } from '../../../src/source/location/folder.ts';
import type { Offer } from '../../../src/source/source.ts';
import { sourceContext } from '../read-rows.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-folder-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true });
});

/** Writes files that were last changed at the given minute of 2026. */
async function write(files: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, minute] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `content of ${name}`);
    const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
    await utimes(path, at, at);
  }
}

const offers = (pattern: string): Promise<Offer[]> =>
  Array.fromAsync(folder(pattern).list(sourceContext({ projectDir: dir })));

const slots = async (pattern: string): Promise<string[]> =>
  (await offers(pattern)).map((offer) => offer.slot);

async function readOffer(offer: Offer | undefined): Promise<string> {
  const parts = await Array.fromAsync(offer?.open() ?? [], (block) => Buffer.from(block));
  return Buffer.concat(parts).toString();
}

test('files are offered oldest first, then by path', async () => {
  await write({ 'data/b.csv': 3, 'data/a.csv': 3, 'data/c.csv': 1, 'data/d.txt': 0 });
  const found = await offers('data/*.csv');
  expect(found).toMatchObject([
    { slot: 'data/c.csv', name: 'c.csv', sizeBytes: 21, modifiedAt: '2026-01-01T00:01:00.000Z' },
    { slot: 'data/a.csv' },
    { slot: 'data/b.csv' },
  ]);
  expect(await readOffer(found[0])).toBe('content of data/c.csv');
});

test.each([
  ['data/**/*.csv', ['data/1/a.csv', 'data/2/deep/b.csv', 'data/c.csv']],
  ['data/{1,2}/**/*.csv', ['data/1/a.csv', 'data/2/deep/b.csv']],
  ['data/[12]/?.csv', ['data/1/a.csv']],
  ['data/1/a.csv', ['data/1/a.csv']],
  ['./data/c.csv', ['data/c.csv']],
  ['data/none-*.csv', []],
  ['none/*.csv', []],
])('%s finds %j', async (pattern, expected) => {
  await write({ 'data/1/a.csv': 1, 'data/2/deep/b.csv': 2, 'data/c.csv': 3 });
  expect(await slots(pattern)).toEqual(expected);
});

test('lock files, hidden files and folders are never data', async () => {
  await write({ 'data/~$book.xlsx': 1, 'data/.hidden.xlsx': 2, 'data/book.xlsx': 3 });
  await write({ '.plumbline/landing/x.xlsx': 4, 'data/folder.xlsx/inside.txt': 5 });
  expect(await slots('**/*.xlsx')).toEqual(['data/book.xlsx']);
});

test('a file whose name has brackets is meant as written', async () => {
  await write({ 'data/[2026] orders.csv': 1, 'data/2 orders.csv': 2 });
  expect(await slots('data/[2026] orders.csv')).toEqual(['data/[2026] orders.csv']);
});

test('an absolute path and a link lead outside the project', async () => {
  await write({ 'elsewhere/a.csv': 1 });
  await mkdir(join(dir, 'project'));
  await symlink(join(dir, 'elsewhere'), join(dir, 'project', 'data'));
  const context = sourceContext({ projectDir: join(dir, 'project') });
  const list = (pattern: string) =>
    Array.fromAsync(folder(pattern).list(context), (offer) => offer.slot);
  expect(await list(join(dir, 'elsewhere', '*.csv'))).toEqual(['../elsewhere/a.csv']);
  expect(await list('data/*.csv')).toEqual(['data/a.csv']);
});

test('a path that is not there is an error with a suggestion', async () => {
  await write({ 'data/orders.csv': 1 });
  await expect(slots('data/odrers.csv')).rejects.toMatchObject({
    code: 'source-not-found',
    message: "data/odrers.csv is not there; did you mean 'data/orders.csv'?",
  });
  await expect(slots('dta/orders.csv')).rejects.toMatchObject({
    code: 'source-not-found',
    message: expect.stringContaining('does not exist'),
  });
  expect(() => folder(' ')).toThrow(expect.objectContaining({ code: 'project-invalid' }));
});

test.each<[string, (path: string) => Promise<void>]>([
  ['is appended to', (path) => appendFile(path, 'more')],
  [
    'is replaced',
    async (path) => {
      await writeFile(`${path}.new`, 'x'.repeat(1_000_000));
      await rename(`${path}.new`, path);
    },
  ],
  ['is touched', (path) => utimes(path, new Date(), new Date())],
  ['is removed', (path) => rm(path)],
])('a file that %s while it is read has changed', async (_, change) => {
  const path = join(dir, 'a.csv');
  await writeFile(path, 'x'.repeat(1_000_000));
  await utimes(path, new Date(0), new Date(0));
  const [offer] = await offers('*.csv');
  const blocks = offer?.open()[Symbol.asyncIterator]();
  await blocks?.next();
  await change(path);
  const rest = (async () => {
    while ((await blocks?.next())?.done === false);
  })();
  await expect(rest).rejects.toMatchObject({ code: 'source-changed', retryable: true });
});

/** A clock that is `ahead` of that of the file system: files look older than they are. */
function setClockAhead(ms: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

test('a file is known again by its fingerprint until it is written to', async () => {
  setClockAhead(10_000);
  const path = join(dir, 'a.csv');
  const fingerprint = async (): Promise<string | undefined> =>
    (await offers('*.csv'))[0]?.fingerprint?.();
  const times = new Date(Date.UTC(2026, 0, 1));
  const seen = new Set<string | undefined>();
  const changes: readonly (() => Promise<void>)[] = [
    () => writeFile(path, 'one'),
    () => appendFile(path, '!'),
    // The same length, and the time of its last change set back: what `cp -p` and unzip do.
    () => writeFile(path, 'two!'),
    () => writeFile(path, 'six!'),
    async () => {
      await writeFile(`${path}.new`, 'ten!');
      await utimes(`${path}.new`, times, times);
      await rename(`${path}.new`, path);
    },
  ];
  for (const change of changes) {
    await change();
    await utimes(path, times, times);
    const found = await fingerprint();
    expect(found).toBeTypeOf('string');
    expect(await fingerprint()).toBe(found);
    seen.add(found);
  }
  expect(seen.size).toBe(changes.length);
});

test('the fingerprint is that of what was read, not of what was listed', async () => {
  setClockAhead(10_000);
  await write({ 'a.csv': 1 });
  const [offer] = await offers('*.csv');
  const listed = offer?.fingerprint?.();
  await writeFile(join(dir, 'a.csv'), 'other');
  expect(await readOffer(offer)).toBe('other');
  expect(offer?.fingerprint?.()).not.toBe(listed);
  expect(offer?.fingerprint?.()).toBe((await offers('*.csv'))[0]?.fingerprint?.());
});

test('a file that was written to just now has no fingerprint: it may be again within one step of the clock', async () => {
  await write({ 'a.csv': 1 });
  const [offer] = await offers('*.csv');
  expect(offer?.fingerprint?.()).toBeUndefined();
  await readOffer(offer);
  expect(offer?.fingerprint?.()).toBeUndefined();
});

test('a file that is gone before it is read has changed', async () => {
  await write({ 'a.csv': 1 });
  const [offer] = await offers('*.csv');
  await rm(join(dir, 'a.csv'));
  await expect(readOffer(offer)).rejects.toMatchObject({ code: 'source-changed' });
});

test('a file still being written is never taken for whole', async () => {
  const path = join(dir, 'growing.csv');
  await writeFile(path, 'first\n');
  const [offer] = await offers('*.csv');
  const writing = new AbortController();
  const writer = (async () => {
    while (!writing.signal.aborted) await appendFile(path, 'next\n');
  })();
  try {
    await expect(readOffer(offer)).rejects.toMatchObject({ code: 'source-changed' });
  } finally {
    writing.abort();
    await writer;
  }
});

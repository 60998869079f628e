import { createHash } from 'node:crypto';
import { appendFile, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createRandom } from '../helpers/random.ts';
import { createLoadingPlace, type LoadingPlace } from '../load/project.ts';
import { type LandingStep, told } from './run-scene.ts';
import { mustEqual, pointsOf, report, seed } from './sweep.ts';

const points = pointsOf({ short: 50, full: 300 });

/** A file of three blocks, as a copy reads it. */
const rowsOfFile = 24_000;
const linesOf = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${from + index},${(from + index) % 90}.25\n`).join(
    '',
  );
const first = `id,amount\n${linesOf(100_000, rowsOfFile)}`;

/** What somebody may do to a file that is being read. */
const changes = {
  append: (path: string) => appendFile(path, linesOf(500_000, 10)),
  'overwrite in place': async (path: string) => {
    const file = await open(path, 'r+');
    await file.write(linesOf(700_000, 100), 'id,amount\n'.length);
    await file.close();
  },
  'write anew': (path: string) => writeFile(path, `id,amount\n${linesOf(300_000, 50)}`),
  'put another in its place': async (path: string) => {
    await writeFile(`${path}.new`, `id,amount\n${linesOf(800_000, rowsOfFile)}`);
    await rename(`${path}.new`, path);
  },
  'take away': (path: string) => rm(path, { force: true }),
} as const;

const steps: readonly LandingStep[] = ['open', 'chunk', 'end'];

const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** Every content a file has had while nobody was writing, of all points: they share a landing. */
const versions = new Set([sha256(first)]);

/** One file, changed while it is landed; then loaded again until nothing happens to it any more. */
async function changeWhileRead(place: LoadingPlace, index: number): Promise<string> {
  const random = createRandom(seed + index * 7919);
  const source = `file${index}`;
  const path = join(place.dir, source, 'a.csv');
  await place.write(`${source}/a.csv`, first);
  const names = Object.keys(changes);
  const name = names[index % names.length] ?? '';
  const step = steps[Math.floor(index / names.length) % steps.length];
  const change = Object.entries(changes).find(([each]) => each === name)?.[1];
  // Either at a step of the reader, or some time after it began, whatever it does then.
  const byTime = index % 2 === 1;
  const changeNow = async (): Promise<void> => {
    await change?.(path);
    const content = await readFile(path).catch(() => undefined);
    if (content !== undefined) versions.add(sha256(content));
  };
  const options = csv({
    from: folder(`${source}/*.csv`),
    columns: { id: column.integer(), amount: column.decimal(9, 2) },
    controlTotals: ['amount'],
  });
  let seen = 0;
  const at = Math.floor(random() * 3);
  const reading = place.load(
    source,
    told(options, async (each) => {
      if (byTime || each !== step || (each === 'chunk' && seen++ !== at)) return;
      await changeNow();
    }),
  );
  if (byTime) {
    await wait(random() * 300);
    await changeNow();
  }
  const result = await reading;
  const where = `${name}, ${byTime ? 'by time' : step}`;
  for (const error of result.errors) {
    mustEqual(where, ['source-changed', 'source-not-found'].includes(error.code), true);
  }
  await place.load(source, options);
  for (const copy of await landed(place)) {
    // Only what was whole at some moment is ever kept. Parts are those of others, at work on theirs.
    mustEqual(where, copy.endsWith('.part') || versions.has(copy), true);
  }
  const content =
    (await readFile(path, 'utf8').catch(() => undefined)) ?? firstIfLoaded(result.rows.read);
  mustEqual(where, await contentOf(place, source), content);
  return name;
}

/** A file that went away before it was read whole leaves nothing; else what was read is held. */
const firstIfLoaded = (read: number): string => (read === 0 ? 'id,amount\n' : first);

const landed = (place: LoadingPlace): Promise<string[]> =>
  readdir(join(place.dir, '.plumbline/landing')).catch(() => []);

/** The rows that hold, as they stand in a file. */
async function contentOf(place: LoadingPlace, source: string): Promise<string> {
  const rows = await place.query<{ line: string }>(
    `select id || ',' || amount as line from raw.${source} where _superseded_by is null order by _row_number`,
  );
  return ['id,amount', ...rows.map((row) => row.line), ''].join('\n');
}

test('a file written to, overwritten or replaced while it is read is loaded whole, as it was or as it is', async () => {
  const started = performance.now();
  const place = await createLoadingPlace();
  const places: Record<string, number> = {};
  const left = Array.from({ length: points }, (_, index) => index);
  let parts: readonly string[] = [];
  let failure: { index: number; error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      if (failure !== undefined) return;
      try {
        const name = await changeWhileRead(place, index);
        places[name] = (places[name] ?? 0) + 1;
      } catch (error) {
        failure = { index, error };
      }
    }
  };
  try {
    // Nearly all of it is waiting until a file has settled, which changes nothing for the others.
    await Promise.all(Array.from({ length: 4 }, work));
    parts = (await landed(place)).filter((name) => name.endsWith('.part'));
  } finally {
    await place.end();
  }
  await report({
    fault: 'file changed while read',
    points: points - left.length,
    seed,
    found: failure === undefined ? 0 : 1,
    seconds: Math.round((performance.now() - started) / 1000),
    places,
  });
  if (failure !== undefined) {
    throw new Error(
      `point ${failure.index} failed; run it again with\n  SEED=${seed} FAULTS=${failure.index + 1} npx vitest run test/faults/changing-file.test.ts\n${String(failure.error)}`,
      { cause: failure.error },
    );
  }
  expect(parts).toEqual([]);
}, 3_600_000);

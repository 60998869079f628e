import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { RecordChunk, Source } from '../../src/source/source.ts';
import { createPostgresProxy, type Verdict } from '../helpers/postgres-proxy.ts';
import { createLoadingPlace, type LoadingPlace } from '../load/project.ts';
import { runScene } from './run-scene.ts';
import { days } from './scene-sources.ts';
import { createScene, type OwnGround, type Scene } from './scene.ts';
import { mustEqual } from './sweep.ts';

let scene: Scene;
let ground: OwnGround;
let place: LoadingPlace;

beforeAll(async () => {
  scene = await createScene();
  ground = await scene.begin();
});
afterAll(async () => {
  await ground.remove();
  await scene.remove();
});
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

/** What is read of a landed delivery goes through `change`, chunk by chunk. */
const withChunks =
  (change: (chunks: AsyncIterable<RecordChunk>) => AsyncIterable<RecordChunk>) =>
  (source: Source): Source => ({
    ...source,
    read: async (landed, context) => {
      const stream = await source.read(landed, context);
      return { ...stream, chunks: change(stream.chunks) };
    },
  });

const breaking = withChunks(async function* (chunks) {
  yield* chunks;
  throw new Error('the disk went away');
});

test('a source that breaks off in the middle of a COPY loads nothing of the part that arrived', async () => {
  for (const day of days) {
    const broken = await runScene(ground.at(), { change: breaking });
    expect(broken.errors.length).toBeGreaterThan(0);
    expect(broken.errors.map((error) => error.message)).toEqual(
      broken.errors.map(() => 'the disk went away'),
    );
    expect(await ground.strayRows()).toEqual([]);
    await ground.settle();
    expect(await ground.totals()).toEqual(scene.day(day).expected);
    await ground.nextDay();
  }
});

/**
 * Measured on PostgreSQL 17: neither `statement_timeout` nor `transaction_timeout` ends a COPY that
 * waits for its next message, and until it ends no database of the server can be dropped. A peer that
 * is gone is noticed by the keepalives; one that hangs is ended by an administrator.
 */
test('a COPY that stalls is ended with its backend: nothing of it is kept, and the run goes on', async () => {
  const proxy = await createPostgresProxy(inject('postgresUrl'));
  let stalled = false;
  proxy.watch(async ({ from, type, phase, backend }): Promise<Verdict> => {
    if (stalled || from !== 'client' || type !== 'd' || phase !== 'staging') return 'pass';
    stalled = true;
    const [ended] = await ground.query<{ ended: boolean }>(
      'select pg_terminate_backend($1, 60000) as ended',
      [backend],
    );
    expect(ended).toEqual({ ended: true });
    expect(await ground.strayRows()).toEqual([]);
    return 'pass';
  });
  try {
    const result = await runScene(ground.at(proxy.address), { release: false });
    expect({ errors: result.errors, stalled }).toEqual({ errors: [], stalled: true });
    await ground.settle();
    expect(await ground.totals()).toEqual(scene.day(ground.day()).expected);
  } finally {
    await proxy.close();
  }
});

test('no statement of a load is one that loses rows or outlives a transaction', () => {
  const statements = days.flatMap((day) => scene.day(day).steps.map((step) => step.statement));
  const banned: readonly (readonly [RegExp, string])[] = [
    [/\bunlogged\b/i, 'is empty after a crash'],
    [/\btruncate\b/i, 'shows a repeatable-read reader nothing'],
    [/on_error|log_verbosity/i, 'drops rows with a notice'],
    [/^\s*merge\b/i, 'inserts both of two alike'],
    [/into raw\.[\s\S]*on conflict/i, 'drops duplicates without a word'],
    [/pg_(try_)?advisory_lock/i, 'belongs to a session, which a pooler hands to another'],
    [/^\s*listen\b|prepare transaction/i, 'outlives the connection'],
  ];
  expect(statements.length).toBeGreaterThan(1_000);
  for (const [pattern, why] of banned) {
    mustEqual(
      why,
      statements.filter((sql) => pattern.test(sql)),
      [],
    );
  }
});

test('a connection that vanished without a word is noticed by Postgres within two minutes', async () => {
  // Over TCP this is what the socket has, not what was asked for.
  const client = await place.warehouse.connect('loader');
  try {
    const { rows } = await client.query<{ seconds: string }>(
      `select current_setting('tcp_keepalives_idle')::int + current_setting('tcp_keepalives_interval')::int * current_setting('tcp_keepalives_count')::int as seconds`,
    );
    expect(Number(rows[0]?.seconds)).toBeLessThanOrEqual(120);
    expect(Number(rows[0]?.seconds)).toBeGreaterThan(0);
  } finally {
    await client.end();
  }
});

test('a key that is empty is rejected, so that two of them cannot both be held', async () => {
  const source = csv({
    from: folder('data/*.csv'),
    columns: { shop: column.text(), till: column.integer(), amount: column.decimal(9, 2) },
    key: ['shop', 'till'],
    controlTotals: ['amount'],
  });
  await place.write('data/a.csv', 'shop,till,amount\nA,1,1.50\n,2,2.50\n,2,2.50\nB,,3.50\n');
  const result = await place.load('tills', source);
  expect(result).toMatchObject({
    balanced: true,
    rows: { read: 4, inserted: 1, duplicate: 0, rejected: 3 },
  });
  expect(await place.query('select codes from plumbline.reject order by row_number')).toEqual([
    { codes: ['missing-cell'] },
    { codes: ['missing-cell'] },
    { codes: ['missing-cell'] },
  ]);
});

import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { loadSource } from '../../src/load/load-source.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import { createCuttingProxy } from '../helpers/cutting-proxy.ts';
import { createRandom } from '../helpers/random.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const columns = {
  id: column.integer(),
  client: column.text({ required: true }),
  amount: column.decimal(12, 2, { decimalMark: '.' }),
};
const keyed = (): Source =>
  csv({ from: folder('data/*.csv'), columns, key: ['id'], controlTotals: ['amount'] });
const unkeyed = (): Source =>
  csv({ from: folder('data/*.csv'), columns, controlTotals: ['amount'] });

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

/** Three files, of which the second repeats keys of the first with other amounts. */
async function writeFiles(rows: number): Promise<void> {
  for (const [file, from] of [
    ['a', 0],
    ['b', rows / 2],
    ['c', rows * 2],
  ] as const) {
    const lines = Array.from(
      { length: rows },
      (_, index) =>
        `${from + index},Client ${index % 7},${file === 'b' ? 2 : 1}.${String(index % 100).padStart(2, '0')}`,
    );
    lines[3] = 'broken,row,x';
    await place.write(`data/${file}.csv`, `id,client,amount\n${lines.join('\n')}\n`);
  }
}

/** Everything that must be the same whatever happened on the way. */
const state = (relation: string) =>
  place.query(
    `select (select count(*) from raw.${relation} where _superseded_by is null) as current,
            (select sum(amount) from raw.${relation} where _superseded_by is null) as amount,
            (select md5(string_agg(id || client || amount, ',' order by id, amount)) from raw.${relation} where _superseded_by is null) as content,
            (select count(*) from raw.${relation}) as kept,
            (select count(*) from plumbline.reject) as rejects,
            (select jsonb_agg(jsonb_build_array(d.slot, b.state, b.read, b.inserted, b.changed, b.rejected) order by d.slot)
               from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id where b.source = $1 and b.state = 'loaded') as batches`,
    [relation],
  );

const reset = (relation: string) =>
  place.query(
    `drop table if exists raw.${relation}; truncate plumbline.batch, plumbline.delivery, plumbline.reject, plumbline.segment, plumbline.cursor cascade`,
  );

/** Terminates up to three backends that are loading, as soon as it sees them. */
async function startKiller(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const stopped = new AbortController();
  let terminated = 0;
  const hunt = (async () => {
    while (!stopped.signal.aborted && terminated < 3) {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query ilike any ('{copy%,%stage%}') and xact_start is not null`,
      );
      terminated += rowCount ?? 0;
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await hunt;
      await client.end();
      return terminated;
    },
  };
}

const contextOf = (dir: string) => ({
  projectDir: dir,
  env: () => undefined,
  zone: 'UTC',
  now: () => '2026-06-30T04:00:00Z',
  signal: new AbortController().signal,
});

test.each([
  ['keyed', keyed],
  ['unkeyed', unkeyed],
])(
  'a connection cut at any byte leaves the totals of an undisturbed run (%s)',
  async (name, source) => {
    await writeFiles(300);
    const direct = new URL(place.url);
    const proxy = await createCuttingProxy({ host: direct.hostname, port: Number(direct.port) });
    const proxied = new URL(place.url);
    proxied.port = String(proxy.port);
    const warehouse = await openWarehouse({ projectDir: place.dir, url: proxied.href });
    const load = () =>
      loadSource({
        name,
        source: source(),
        warehouse,
        landingDir: `${place.dir}/landing`,
        context: contextOf(place.dir),
      });
    try {
      proxy.cutAfter(Infinity);
      await load();
      const undisturbed = await state(name);
      const bytes = proxy.passed();
      const random = createRandom(seed);
      for (let point = 0; point < 25; point += 1) {
        await reset(name);
        const at = 1 + Math.floor(random() * bytes);
        proxy.cutAfter(at);
        await load();
        proxy.cutAfter(Infinity);
        await load();
        expect(
          await state(name),
          `SEED=${seed}, point ${point}, cut after ${at} of ${bytes} bytes`,
        ).toEqual(undisturbed);
      }
    } finally {
      await warehouse.close();
      await proxy.close();
    }
  },
);

test('terminated backends are tried again and nothing is loaded twice', async () => {
  await writeFiles(20_000);
  await place.load('keyed', keyed());
  const undisturbed = await state('keyed');
  await reset('keyed');
  const killer = await startKiller(place.url);
  await place.load('keyed', keyed());
  const terminated = await killer.stop();
  await place.load('keyed', keyed());
  expect(terminated).toBeGreaterThan(0);
  expect(await state('keyed')).toEqual(undisturbed);
});

test('eight loaders at once load every delivery once', async () => {
  await writeFiles(500);
  await place.load('keyed', keyed());
  const undisturbed = await state('keyed');
  await reset('keyed');
  const results = await Promise.all(Array.from({ length: 8 }, () => place.load('keyed', keyed())));
  expect(results.flatMap((result) => result.errors)).toEqual([]);
  expect(await state('keyed')).toEqual(undisturbed);
});

test('a source that fails in the middle loads nothing of the part that arrived', async () => {
  await writeFiles(500);
  const good = unkeyed();
  let fail = true;
  const failing: Source = {
    ...good,
    read: async (landed, context) => {
      const stream = await good.read(landed, context);
      return {
        ...stream,
        chunks: (async function* () {
          yield* stream.chunks;
          if (fail) throw new Error('the disk went away');
        })(),
      };
    },
  };
  const broken = await place.load('unkeyed', failing);
  expect(broken).toMatchObject({ balanced: false, rows: { read: 0 } });
  expect(await place.query('select from raw.unkeyed')).toEqual([]);
  fail = false;
  expect(await place.load('unkeyed', failing)).toMatchObject({
    balanced: true,
    rows: { read: 1500, inserted: 1497, rejected: 3 },
  });
});

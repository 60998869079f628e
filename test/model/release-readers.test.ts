import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Model } from '../../src/model/model.ts';
import { parseCheckFile } from '../../src/model/parse-check-file.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { parseProcedure } from '../../src/model/parse-procedure.ts';
import { runRelease } from '../../src/model/release.ts';
import type { ReleaseOptions } from '../../src/model/release.ts';
import { connectClient } from '../../src/warehouse/connections.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { createRawTable } from '../helpers/raw-table.ts';
import type { RawTable } from '../helpers/raw-table.ts';

let database: TestDatabase;
let client: pg.Client;
let gatekeeper: pg.Client;
let orders: RawTable;
const clients: pg.Client[] = [];

async function connect(role: 'owner' | 'reader'): Promise<pg.Client> {
  const connected = await database.warehouse.connect(role);
  clients.push(connected);
  return connected;
}

beforeEach(async () => {
  database = await createDatabase();
  client = await connect('owner');
  gatekeeper = await connectClient({ connectionString: database.url }, 'the test server');
  clients.push(gatekeeper);
  orders = await createRawTable(client, 'orders', { id: 'bigint', client: 'text', amount: 'int' });
  await orders.load(Array.from({ length: 300 }, (_, id) => [id, `c${id % 7}`, 1]));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.end().catch(() => undefined)));
  await database.drop();
});

/** One model of each kind, each on the one before, so that a change of one reaches those after it. */
const forms = [
  ['keyed', 'materialize: materialized view\nkey: client', 'clean.orders'],
  ['plain', 'materialize: view', 'marts.keyed'],
  ['stored', 'materialize: table', 'marts.plain'],
  ['keyless', 'materialize: materialized view', 'marts.stored'],
] as const;

function project(change?: { readonly relation: string; readonly column: string }): Model[] {
  return forms.map(([relation, frontMatter, from]) => {
    const amount = from === 'clean.orders' ? 'sum(amount)::int' : 'amount';
    const group = from === 'clean.orders' ? 'group by client' : '';
    const more = change?.relation === relation ? `, ${change.column} as more` : '';
    return parseModel(
      `/*---\n${frontMatter}\n---*/ select client, ${amount} as amount${more} from ${from} ${group}`,
      { file: `models/marts/${relation}.sql`, schema: 'marts', relation },
    );
  });
}

const release = (models: readonly Model[], more: Partial<ReleaseOptions> = {}) =>
  runRelease({
    client,
    models,
    procedures: [],
    checks: [],
    sources: ['orders'],
    now: () => '2026-11-02T06:00:00.000Z',
    ...more,
  });

/** The sum in the source and in each model, as one statement sees them. */
const sums = `select ${['clean.orders', ...forms.map(([relation]) => `marts.${relation}`)]
  .map((relation) => `(select sum(amount) from ${relation})`)
  .join(', ')}`;

async function readSums(reader: pg.Client): Promise<readonly unknown[]> {
  const { rows } = await reader.query<unknown[]>({ text: sums, rowMode: 'array' });
  return rows[0] ?? [];
}
const all = (sum: string) => Array.from({ length: forms.length + 1 }, () => sum);

/** A check that waits until the gate is opened: everything is built and nothing is published. */
const gate = parseCheckFile(
  `select * from (select pg_advisory_xact_lock_shared(42)::text as opened offset 0) q where opened = 'never'`,
  { file: 'checks/gate.sql', name: 'gate' },
);
const closeGate = () => gatekeeper.query('select pg_advisory_lock(42)');
const openGate = () => gatekeeper.query('select pg_advisory_unlock(42)');

/** Asks until a session waits for the gate, or for a lock on a relation. */
async function untilWaiting(locktype: 'advisory' | 'relation'): Promise<string> {
  for (;;) {
    const { rows } = await gatekeeper.query<{ pid: string }>(
      'select pid::text from pg_locks where not granted and locktype = $1',
      [locktype],
    );
    const [waiting] = rows;
    if (waiting !== undefined) return waiting.pid;
  }
}

const changes = [undefined, ...forms.map(([relation]) => ({ relation, column: "'new'::text" }))];

describe('while a release is made', () => {
  test.each(changes)('readers go on seeing the one before, whole: change of %j', async (change) => {
    await release(project());
    await orders.load([[1000, 'new', 50]]);
    await closeGate();
    const reader = await connect('reader');
    // A reader that has to wait fails here, and so does the test.
    await reader.query("set statement_timeout = '5s'");
    const running = release(project(change), { checks: [gate] });
    await untilWaiting('advisory');
    expect(await readSums(reader)).toEqual(all('300'));
    await openGate();
    expect((await running).released).toBe(true);
    expect(await readSums(reader)).toEqual(all('350'));
  });

  test.each(forms.map(([relation]) => relation))('and after %s failed', async (relation) => {
    await release(project());
    await orders.load([[1000, 'new', 50]]);
    const reader = await connect('reader');
    const change = { relation, column: `1 / (ascii(client) - ascii(client))` };
    const held = await release(project(change));
    expect(held.error?.message).toContain('division by zero');
    expect(await readSums(reader)).toEqual(all('300'));
    expect((await release(project())).released).toBe(true);
    expect(await readSums(reader)).toEqual(all('350'));
  });

  test('no reader ever sees half of it', async () => {
    await release(project());
    const readers = [await connect('reader'), await connect('reader')];
    const finished = new AbortController();
    const seen = readers.map(async (reader) => {
      const found: (readonly unknown[])[] = [];
      while (!finished.signal.aborted) found.push(await readSums(reader));
      return found;
    });
    try {
      for (const [round, change] of [...changes, ...changes].entries()) {
        await orders.load([[1000 + round, 'new', 1]]);
        const result = await release(project(change));
        expect(result).toMatchObject({ released: true });
      }
    } finally {
      finished.abort();
    }
    const found = (await Promise.all(seen)).flat();
    expect(found.length).toBeGreaterThan(2);
    for (const row of found) expect(new Set(row).size).toBe(1);
  });

  test('a long query holds back the exchange of what it reads, and no other reader', async () => {
    await release(project());
    const long = await connect('reader');
    await long.query('begin');
    await readSums(long);
    const running = release(project({ relation: 'keyed', column: '1' }));
    await untilWaiting('relation');
    const other = await connect('reader');
    await other.query("set statement_timeout = '5s'");
    expect(await readSums(other)).toEqual(all('300'));
    await long.query('commit');
    expect((await running).released).toBe(true);
  });
});

describe('faults', () => {
  test('the connection is ended in the middle: the release before serves, the next one completes', async () => {
    await release(project());
    await orders.load([[1000, 'new', 50]]);
    await closeGate();
    const doomed = await connect('owner');
    const running = release(project({ relation: 'keyed', column: '1' }), {
      client: doomed,
      checks: [gate],
    });
    const kill = async () =>
      gatekeeper.query('select pg_terminate_backend($1)', [await untilWaiting('advisory')]);
    await Promise.all([
      expect(running).rejects.toMatchObject({
        code: 'warehouse-unreachable',
        retryable: true,
      }),
      kill(),
    ]);
    await openGate();
    const reader = await connect('reader');
    expect(await readSums(reader)).toEqual(all('300'));
    expect((await release(project())).released).toBe(true);
    expect(await readSums(reader)).toEqual(all('350'));
  });

  test('a timeout in the middle holds the release; the one before serves', async () => {
    await release(project());
    await orders.load([[1000, 'new', 50]]);
    await closeGate();
    await client.query("set statement_timeout = '300ms'");
    const held = await release(project(), { checks: [gate] });
    expect(held.error?.message).toContain('statement timeout');
    const reader = await connect('reader');
    expect(await readSums(reader)).toEqual(all('300'));
  });

  const unlucky = (times: number) =>
    parseProcedure(
      `/*---
reads: [clean.orders]
writes: [marts.nothing]
---*/
create procedure marts.unlucky() language plpgsql as $$
begin
  -- A sequence does not go back with the transaction: it counts the attempts.
  if nextval('private.attempts') <= ${times} then
    raise exception 'not now' using errcode = 'serialization_failure';
  end if;
end $$`,
      { file: 'procedures/unlucky.sql', name: 'unlucky' },
    );

  test('a serialization failure is tried again, three times in all', async () => {
    await client.query('create schema private; create sequence private.attempts');
    expect(await release(project(), { procedures: [unlucky(2)] })).toMatchObject({
      released: true,
      models: [{}, {}, {}, {}],
      procedures: [{ called: true }],
    });
    await client.query("select setval('private.attempts', 1, false)");
    const failing = release(project(), { procedures: [unlucky(3)] });
    await expect(failing).rejects.toThrow('not now');
  });

  test('two releases at once queue, and the second has nothing left to do', async () => {
    const other = await connect('owner');
    const [one, two] = await Promise.all([
      release(project()),
      release(project(), { client: other }),
    ]);
    expect(one.release).toEqual(two.release);
    const refreshed = [one, two].map(
      (each) => each.models.filter((model) => model.refreshed).length,
    );
    expect(new Set(refreshed)).toEqual(new Set([0, 4]));
  });
});

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { replaySource } from '../../src/load/replay-source.ts';
import type { ReplayOptions } from '../../src/load/replay-source.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const payments = (date = column.date(), rejected?: { max: number }): Source => ({
  ...csv({
    from: folder('data/*.csv'),
    columns: { id: column.integer(), paid_on: date },
    key: ['id'],
    ...(rejected === undefined ? {} : { rejected }),
  }),
});
const european = column.date({ format: 'd.M.yyyy', missing: ['2026-01-01', '2026-01-02'] });

/** Nothing may be asked of the source. */
const unreachable = (source: Source): Source => ({
  ...source,
  discover: () => {
    throw new Error('the source is unreachable');
  },
});

const replay = (source: Source, deliveries: ReplayOptions['deliveries'] = 'rejected') =>
  replaySource({ ...place.loading('payments', unreachable(source)), deliveries });

test('nothing changed: the same rows are rejected, and nothing is written to the table', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-01\n2,x\n');
  await place.write('data/b.csv', 'id,paid_on\n3,2026-01-01\n');
  await place.load('payments', payments());
  const { source, deliveries } = await replay(payments());
  expect(source).toMatchObject({ balanced: true, deliveries: 1 });
  expect(deliveries).toMatchObject([
    {
      name: 'a.csv',
      before: { read: 2, loaded: 1, rejected: 1, codes: { 'type-error': 1 } },
      after: { read: 2, loaded: 1, rejected: 1, codes: { 'type-error': 1 } },
      accepted: 0,
      newlyRejected: 0,
      changes: { added: 0, changed: 0, removed: 0 },
    },
  ]);
  expect(await place.query('select distinct _batch_id from raw.payments')).toHaveLength(2);
  expect(await place.query('select from plumbline.reject')).toHaveLength(2);
});

test('after a fix of the contract: exact counts of what was and what is', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-01\n2,3.1.2026\n3,x\n');
  await place.load('payments', payments());
  const { deliveries } = await replay(payments(european));
  expect(deliveries).toMatchObject([
    {
      before: { loaded: 1, rejected: 2, codes: { 'ambiguous-date': 1, 'type-error': 1 } },
      after: { loaded: 2, rejected: 1, codes: { 'type-error': 1 } },
      accepted: 1,
      newlyRejected: 0,
      changes: { added: 1, changed: 1, removed: 0 },
    },
  ]);
});

test('a delivery that was refused whole is loaded once it is tolerated', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-01\n2,x\n');
  await place.load('payments', payments(column.date(), { max: 0 }));
  const again = await replay(payments(column.date(), { max: 0 }));
  expect(again.deliveries).toMatchObject([
    {
      before: { state: 'rejected', read: 2, loaded: 0 },
      after: { state: 'rejected' },
      accepted: 0,
      changes: null,
    },
  ]);
  const { deliveries } = await replay(payments(column.date(), { max: 1 }));
  expect(deliveries).toMatchObject([
    {
      before: { state: 'rejected' },
      after: { state: 'loaded', loaded: 1, rejected: 1, error: null },
      accepted: 1,
      changes: { added: 1, changed: 0, removed: 0 },
    },
  ]);
});

test('one delivery by number, path or name; a replaced one or a copy is refused with the one that counts', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-01\n');
  await place.load('payments', payments());
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-02\n');
  await place.write('data/copy.csv', 'id,paid_on\n1,2026-01-02\n');
  await place.load('payments', payments());
  for (const delivery of ['2', 'data/a.csv', 'a.csv']) {
    const { deliveries } = await replay(payments(), { delivery });
    expect(deliveries).toMatchObject([
      { deliveryId: 2, changes: { added: 0, changed: 0, removed: 0 } },
    ]);
  }
  await expect(replay(payments(), { delivery: '1' })).rejects.toThrow('was replaced by delivery 2');
  await expect(replay(payments(), { delivery: 'copy.csv' })).rejects.toThrow(
    'is a copy of delivery 2',
  );
});

test('a copy that is gone is named, and the rows stay', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-01\n2,x\n');
  await place.load('payments', payments());
  const landing = join(place.dir, '.plumbline', 'landing');
  for (const name of await readdir(landing)) await rm(join(landing, name));
  const { source, deliveries } = await replay(payments());
  expect(source).toMatchObject({ balanced: false, errors: [{ code: 'landing-missing' }] });
  expect(deliveries).toMatchObject([
    { after: { state: 'rejected', error: { code: 'landing-missing' } } },
  ]);
  expect(await place.query('select from raw.payments where _superseded_by is null')).toHaveLength(
    1,
  );
});

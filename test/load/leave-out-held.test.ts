import { afterEach, beforeEach, expect, test } from 'vitest';

import { leaveOutHeld } from '../../src/load/leave-out-held.ts';
import { createLoaderSession } from '../../src/load/loader-session.ts';
import type { Offer } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const offerOf = (slot: string, fingerprint: string | undefined): Offer => ({
  slot,
  name: slot,
  sizeBytes: undefined,
  modifiedAt: undefined,
  fingerprint: () => fingerprint,
  open: () => {
    throw new Error('nobody opens it');
  },
});

/** A delivery of a slot with the states of its batches, oldest first. */
async function deliver(
  slot: string,
  {
    generation = 1,
    states,
    copy = false,
  }: { generation?: number; states: string[]; copy?: boolean },
): Promise<void> {
  await place.query(
    `with d as (
       insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name, fingerprint, duplicate_of)
       values ('orders', $1, $2, encode(sha256(convert_to($5, 'UTF8')), 'hex'), 1, $1, $5,
               case when $4 then (select min(id) from plumbline.delivery) end)
       returning id)
     insert into plumbline.batch (delivery_id, source, state) select d.id, 'orders', state from d, unnest($3::text[]) as state`,
    [slot, generation, states, copy, `${slot}@${generation}`],
  );
}

/** Slots that are passed on, how often the database was asked, and what was listed by then. */
async function pass(offers: readonly Offer[]) {
  const session = createLoaderSession(place.warehouse);
  let asked = 0;
  const counted: typeof session = {
    ...session,
    retry: (work) => {
      asked += 1;
      return session.retry(work);
    },
  };
  let listed = 0;
  async function* list(): AsyncGenerator<Offer> {
    for (const offer of offers) {
      listed += 1;
      yield offer;
    }
  }
  const passed: string[] = [];
  const listedBy: number[] = [];
  for await (const { slot } of leaveOutHeld(list(), { source: 'orders', session: counted })) {
    passed.push(slot);
    listedBy.push(listed);
  }
  await session.end();
  return { passed, asked, listedBy };
}

test('what is held as it is, and only that, is left out', async () => {
  await deliver('held', { states: ['loaded'] });
  await deliver('read again', { states: ['superseded', 'loaded', 'rejected'] });
  await deliver('given up', { states: ['loaded', 'superseded'] });
  await deliver('refused', { states: ['rejected'] });
  await deliver('waits', { states: ['landed'] });
  await deliver('other content', { states: ['loaded'] });
  await deliver('before the newest', { states: ['superseded'] });
  await deliver('before the newest', { generation: 2, states: ['loaded'] });
  await deliver('a copy', { states: [], copy: true });
  const offers = [
    ...['held', 'read again', 'given up', 'refused', 'waits', 'before the newest', 'a copy'].map(
      (slot) => offerOf(slot, `${slot}@1`),
    ),
    offerOf('other content', 'other content@2'),
    offerOf('new', 'new@1'),
  ];
  expect((await pass(offers)).passed).toEqual([
    'refused',
    'waits',
    'before the newest',
    'a copy',
    'other content',
    'new',
  ]);
});

test('what was loaded for another source is not held for this one', async () => {
  await deliver('held', { states: ['loaded'] });
  await place.query(`update plumbline.delivery set source = 'payments'`);
  expect((await pass([offerOf('held', 'held@1')])).passed).toEqual(['held']);
});

test('the database is asked once for a thousand', async () => {
  const offers = Array.from({ length: 2001 }, (_, index) => offerOf(String(index), 'x'));
  const { passed, asked } = await pass(offers);
  expect(passed).toEqual(offers.map(({ slot }) => slot));
  expect(asked).toBe(3);
});

test('nothing is asked for ahead of an offer without a fingerprint, and the order stays', async () => {
  const offers = [offerOf('a', 'x'), offerOf('b', undefined), offerOf('c', undefined)];
  expect(await pass(offers)).toEqual({ passed: ['a', 'b', 'c'], asked: 1, listedBy: [2, 2, 3] });
});

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import type { Location } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

/** A place that says what lies there and counts how often it had to give it. */
interface CountingPlace extends Location {
  opened: number;
  put(slot: string, content: string, fingerprint: string | undefined): void;
}

function createCountingPlace(): CountingPlace {
  const files = new Map<string, { content: string; fingerprint: string | undefined }>();
  const place: CountingPlace = {
    kind: 'test',
    description: 'a place of the test',
    opened: 0,
    put: (slot, content, fingerprint) => void files.set(slot, { content, fingerprint }),
    list: async function* list() {
      for (const [slot, { content, fingerprint }] of files) {
        yield {
          slot,
          name: slot,
          sizeBytes: undefined,
          modifiedAt: undefined,
          fingerprint: () => fingerprint,
          open: async function* open() {
            place.opened += 1;
            yield Buffer.from(content);
          },
        };
      }
    },
  };
  return place;
}

let loading: LoadingPlace;
beforeEach(async () => {
  loading = await createLoadingPlace();
});
afterEach(() => loading.end());

const columns = { id: column.integer({ required: true }), name: column.text() };
const one = 'id,name\n1,one\n';
const two = 'id,name\n1,two\n';

async function begin() {
  const from = createCountingPlace();
  const source = csv({ from, columns, key: ['id'] });
  return {
    from,
    /** How often the run opened something, and what it did. */
    run: async () => {
      const before = from.opened;
      const result = await loading.load('orders', source);
      return { ...result, opened: from.opened - before };
    },
    names: async (): Promise<string[]> => {
      const rows = await loading.query<{ name: string }>(
        'select name from raw.orders where _superseded_by is null order by id',
      );
      return rows.map(({ name }) => name);
    },
  };
}

test('what has not changed is not fetched again', async () => {
  const { from, run, names } = await begin();
  from.put('a.csv', one, 'first');
  expect(await run()).toMatchObject({ opened: 1, deliveries: 1 });
  expect(await run()).toMatchObject({ opened: 0, deliveries: 0, balanced: true });
  from.put('a.csv', two, 'second');
  expect(await run()).toMatchObject({ opened: 1, deliveries: 1, rows: { changed: 1 } });
  expect(await run()).toMatchObject({ opened: 0, deliveries: 0 });
  expect(await names()).toEqual(['two']);
});

test('A, B, A: the fingerprint of a version before the newest says nothing', async () => {
  const { from, run, names } = await begin();
  for (const [content, fingerprint] of [
    [one, 'a'],
    [two, 'b'],
    [one, 'a'],
  ] as const) {
    from.put('a.csv', content, fingerprint);
    expect(await run()).toMatchObject({ opened: 1, deliveries: 1, balanced: true });
  }
  expect(await names()).toEqual(['one']);
});

test('the same content under another fingerprint is fetched once, and known from then on', async () => {
  const { from, run } = await begin();
  from.put('a.csv', one, 'first');
  await run();
  from.put('a.csv', one, 'touched');
  expect(await run()).toMatchObject({ opened: 1, deliveries: 0 });
  expect(await run()).toMatchObject({ opened: 0, deliveries: 0 });
});

test('a place that cannot promise is read each time', async () => {
  const { from, run } = await begin();
  from.put('a.csv', one, undefined);
  expect(await run()).toMatchObject({ opened: 1, deliveries: 1 });
  expect(await run()).toMatchObject({ opened: 1, deliveries: 0 });
  from.put('a.csv', one, 'known');
  await run();
  // Written to a moment ago: what was known of it holds no longer.
  from.put('a.csv', one, undefined);
  await run();
  from.put('a.csv', two, 'known');
  expect(await run()).toMatchObject({ opened: 1, deliveries: 1 });
});

test('a delivery whose copy is gone is fetched again', async () => {
  const { from, run } = await begin();
  from.put('a.csv', one, 'first');
  await run();
  await rm(join(loading.dir, '.plumbline', 'landing'), { recursive: true });
  expect(await run()).toMatchObject({ opened: 1, deliveries: 0, balanced: true });
  expect(await run()).toMatchObject({ opened: 0 });
});

test('a copy under another name is said each time, and fetched once', async () => {
  const { from, run } = await begin();
  from.put('a.csv', one, 'first');
  from.put('b.csv', one, 'first');
  expect(await run()).toMatchObject({ opened: 2, deliveries: 1, duplicateFiles: 1 });
  expect(await run()).toMatchObject({ opened: 0, deliveries: 0, duplicateFiles: 1 });
});

test('what is refused is refused each time, and fetched once', async () => {
  const { from, run } = await begin();
  from.put('a.csv', 'id\n1\n', 'first');
  expect(await run()).toMatchObject({ opened: 1, errors: [{ code: 'missing-label' }] });
  expect(await run()).toMatchObject({ opened: 0, errors: [{ code: 'missing-label' }] });
});

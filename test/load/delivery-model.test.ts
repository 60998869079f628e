import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { Transform } from '../../src/contract/contract.ts';
import { replaySource } from '../../src/load/replay-source.ts';
import { runRelease } from '../../src/model/release.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Offer, Source } from '../../src/source/source.ts';
import { createOracle } from './delivery-oracle.ts';
import type { ModelContract, ModelKey, ModelRow } from './delivery-oracle.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

/**
 * Random histories of deliveries against a naive oracle. `MODEL_RUNS=2000` runs longer; a failure
 * prints its seed and path, and `MODEL_SEED=… MODEL_PATH=…` runs it again.
 */
const runs = Number(process.env['MODEL_RUNS'] ?? 1_000);
const given = process.env['MODEL_SEED'] ?? process.env['SEED'];
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const longestMs = process.env['MODEL_RUNS'] === undefined ? 35_000 : 6 * 3_600_000;

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

type Step =
  | { readonly kind: 'deliver'; readonly slot: number; readonly content: number }
  | { readonly kind: 'remove'; readonly slot: number }
  | { readonly kind: 'contract'; readonly contract: ModelContract; readonly replayed: boolean };

interface History {
  readonly key: ModelKey;
  readonly contents: readonly (readonly ModelRow[])[];
  readonly steps: readonly Step[];
}

const row = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  value: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('1', '2', '3') }, fc.constant('x')),
});
const history: fc.Arbitrary<History> = fc.record({
  key: fc.oneof(
    { weight: 4, arbitrary: fc.constant<ModelKey>('reject') },
    fc.constant<ModelKey>('last-wins'),
    fc.constant<ModelKey>('none'),
  ),
  contents: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 5, maxLength: 5 }),
  steps: fc.array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('deliver'),
          slot: fc.integer({ min: 0, max: 3 }),
          content: fc.integer({ min: 0, max: 4 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('remove'), slot: fc.integer({ min: 0, max: 3 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('contract'),
          contract: fc.record({
            x: fc.constantFrom('reject', 'null', 'nine', 'text'),
            strict: fc.boolean(),
          }),
          replayed: fc.boolean(),
        }),
      },
    ),
    { minLength: 2, maxLength: 10 },
  ),
});

/** A source of what is in `files`, in their order: files of a folder, or windows of an API. */
function sourceOf(
  key: ModelKey,
  { x, strict }: ModelContract,
  files: ReadonlyMap<string, readonly ModelRow[]>,
): Source {
  const source = csv({
    from: folder('none/*.csv'),
    columns: {
      id: column.integer(),
      value: x === 'text' ? column.text() : column.integer(x === 'null' ? { missing: ['x'] } : {}),
    },
    ...(key === 'none' ? {} : { key: ['id'] as const, sameKey: key }),
    ...(x === 'nine' ? { transform: nine } : {}),
    ...(strict ? { rejected: { max: 0 } } : {}),
  });
  return {
    ...source,
    discover: async function* () {
      for (const [slot, rows] of files) yield offerOf(slot, rows);
    },
  };
}

const nine: Transform = (row) => ({ ...row, value: row['value'] === 'x' ? 9 : row['value'] });

const offerOf = (slot: string, rows: readonly ModelRow[]): Offer => ({
  slot,
  name: slot,
  sizeBytes: undefined,
  modifiedAt: undefined,
  open: async function* () {
    yield Buffer.from(`id,value\n${rows.map(({ id, value }) => `${id},${value}\n`).join('')}`);
  },
});

/** Histories that were once answered wrongly; they are played before the random ones. */
const examples: readonly [History][] = [
  [
    // What the first file has is read another way, and what it had before is only the second's now.
    {
      key: 'last-wins',
      contents: [
        [
          { id: 1, value: '1' },
          { id: 1, value: 'x' },
        ],
        [{ id: 1, value: '1' }],
      ],
      steps: [
        { kind: 'deliver', slot: 0, content: 0 },
        { kind: 'deliver', slot: 1, content: 1 },
        { kind: 'contract', contract: { x: 'nine', strict: false }, replayed: false },
      ],
    },
  ],
];

let sources = 0;

async function play({ key, contents, steps }: History): Promise<void> {
  sources += 1;
  const name = `model_${sources}`;
  const oracle = createOracle(key);
  const files = new Map<string, readonly ModelRow[]>();
  let contract: ModelContract = { x: 'reject', strict: false };
  for (const step of steps) {
    if (step.kind === 'deliver') files.set(`slot ${step.slot}`, contents[step.content] ?? []);
    else if (step.kind === 'remove') files.delete(`slot ${step.slot}`);
    else contract = step.contract;
    const source = sourceOf(key, contract, files);
    if (step.kind === 'contract' && step.replayed) {
      oracle.replay(contract);
      await replaySource({ ...place.loading(name, source), deliveries: 'all' });
    } else {
      oracle.run(contract, files);
      await place.load(name, source);
    }
    await compare(name, oracle);
  }
  const client = await place.warehouse.connect('owner');
  try {
    const now = (): string => '2026-06-30T04:00:00Z';
    await runRelease({ client, models: [], procedures: [], checks: [], sources: [name], now });
  } finally {
    await client.end();
  }
  const released = await place.query(
    `select id::int, coalesce(value::text, '') as value from clean.${name} order by 1, coalesce(value::text, '') collate "C"`,
  );
  expect(released).toEqual(oracle.rows().map(({ id, value }) => ({ id, value })));
}

/** Rows, their sum, and that each row is traced to a delivery that has it. */
async function compare(name: string, oracle: ReturnType<typeof createOracle>): Promise<void> {
  const reader = place.warehouse.pool('owner');
  const { rows: held } = await reader.query<{ id: number; value: string; slot: string }>(
    `select r.id::int, coalesce(r.value::text, '') as value, d.slot
       from raw.${name} r join plumbline.batch b on b.id = r._batch_id join plumbline.delivery d on d.id = b.delivery_id
      where r._superseded_by is null order by 1, coalesce(value::text, '') collate "C"`,
  );
  const expected = oracle.rows();
  expect(held.map(({ id, value }) => ({ id, value }))).toEqual(
    expected.map(({ id, value }) => ({ id, value })),
  );
  for (const [index, { slot }] of held.entries()) expect(expected[index]?.slots).toContain(slot);
  const { rows: waiting } = await reader.query(
    `select id from plumbline.batch where source = $1 and state in ('landed', 'loading', 'failed')`,
    [name],
  );
  expect(waiting).toEqual([]);
}

test(
  `after any history of deliveries the table is that of the oracle (seed ${seed})`,
  async () => {
    await fc.assert(fc.asyncProperty(history, play), {
      seed,
      examples: [...examples],
      ...(process.env['MODEL_PATH'] === undefined ? {} : { path: process.env['MODEL_PATH'] }),
      numRuns: runs,
      interruptAfterTimeLimit: longestMs,
      endOnFailure: false,
    });
    console.info(`${sources} histories, seed ${seed}`);
  },
  7 * 3_600_000,
);

import { createMissingRawTables } from '../../src/load/raw-table.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { runRelease } from '../../src/model/release.ts';
import { childName, type Source } from '../../src/source/source.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';

const models = [
  parseModel(
    `/*---
materialize: materialized view
key: client
checks:
  - not_null: [client, revenue]
---*/
select client, sum(amount) as revenue, count(*) as orders from clean.orders group by 1`,
    { file: 'models/marts/revenue.sql', schema: 'marts', relation: 'revenue' },
  ),
  parseModel(`select client, count(*) as calls from clean.activity group by 1`, {
    file: 'models/marts/calls.sql',
    schema: 'marts',
    relation: 'calls',
  }),
];

/** Makes what was loaded visible, with a model of each kind; whether it was released. */
export async function releaseScene(
  warehouse: Warehouse,
  sources: ReadonlyMap<string, Source>,
): Promise<boolean> {
  const client = await warehouse.connect('owner');
  try {
    const contracts = [...sources].flatMap(([name, { contract, children = {} }]) => [
      [name, contract] as const,
      ...Object.entries(children).map(
        ([child, nested]) => [childName(name, child), nested.contract] as const,
      ),
    ]);
    await createMissingRawTables(client, contracts);
    const { released } = await runRelease({
      client,
      models,
      procedures: [],
      checks: [],
      sources: contracts.map(([name]) => name),
      now: () => new Date().toISOString(),
    });
    return released;
  } finally {
    await client.end().catch(() => undefined);
  }
}

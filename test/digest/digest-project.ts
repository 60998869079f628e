import { createHash } from 'node:crypto';

import { digest, kpi, line, period, table } from '../../src/dashboard/definition.ts';
import type { Digest } from '../../src/dashboard/definition.ts';
import type { DigestProject } from '../../src/digest/digest-project.ts';
import { every } from '../../src/schedule/every.ts';
import type { TestDatabase } from '../helpers/database.ts';

export const costs: Digest = digest({
  title: 'Morning costs',
  to: ['ops@acme.example', 'boss@acme.example'],
  schedule: every.day().at('08:00'),
  filters: { period: period({ default: 'last 12 months' }) },
  tiles: [
    kpi({
      title: 'Costs',
      format: 'money',
      compare: 'previous period',
      better: 'down',
      sql: 'select sum(amount) from marts.costs where day between :period_from and :period_to',
    }),
    line({
      title: 'Costs by month',
      x: 'month',
      y: 'amount',
      format: 'money',
      sql: `select date_trunc('month', day)::date as month, sum(amount) as amount from marts.costs
            where day between :period_from and :period_to group by 1 order by 1`,
    }),
    table({
      title: 'Last costs',
      sql: 'select day, amount from marts.costs order by 1 desc limit 3',
    }),
  ],
});

/** `marts.costs` is built from source `payments`, by way of a procedure and a model. */
export const costsProject: DigestProject = {
  company: 'Acme Wholesale',
  locale: 'en-GB',
  currency: 'EUR',
  zone: 'Europe/Berlin',
  sources: new Map([
    ['payments', { freshness: '15 days' }],
    ['tax', { freshness: '1 day' }],
  ]),
  models: [{ name: 'marts.costs', dependsOn: ['marts.booked'] }],
  procedures: [{ reads: ['clean.payments'], writes: ['marts.booked'] }],
};

/** Two years of costs and nothing released yet. */
export async function createCosts({ warehouse }: TestDatabase): Promise<void> {
  await warehouse.pool('owner').query(`
    create schema marts;
    grant usage on schema marts to plumbline_reader;
    create table marts.costs as
      select day::date, (1000 + extract(doy from day) * 1.5)::numeric(12, 2) as amount
      from generate_series('2024-06-15', '2026-06-30', interval '15 days') as day;
    grant select on marts.costs to plumbline_reader;
  `);
}

/** A batch of a source, loaded at the instant; released unless said otherwise. */
export async function addDelivery(
  { warehouse }: TestDatabase,
  options: { source: string; landedAt: string; state?: string; released?: boolean },
): Promise<void> {
  const { source, landedAt, state = 'loaded', released = true } = options;
  const sha256 = createHash('sha256').update(`${source} ${landedAt}`).digest('hex');
  await warehouse.pool('owner').query(
    `with delivery as (
       insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name, landed_at)
       values ($1, $2::text, 1, $3, 1, $2::text, $2::text::timestamptz) returning id
     ), batch as (
       insert into plumbline.batch (delivery_id, source, state) select id, $1, $4 from delivery
       returning id
     )
     insert into plumbline.horizon as h (source, batch_id) select $1, id from batch where $5
     on conflict (source) do update set batch_id = excluded.batch_id`,
    [source, landedAt, sha256, state, released],
  );
}

/** A release, with a check at each of the states named. */
export async function addRelease(
  { warehouse }: TestDatabase,
  options: {
    at: string;
    state?: 'released' | 'held';
    checks?: Record<string, 'passed' | 'warned' | 'failed'>;
    error?: string;
  },
): Promise<string> {
  const { at, state = 'released', checks = {}, error } = options;
  const count = (status: string): number =>
    Object.values(checks).filter((each) => each === status).length;
  const { rows } = await warehouse.pool('owner').query<{ id: string }>(
    `insert into plumbline.release
       (state, verified, passed, warned, failed, error, started_at, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7) returning id`,
    [
      state,
      count('warned') + count('failed') === 0,
      count('passed'),
      count('warned'),
      count('failed'),
      error === undefined ? null : JSON.stringify({ message: error }),
      at,
    ],
  );
  const id = rows[0]?.id ?? '';
  for (const [name, status] of Object.entries(checks)) {
    await warehouse.pool('owner').query(
      `insert into plumbline.check_result (release_id, name, level, status, rows, ms)
       values ($1, $2, $3, $4, $5, 1)`,
      [id, name, status === 'warned' ? 'warn' : 'error', status, status === 'passed' ? 0 : 3],
    );
  }
  return id;
}

import { bar, digest, kpi, line, period, table, top } from '../../src/dashboard/definition.ts';
import type { Digest } from '../../src/dashboard/definition.ts';
import { defaultFilters } from '../../src/dashboard/filters.ts';
import { createFormatter } from '../../src/dashboard/format.ts';
import type { ReleaseInfo } from '../../src/dashboard/release-info.ts';
import type { KpiData, SeriesData } from '../../src/dashboard/tile-data.ts';
import type { DigestOptions } from '../../src/digest/render-digest.tsx';
import { createPngRenderer } from '../../src/digest/render-png.ts';
import { every } from '../../src/schedule/every.ts';

export const sampleDay = '2026-06-30';

const sql = 'select 1';

/** One tile of each kind. */
export const sampleDigest: Digest = digest({
  title: 'Morning costs',
  to: ['ops@acme.example'],
  schedule: every.day().at('08:00'),
  filters: { period: period({ default: 'last 12 months' }) },
  dashboard: 'operations',
  tiles: [
    kpi({ title: 'Activity expense', format: 'money', better: 'down', sql }),
    kpi({ title: 'Orders', format: 'integer', sql }),
    kpi({ title: 'Average order', format: 'money', sql }),
    line({ title: 'Expense by month', x: 'month', y: 'expense', format: 'money', sql }),
    bar({
      title: 'Growth',
      subtitle: 'Against the same month last year',
      x: 'month',
      y: 'growth',
      format: 'percent',
      sql,
    }),
    top({
      title: 'Top five clients',
      n: 5,
      label: 'client',
      value: 'revenue',
      format: 'money',
      sql,
    }),
    table({ title: 'Latest payments', sql }),
  ],
});

export const sampleRelease: ReleaseInfo = {
  id: '1042',
  at: '2026-06-30T04:04:00Z',
  verified: true,
  passed: 24,
  warned: 0,
  held: undefined,
};

export const sampleFormatter = createFormatter({
  locale: 'en-GB',
  currency: 'EUR',
  zone: 'Europe/Berlin',
});

export function sampleKpi(value: string | null, change?: number, good?: boolean): KpiData {
  return {
    kind: 'kpi',
    column: 'value',
    value,
    comparison:
      change === undefined
        ? undefined
        : {
            with: 'previous period',
            range: { from: '2024-07-01', to: '2025-06-30' },
            value: value === null ? null : String(Math.round(Number(value) / (1 + change))),
            change,
            good,
          },
    sparkline: undefined,
    unfinished: false,
  };
}

/** Months of 2025 and 2026 with a wave in them; the last is not over. */
export function sampleSeries(kind: 'line' | 'bar', options: { forecast: boolean }): SeriesData {
  const months = Array.from({ length: 18 }, (_, index) => {
    const year = 2025 + Math.floor(index / 12);
    return `${year}-${String((index % 12) + 1).padStart(2, '0')}-01`;
  });
  const wave = (index: number): number =>
    kind === 'bar'
      ? 0.12 + 0.08 * Math.sin(index / 2)
      : 62_000 + 900 * index + 14_000 * Math.sin(index / 1.9);
  const future = [5, 6, 7, 8, 9, 10].map(
    (month) => `2026-${String(month + 1).padStart(2, '0')}-01`,
  );
  return {
    kind,
    xColumn: 'month',
    series: [kind === 'bar' ? 'growth' : 'expense'],
    grain: 'month',
    points: months
      .slice(kind === 'bar' ? 10 : 0)
      .map((x, index) => ({ x, values: [wave(index).toFixed(4)] })),
    unfinished: true,
    forecast: options.forecast
      ? {
          method: 'damped-holt-winters',
          points: future.map((x, index) => {
            const value = wave(17 + index);
            return {
              x,
              value,
              low: value * (1 - 0.03 * (index + 1)),
              high: value * (1 + 0.03 * (index + 1)),
            };
          }),
          sMape: 0.078,
          coverage: 0.81,
        }
      : undefined,
    forecastMissing: undefined,
    truncated: false,
  };
}

const clients = [
  ['Müller Bau GmbH', '128400.10', 1],
  ['Société Générale des Eaux', '112950', 0.88],
  ['Žabka Polska', '98310', 0.766],
  ['Acme Ltd', '90120', 0.702],
  ['Ångström AB <script>alert(1)</script>', '75500.55', 0.588],
] as const;

/** A whole mail's worth of data. */
const renderPng = await createPngRenderer();

export function sampleOptions(changes: Partial<DigestOptions> = {}): DigestOptions {
  const [expense, orders, average, byMonth, growth, topClients, payments] = sampleDigest.tiles;
  if (
    expense === undefined ||
    orders === undefined ||
    average === undefined ||
    byMonth === undefined ||
    growth === undefined ||
    topClients === undefined ||
    payments === undefined
  ) {
    throw new Error('the sample has seven tiles');
  }
  return {
    name: 'morning-costs',
    renderPng,
    digest: sampleDigest,
    company: 'Acme Wholesale',
    tiles: [
      { tile: expense, data: sampleKpi('876130.42', 0.159, false) },
      { tile: orders, data: sampleKpi('2808', 0.084, true) },
      { tile: average, data: sampleKpi('312.40', -0.019, false) },
      { tile: byMonth, data: sampleSeries('line', { forecast: true }) },
      { tile: growth, data: sampleSeries('bar', { forecast: false }) },
      {
        tile: topClients,
        data: {
          kind: 'top',
          labelColumn: 'client',
          valueColumn: 'revenue',
          items: clients.map(([label, value, share]) => ({ label, value, share })),
        },
      },
      {
        tile: payments,
        data: {
          kind: 'table',
          columns: [
            { name: 'paid_on', title: 'paid on', format: undefined, kind: 'day' },
            { name: 'client', title: 'client', format: undefined, kind: 'text' },
            { name: 'amount', title: 'amount', format: 'money', kind: 'number' },
          ],
          rows: [
            ['2026-06-29', 'Müller Bau GmbH', '1204.50'],
            ['2026-06-28', 'Łódź Tekstil', '98.00'],
            ['2026-06-26', null, '12345678.90'],
          ],
          truncated: false,
        },
      },
    ],
    filters: defaultFilters(sampleDigest.filters, sampleDay),
    release: sampleRelease,
    notes: [],
    formatter: sampleFormatter,
    day: sampleDay,
    dashboards: 'https://numbers.acme.example/',
    unsubscribe: 'mailto:numbers@acme.example?subject=Unsubscribe%20morning-costs',
    ...changes,
  };
}

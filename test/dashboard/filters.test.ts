import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { choice, period, periodPresets } from '../../src/dashboard/definition.ts';
import { filterAddress, filterParameters, resolveFilters } from '../../src/dashboard/filters.ts';

const today = '2026-11-22';
const filters = { period: period(), region: choice({ values: ['North', 'South'] }) };
const resolve = (query: string) => resolveFilters(filters, new URLSearchParams(query), { today });

/** From, to, and the days before it compares with. */
const days = (query: string) => {
  const values = resolve(query);
  const parameters = filterParameters(values);
  const before = filterParameters(values, 'previous period');
  return [
    parameters['period_from']?.value,
    parameters['period_to']?.value,
    before['period_from']?.value ?? null,
    before['period_to']?.value ?? null,
  ];
};

describe('periods', () => {
  test.each([
    ['', '2025-12-01', '2026-11-22', '2024-12-01', '2025-11-22'],
    ['period=this+month', '2026-11-01', '2026-11-22', '2026-10-01', '2026-10-22'],
    ['period=last+month', '2026-10-01', '2026-10-31', '2026-09-01', '2026-09-30'],
    ['period=last+3+months', '2026-09-01', '2026-11-22', '2026-06-01', '2026-08-22'],
    ['period=this+year', '2026-01-01', '2026-11-22', '2025-01-01', '2025-11-22'],
    ['period=last+year', '2025-01-01', '2025-12-31', '2024-01-01', '2024-12-31'],
    ['period=last+7+days', '2026-11-16', '2026-11-22', '2026-11-09', '2026-11-15'],
    ['period=All', '0001-01-01', '9999-12-31', null, null],
    // Whole months are compared with whole months, anything else with as many days.
    [
      'period_from=2026-01-01&period_to=2026-03-31',
      '2026-01-01',
      '2026-03-31',
      '2025-10-01',
      '2025-12-31',
    ],
    [
      'period_from=2026-02-01&period_to=2026-02-28',
      '2026-02-01',
      '2026-02-28',
      '2026-01-01',
      '2026-01-31',
    ],
    [
      'period_from=2026-01-05&period_to=2026-01-11',
      '2026-01-05',
      '2026-01-11',
      '2025-12-29',
      '2026-01-04',
    ],
    ['period_from=2026-11-01', '2026-11-01', '9999-12-31', null, null],
  ])('?%s is %s to %s, against %s to %s', (query, ...expected) => {
    expect(days(query)).toEqual(expected);
    expect(resolve(query).notices).toEqual([]);
  });

  test('a year earlier keeps the days', () => {
    const values = resolve('period_from=2024-02-01&period_to=2024-02-29');
    expect(filterParameters(values, 'previous year')).toMatchObject({
      period_from: { value: '2023-02-01' },
      period_to: { value: '2023-02-28' },
    });
  });

  test('the form sends the days of the preset along; they count when they were changed', () => {
    const sent = 'period=last+12+months&period_from=2025-12-01&period_to=2026-11-22';
    expect(resolve(sent).values['period']).toMatchObject({ preset: 'last 12 months' });
    expect(filterAddress(filters, resolve(sent)).toString()).toBe('period=last+12+months');
    const changed = resolve(sent.replace('2025-12-01', '2026-02-01'));
    expect(changed.values['period']).toMatchObject({ preset: undefined, from: '2026-02-01' });
  });
});

describe('values nobody can mean', () => {
  test.each([
    [
      'period=last+12+month',
      `period: 'last 12 month' is not a period; did you mean 'last 12 months'?; showing last 12 months.`,
    ],
    [
      'period_from=2026-02-30',
      `period: '2026-02-30' is not a day written YYYY-MM-DD; showing last 12 months.`,
    ],
    [
      `period_from=${encodeURIComponent("'; drop table x;--")}`,
      `period: ''; drop table x;--' is not a day written YYYY-MM-DD; showing last 12 months.`,
    ],
    ['region=Norht', `region: there is no 'Norht'; did you mean 'North'?; showing all.`],
  ])('?%s falls back and says so', (query, notice) => {
    expect(resolve(query).notices).toEqual([notice]);
    expect(filterParameters(resolve(query))).toEqual(filterParameters(resolve('')));
  });

  test('days in the wrong order are put right', () => {
    const { values, notices } = resolve('period_from=2026-03-01&period_to=2026-01-01');
    expect(values['period']).toMatchObject({ from: '2026-01-01', to: '2026-03-01' });
    expect(notices).toHaveLength(1);
  });

  test('whatever the address says, parameters are days, an offered choice, or nothing', () => {
    const day = /^\d{4}-\d{2}-\d{2}$/u;
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('period', 'period_from', 'period_to', 'region', 'other'),
          fc.oneof(
            fc.string(),
            fc.constantFrom(...periodPresets, '2026-01-01', '2024-02-29', 'North'),
          ),
        ),
        (query) => {
          const values = resolveFilters(filters, new URLSearchParams(query), { today });
          for (const shift of ['none', 'previous period', 'previous year'] as const) {
            const { period_from: from, period_to: to, region } = filterParameters(values, shift);
            for (const one of [from?.value, to?.value]) {
              expect(one === null || day.test(one ?? '')).toBe(true);
            }
            expect([null, 'North', 'South']).toContain(region?.value);
          }
        },
      ),
    );
  });

  test('the canonical address leads back to the same values', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...periodPresets),
        fc.constantFrom('', 'North', 'South'),
        (preset, region) => {
          const values = resolveFilters(filters, new URLSearchParams({ period: preset, region }), {
            today,
          });
          const again = resolveFilters(filters, filterAddress(filters, values), { today });
          expect(again).toEqual(values);
        },
      ),
    );
  });
});

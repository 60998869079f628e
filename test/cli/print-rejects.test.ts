import { expect, test } from 'vitest';

import { printRejects, type RejectsToPrint } from '../../src/cli/print-rejects.ts';
import type { AffectedDelivery, RejectGroup } from '../../src/cli/read-rejects.ts';
import { createTerminal } from '../../src/cli/terminal.ts';

const delivery = (id: number, has: Partial<AffectedDelivery> = {}): AffectedDelivery => ({
  id,
  name: `${id}.csv`,
  state: 'loaded',
  rows: 1,
  read: 10,
  rejected: 1,
  kept: 1,
  totals: {},
  ...has,
});

const group = (has: Partial<RejectGroup> = {}): RejectGroup => ({
  source: 'payments',
  code: 'type-error',
  column: 'amount',
  rows: 1,
  expected: 'a number',
  deliveries: [delivery(1)],
  examples: [],
  ...has,
});

function printed(groups: readonly RejectGroup[], more: Partial<RejectsToPrint> = {}): string[] {
  let text = '';
  const out = { write: (part: string) => (text += part) };
  printRejects({
    groups,
    terminal: createTerminal({ json: false, debug: false, out, err: out, variables: {} }),
    locale: 'de-DE',
    kindOf: () => 'csv',
    parentOf: () => undefined,
    isFiltered: false,
    ...more,
  });
  return text.split('\n');
}

test('numbers are the locale’s, and rows that were only counted are said to be', () => {
  const totals = { amount: { rejected: '-1234567.50', unreadable: 40_000 } };
  const deliveries = [delivery(1, { read: 70_000, rejected: 60_000, kept: 10_000, totals })];
  expect(printed([group({ rows: 10_000, deliveries })]).slice(0, 4)).toEqual([
    'payments  60.000 rows kept out of one delivery',
    '  10.000 are told apart here; the other 50.000 were only counted',
    '  amount in these rows: -1.234.567,50 and 40.000 cells that cannot be read',
    '   10.000  type-error  amount  a number',
  ]);
});

test('all rows of a refused delivery are kept out; its amounts are in no sum', () => {
  const deliveries = [
    delivery(1, { totals: { amount: { rejected: '3.00', unreadable: 0 } } }),
    delivery(2, { state: 'rejected', read: 50, rejected: 20, kept: 20 }),
  ];
  expect(printed([group({ deliveries })]).slice(0, 3)).toEqual([
    'payments  51 rows kept out of 2 deliveries, 1 of them refused whole',
    '  21 rows of these broke the contract',
    '  amount in those of loaded deliveries: 3,00',
  ]);
  const [refused] = printed([group({ deliveries: [delivery(2, { state: 'rejected' })] })]);
  expect(refused).toBe('payments  10 rows kept out of one delivery, which was refused whole');
});

test('kinds of faults are aligned, long values cut and quoted', () => {
  const at = { delivery: 'a.csv', sheet: null, line: 4, cell: null, key: null };
  const lines = printed([
    group({ examples: [{ ...at, value: 'x'.repeat(70) }] }),
    group({ code: 'extra-cell', column: null, examples: [{ ...at, value: '\u009B2J\u202E\n' }] }),
    group({ code: 'constraint-error', column: null, examples: [{ ...at, value: null }] }),
  ]);
  expect(lines.slice(1, 7)).toEqual([
    '        1  type-error        amount  a number',
    `           a.csv, line 4: "${'x'.repeat(60)}…"`,
    '        1  extra-cell                a number',
    String.raw`           a.csv, line 4: "\u009b2J\u202e\n"`,
    '        1  constraint-error          a number',
    '           a.csv, line 4',
  ]);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
});

import { expect, test } from 'vitest';

import { formatTable } from '../../src/cli/table.ts';

const columns = [
  { title: 'Sources' },
  { title: 'rows', align: 'right' as const, width: 6 },
  { title: '' },
];

test('columns grow with their cells, numbers are flush right, nothing trails', () => {
  const rows = [
    ['orders', '1,234', 'fresh'],
    ['partner-orders', '7', ''],
  ];
  expect(formatTable(columns, rows).join('\n')).toMatchInlineSnapshot(`
    "  Sources           rows
      orders           1,234  fresh
      partner-orders       7"
  `);
});

test('colours do not count, nor do combining marks', () => {
  const bold = (text: string): string => `<b>${text}</b>`;
  const combined = 'Ba\u0308ckerei';
  const lines = formatTable(
    [{ title: '' }, { title: '' }],
    [
      [{ text: 'bad', paint: bold }, '1'],
      [combined, '2'],
    ],
  );
  expect(lines).toEqual([`  <b>bad</b>       1`, `  ${combined}  2`]);
});

import { countries } from './catalogue.ts';
import { addDays, americanDate, type Day, monthOf, nextMonth } from './dates.ts';
import type { MadeDelivery, MadeRow, Plan, Wrong } from './made.ts';
import { american, type Cents } from './money.ts';
import { createRandom, type Random } from './random.ts';

const header = 'Period end,Country,Jurisdiction,Category,Taxable amount,Rate %,Tax';
const wrongShare = 0.015;

/** The tax adviser's program: American dates and numbers, names in windows-1252. */
const encoding = 'latin1';

interface TaxLine {
  readonly periodEnd: Day;
  readonly country: string;
  readonly jurisdiction: string;
  readonly category: string;
  readonly taxable: Cents;
  readonly rate: number;
  readonly tax: Cents;
}

interface FileRow extends MadeRow {
  readonly text: string;
}

/** Value added tax a month, by country and category, a week after the month has ended. */
export function makeTaxFiles(plan: Plan, netByTaxLine: ReadonlyMap<string, Cents>): MadeDelivery[] {
  const months = new Map<string, TaxLine[]>();
  for (const [key, taxable] of netByTaxLine) {
    const [month = '', code = '', category = ''] = key.split('|');
    const country = Object.values(countries).find((each) => each.code === code);
    if (country === undefined) continue;
    const lines = months.get(month) ?? [];
    months.set(month, lines);
    lines.push({
      periodEnd: addDays(nextMonth(`${month}-01`), -1),
      country: code,
      // Names that windows-1252 can hold.
      jurisdiction: country.name.replace('Č', 'C'),
      category,
      taxable,
      rate: country.vat,
      tax: Math.round((taxable * country.vat) / 100),
    });
  }
  return [...months]
    .filter(([month]) => addDays(nextMonth(`${month}-01`), 7) <= plan.until)
    .map(([month, lines]) => makeMonth(plan, month, lines));
}

function makeMonth(plan: Plan, month: string, lines: readonly TaxLine[]): MadeDelivery {
  const random = createRandom(plan.seed, 'tax', month);
  const sorted = [...lines].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rows = sorted.flatMap((line) =>
    random.chance(wrongShare) ? makeWrong(line, random) : [makeRow(line)],
  );
  return {
    source: 'tax',
    slot: `data/tax/tax-${monthOf(`${month}-01`)}.csv`,
    deliveredOn: addDays(nextMonth(`${month}-01`), 7),
    rows,
    bytes: Buffer.from(`${header}\n${rows.map((row) => `${row.text}\n`).join('')}`, encoding),
  };
}

function keyOf(line: TaxLine): string {
  return `${line.country} ${line.category}`;
}

function makeRow(line: TaxLine): FileRow {
  const text = [
    americanDate(line.periodEnd),
    line.country,
    line.jurisdiction,
    line.category,
    `"${american(line.taxable)}"`,
    line.rate.toFixed(1),
    `"${american(line.tax)}"`,
  ].join(',');
  return {
    text,
    key: `${line.periodEnd} ${keyOf(line)}`,
    content: text,
    sums: { taxable: line.taxable, tax: line.tax },
  };
}

function makeWrong(line: TaxLine, random: Random): FileRow[] {
  const row = makeRow(line);
  const change = (wrong: Wrong, from: string, to: string): FileRow[] => [
    { ...row, text: row.text.replace(from, to), wrong },
  ];
  switch (random.int(0, 4)) {
    case 0:
      return change(
        'type-error',
        americanDate(line.periodEnd),
        `31/${americanDate(line.periodEnd).slice(3)}`,
      );
    case 1:
      return change('type-error', `"${american(line.tax)}"`, 'pending');
    case 2:
      return change(
        'constraint-error',
        `,${line.rate.toFixed(1)},`,
        `,${line.rate.toFixed(1)}0.0,`.replace('.0.0', '0.0'),
      );
    case 3:
      return change('missing-cell', `,${line.category},`, ',,');
    default:
      return [row, row];
  }
}

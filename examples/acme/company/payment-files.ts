import { clients, countries } from './catalogue.ts';
import { addDays, type Day, daysFrom, germanDate, mondayOf, nextMonth } from './dates.ts';
import type { MadeDelivery, MadeRow, Plan, Wrong } from './made.ts';
import { type Cents, german } from './money.ts';
import { createRandom, type Random } from './random.ts';
import { type Cell, writeWorkbook } from './workbook.ts';

const wrongShare = 0.025;
const methods = ['Transfer', 'Direct debit', 'Card'] as const;

interface Payment {
  readonly invoice: string;
  readonly client: (typeof clients)[number];
  readonly amount: Cents;
  readonly paidOn: Day;
  readonly method: string;
}

interface SheetRow extends MadeRow {
  readonly cells: readonly Cell[];
  readonly readable: Cents;
}

/**
 * Payments as the bank's clerk lists them every second Monday: one invoice a client and month, paid
 * two to seven weeks after the month.
 */
export function makePaymentFiles(
  plan: Plan,
  netByClientMonth: ReadonlyMap<string, Cents>,
): MadeDelivery[] {
  const payments = [...netByClientMonth]
    .flatMap(([key, net]) => makePayment(plan, key, net))
    .sort((a, b) => (a.paidOn < b.paidOn ? -1 : Number(a.paidOn > b.paidOn)));
  const mondays = daysFrom(mondayOf(plan.from), plan.until).filter((day) => mondayOf(day) === day);
  const deliveries: MadeDelivery[] = [];
  for (let index = 2; index < mondays.length; index += 2) {
    const from = mondays[index - 2] ?? plan.from;
    const until = mondays[index] ?? plan.until;
    const due = payments.filter((payment) => payment.paidOn >= from && payment.paidOn < until);
    if (due.length > 0) deliveries.push(makeFile(plan, { from, until, due }));
  }
  return deliveries;
}

function makePayment(plan: Plan, key: string, net: Cents): Payment[] {
  const [month = '', number = ''] = key.split(' ');
  const client = clients.find((each) => each.number === number);
  if (client === undefined) return [];
  const random = createRandom(plan.seed, 'payment', key);
  const paidOn = addDays(nextMonth(`${month}-01`), random.int(12, 48));
  return [
    {
      invoice: `R${month.replace('-', '')}-${number.slice(2)}`,
      client,
      amount: Math.round(net * (1 + countries[client.country].vat / 100)),
      paidOn,
      method: random.weighted(methods, [78, 16, 6]),
    },
  ];
}

function makeFile(
  plan: Plan,
  { from, until, due }: { from: Day; until: Day; due: readonly Payment[] },
): MadeDelivery {
  const random = createRandom(plan.seed, 'payments', from);
  const rows = due.flatMap((payment) => {
    if (random.chance(wrongShare)) return makeWrong(payment, random);
    return [random.chance(0.06) ? makeTyped(payment) : makeRow(payment)];
  });
  return {
    source: 'payments',
    slot: `data/payments/payments-${until}.xlsx`,
    deliveredOn: until,
    rows,
    bytes: writeSheet({ from, until, rows }),
  };
}

function makeRow(payment: Payment): SheetRow {
  return {
    key: payment.invoice,
    content: JSON.stringify([
      payment.invoice,
      payment.client.number,
      payment.amount,
      payment.paidOn,
      payment.method,
    ]),
    sums: { amount: payment.amount },
    readable: payment.amount,
    cells: [
      payment.invoice,
      payment.client.number,
      payment.client.name,
      { cents: payment.amount },
      { date: payment.paidOn },
      payment.method,
    ],
  };
}

/** Typed by hand from a statement: amount and date are text. */
function makeTyped(payment: Payment): SheetRow {
  const row = makeRow(payment);
  return {
    ...row,
    cells: row.cells.with(3, german(payment.amount)).with(4, germanDate(payment.paidOn)),
  };
}

function makeWrong(payment: Payment, random: Random): SheetRow[] {
  const row = makeRow(payment);
  const broken = (wrong: Wrong, cells: readonly Cell[], readable = payment.amount): SheetRow[] => [
    { ...row, cells, readable, wrong },
  ];
  switch (random.int(0, 6)) {
    case 0:
      return broken('type-error', row.cells.with(4, 'Ende des Monats'));
    case 1:
      return broken('type-error', row.cells.with(3, 'siehe Avis'), 0);
    case 2:
      return broken('missing-cell', row.cells.with(1, null));
    case 3:
      return broken(
        'constraint-error',
        row.cells.with(3, { cents: -payment.amount }),
        -payment.amount,
      );
    case 4:
      return broken('formula-error', row.cells.with(4, { error: '#REF!' }));
    case 5:
      return [row, makeRow({ ...payment, amount: payment.amount + 90 })];
    default:
      return [row, row];
  }
}

function writeSheet({
  from,
  until,
  rows,
}: {
  from: Day;
  until: Day;
  rows: readonly SheetRow[];
}): Uint8Array {
  const first = 5;
  const last = first + rows.length - 1;
  return writeWorkbook({
    name: 'Payments',
    widths: [16, 12, 32, 16, 12, 14],
    merged: ['A1:F1'],
    rows: [
      [{ bold: 'Incoming payments' }],
      [`Statement of ${germanDate(until)}, from ${germanDate(from)}`],
      [],
      ['Invoice #', 'Client #', 'Client', 'Amount (EUR)', 'Paid on', 'Method'].map((label) => ({
        bold: label,
      })),
      ...rows.map((row) => row.cells),
      [
        { bold: 'Total' },
        null,
        null,
        {
          formula: `SUM(D${first}:D${last})`,
          cents: rows.reduce((sum, row) => sum + row.readable, 0),
        },
      ],
    ],
  });
}

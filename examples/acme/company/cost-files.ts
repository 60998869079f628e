import { type CostKind, costKinds } from './catalogue.ts';
import { addDays, type Day, daysFrom, germanDate, isoWeek, mondayOf, yearOf } from './dates.ts';
import type { MadeDelivery, MadeRow, Plan, Wrong } from './made.ts';
import { type Cents, german } from './money.ts';
import { createRandom, type Random } from './random.ts';
import { busyness } from './season.ts';
import { type Cell, writeWorkbook } from './workbook.ts';

const rowsWanted = 11_500;
const wrongShare = 0.022;

interface SheetRow extends MadeRow {
  readonly cells: readonly Cell[];
  /** What the cell with the net amount adds to the total, as far as it can be read. */
  readonly readable: { readonly net: Cents; readonly vat: Cents };
}

interface Booking {
  readonly bookedOn: Day;
  readonly voucher: string;
  readonly supplier: string;
  readonly category: string;
  readonly net: Cents;
  readonly vat: Cents;
}

/**
 * Operating costs as the accountant sends them every Monday: notes above, labels in two rows, a
 * totals row below. One week was sent twice, as a copy under another name.
 */
export function makeCostFiles(plan: Plan): MadeDelivery[] {
  const mondays = daysFrom(mondayOf(addDays(plan.from, 6)), plan.until).filter(
    (day) => mondayOf(day) === day && addDays(day, 7) <= plan.until,
  );
  const busy = mondays.map((monday) => busyness(plan, monday, 'costs'));
  const perUnit = (plan.scale * rowsWanted) / busy.reduce((sum, each) => sum + each, 0);
  const deliveries = mondays.map((monday, index) =>
    makeWeek(plan, monday, Math.round((busy[index] ?? 0) * perUnit)),
  );
  const twice = deliveries.at(-9);
  if (twice === undefined) return deliveries;
  const copy: MadeDelivery = {
    ...twice,
    slot: twice.slot.replace('.xlsx', ' - Copy.xlsx'),
    deliveredOn: addDays(twice.deliveredOn, 1),
    copyOf: twice.slot,
  };
  return deliveries.toSpliced(deliveries.length - 8, 0, copy);
}

function makeWeek(plan: Plan, monday: Day, count: number): MadeDelivery {
  const random = createRandom(plan.seed, 'costs', monday);
  const bookings = Array.from({ length: count }, (_, index) =>
    makeBooking(random, { plan, monday, index }),
  );
  const rows = bookings.flatMap((booking) => {
    if (random.chance(wrongShare)) return makeWrong(booking, random);
    // Some amounts were pasted from a letter: they are text, in German.
    return [random.chance(0.03) ? makeTyped(booking) : makeRow(booking)];
  });
  return {
    source: 'operating-costs',
    slot: `data/operating-costs/operating-costs-${isoWeek(monday)}.xlsx`,
    deliveredOn: addDays(monday, 7),
    rows,
    bytes: writeSheet(monday, rows),
  };
}

function makeBooking(
  random: Random,
  { plan, monday, index }: { plan: Plan; monday: Day; index: number },
): Booking {
  const month = Number(monday.slice(5, 7)) - 1;
  const kind: CostKind = random.weighted(
    costKinds,
    costKinds.map((each) => each.weight * (each.season[month] ?? 1)),
  );
  const price = 1.025 ** (yearOf(monday) - yearOf(plan.from));
  const net = Math.round(
    kind.usual * price * (kind.season[month] ?? 1) ** 0.5 * Math.exp(0.4 * random.normal()),
  );
  return {
    bookedOn: addDays(monday, random.int(0, 4)),
    voucher: `${isoWeek(monday).replace('-W', '')}-${String(index + 1).padStart(3, '0')}`,
    supplier: random.pick(kind.suppliers),
    category: kind.name,
    net,
    vat: Math.round(net * 0.19),
  };
}

function makeRow(booking: Booking): SheetRow {
  return {
    key: booking.voucher,
    content: JSON.stringify(booking),
    sums: { net_amount: booking.net, vat_amount: booking.vat },
    readable: { net: booking.net, vat: booking.vat },
    cells: [
      { date: booking.bookedOn },
      booking.voucher,
      booking.supplier,
      booking.category,
      { cents: booking.net },
      { cents: booking.vat },
    ],
  };
}

function makeTyped(booking: Booking): SheetRow {
  const row = makeRow(booking);
  const cells = row.cells.with(4, german(booking.net)).with(0, germanDate(booking.bookedOn));
  return { ...row, cells };
}

function makeWrong(booking: Booking, random: Random): SheetRow[] {
  const row = makeRow(booking);
  const { net, vat } = booking;
  const broken = (wrong: Wrong, cells: readonly Cell[], readable = row.readable): SheetRow[] => [
    { ...row, cells, readable, wrong },
  ];
  switch (random.int(0, 7)) {
    case 0:
      return broken('type-error', row.cells.with(0, `31.02.${booking.bookedOn.slice(0, 4)}`));
    case 1:
      return broken('date-serial-as-number', row.cells.with(0, { serial: booking.bookedOn }));
    case 2:
      return broken('formula-error', row.cells.with(4, { error: '#N/A' }), { net: 0, vat });
    case 3:
      return broken('type-error', row.cells.with(4, 'folgt'), { net: 0, vat });
    case 4:
      return broken('missing-cell', row.cells.with(2, null));
    case 5:
      return broken('constraint-error', row.cells.with(3, 'Sonstiges'));
    case 6:
      return [row, makeRow({ ...booking, net: net + 1000 })];
    default:
      return [row, row];
  }
}

function writeSheet(monday: Day, rows: readonly SheetRow[]): Uint8Array {
  const first = 6;
  const last = first + rows.length - 1;
  const total = (of: (row: SheetRow) => Cents) => rows.reduce((sum, row) => sum + of(row), 0);
  return writeWorkbook({
    name: 'Costs',
    widths: [12, 14, 30, 20, 14, 14],
    merged: ['A1:F1', 'A4:B4', 'C4:D4', 'E4:F4'],
    rows: [
      [{ bold: 'Acme Wholesale GmbH – operating costs' }],
      [`Week ${isoWeek(monday)}, ${germanDate(monday)} to ${germanDate(addDays(monday, 6))}`],
      [],
      [{ bold: 'Booking' }, null, { bold: 'Supplier' }, null, { bold: 'Amount' }],
      ['Date', 'Voucher', 'Name', 'Category', 'Net (EUR)', 'VAT (EUR)'],
      ...rows.map((row) => row.cells),
      [
        null,
        { bold: 'Total' },
        null,
        null,
        { formula: `SUM(E${first}:E${last})`, cents: total((row) => row.readable.net) },
        { formula: `SUM(F${first}:F${last})`, cents: total((row) => row.readable.vat) },
      ],
    ],
  });
}

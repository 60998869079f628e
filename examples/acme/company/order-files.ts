import { addDays, type Day, germanDate, monthOf, nextMonth } from './dates.ts';
import type { MadeDelivery, MadeRow, Plan, Wrong } from './made.ts';
import { german } from './money.ts';
import type { OrderLine } from './orders.ts';
import { createRandom, type Random } from './random.ts';

const header =
  'Auftrag;Position;Bestelldatum;Lieferdatum;Kundennr.;Kunde;Region;Artikel;Bezeichnung;Warengruppe;Menge;Einzelpreis;Rabatt %;Netto (EUR);Status';
const byteOrderMark = '\uFEFF';

/** Days of the last six to ten weeks come one file a day, as the partner sends them; before that one a month. */
const dailyDays = 40;
/** Of a hundred rows, how many are wrong. */
const wrongShare = 0.019;

/** A line of a file with what should become of it. */
interface FileRow extends MadeRow {
  readonly text: string;
}

/**
 * The partner's CSV exports: semicolons, decimal commas, UTF-8 with a byte order mark. One day was
 * sent again the day after, corrected.
 */
export function makeOrderFiles(
  plan: Plan,
  orders: ReadonlyMap<Day, readonly OrderLine[]>,
): MadeDelivery[] {
  const dailyFrom = `${monthOf(addDays(plan.until, -dailyDays))}-01`;
  const archives = new Map<string, FileRow[]>();
  const deliveries: MadeDelivery[] = [];
  const daily: { day: Day; lines: readonly OrderLine[] }[] = [];
  for (const [day, lines] of orders) {
    if (lines.length === 0) continue;
    if (day < dailyFrom) {
      const month = archives.get(monthOf(day)) ?? [];
      month.push(...makeRows(lines, createRandom(plan.seed, 'order-rows', day)));
      archives.set(monthOf(day), month);
    } else {
      daily.push({ day, lines });
    }
  }
  for (const [month, rows] of archives) {
    deliveries.push(delivery(`partner-orders-${month}.csv`, nextMonth(`${month}-01`), rows));
  }
  // A working day with enough lines, about two weeks back.
  const corrected = daily.filter(({ lines }) => lines.length > 12).at(-12);
  for (const { day, lines } of daily) {
    const rows = makeRows(lines, createRandom(plan.seed, 'order-rows', day));
    const file = `partner-orders-${day}.csv`;
    deliveries.push(delivery(file, addDays(day, 1), rows));
    if (day === corrected?.day) {
      deliveries.push({
        ...delivery(`partner-orders-${day}-corrected.csv`, addDays(day, 2), correct(lines)),
        corrects: slotOf(file),
      });
    }
  }
  return deliveries;
}

const slotOf = (file: string) => `data/partner-orders/${file}`;

function delivery(file: string, deliveredOn: Day, rows: readonly FileRow[]): MadeDelivery {
  const text = `${byteOrderMark}${header}\r\n${rows.map((row) => `${row.text}\r\n`).join('')}`;
  return {
    source: 'partner-orders',
    slot: slotOf(file),
    deliveredOn,
    rows,
    bytes: withStrayBytes(Buffer.from(text)),
  };
}

/** Puts a byte of another encoding where a row says so: what pasting from an old program leaves. */
const strayMark = Buffer.from('\uE000');
function withStrayBytes(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let rest = bytes;
  for (let at = rest.indexOf(strayMark); at >= 0; at = rest.indexOf(strayMark)) {
    parts.push(rest.subarray(0, at), Buffer.from([0xfc]));
    rest = rest.subarray(at + strayMark.length);
  }
  return Buffer.concat([...parts, rest]);
}

/** The day as it should have been: nothing wrong, and some quantities as they were shipped. */
function correct(lines: readonly OrderLine[]): FileRow[] {
  return lines.map((line, index) => {
    if (index % 9 !== 4 || line.quantity < 2) return makeRow(line);
    const quantity = line.quantity - 1;
    const net = Math.round((quantity * line.unitPrice * (100 - line.discount)) / 100);
    return makeRow({ ...line, quantity, net });
  });
}

function makeRows(lines: readonly OrderLine[], random: Random): FileRow[] {
  return lines.flatMap((line) => {
    const row = makeRow(line);
    if (!random.chance(wrongShare)) {
      // Goods that left before they were ordered: loaded, and flagged.
      const early = line.shippedOn !== undefined && random.chance(0.004);
      return early ? [makeRow({ ...line, shippedOn: addDays(line.orderedOn, -2) })] : [row];
    }
    return makeWrong(line, row, random);
  });
}

function makeWrong(line: OrderLine, row: FileRow, random: Random): FileRow[] {
  const cells = row.text.split(';');
  const broken = (wrong: Wrong, changed: string[]): FileRow[] => [
    { ...row, text: changed.join(';'), wrong },
  ];
  switch (random.int(0, 10)) {
    case 0:
      return broken('type-error', cells.with(2, `31.02.${line.orderedOn.slice(0, 4)}`));
    case 1:
      return broken('type-error', cells.with(10, 'zwei'));
    case 2:
      return broken('missing-cell', cells.with(4, ''));
    case 3:
      return broken('constraint-error', cells.with(14, 'storno'));
    case 4:
      return broken('constraint-error', cells.with(10, '0'));
    case 5:
      return broken('extra-cell', [...cells, 'siehe Mail']);
    case 6:
      return broken('missing-cell', cells.slice(0, 12));
    case 7:
      return broken('encoding-error', cells.with(5, `M\uE000ller, ${cells[5] ?? ''}`));
    case 8:
      // One key, two contents: nobody can tell which is right.
      return [row, makeRow({ ...line, quantity: line.quantity + 1 })];
    default:
      return [row, row];
  }
}

function makeRow(line: OrderLine): FileRow {
  const shippedOn = line.shippedOn === undefined ? '' : germanDate(line.shippedOn);
  const text = [
    line.order,
    String(line.line),
    germanDate(line.orderedOn),
    shippedOn,
    line.client.number,
    line.client.name,
    line.client.region,
    line.product.number,
    quoted(line.product.name),
    line.product.category,
    String(line.quantity),
    german(line.unitPrice),
    String(line.discount),
    german(line.net),
    line.status,
  ].join(';');
  return {
    text,
    key: `${line.order} ${line.line}`,
    content: text,
    sums: { net_amount: line.net },
    ...(line.shippedOn !== undefined && line.shippedOn < line.orderedOn && { flagged: true }),
  };
}

function quoted(text: string): string {
  return /[";]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

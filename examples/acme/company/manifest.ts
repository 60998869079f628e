import type { MadeDelivery, MadeRow, Plan } from './made.ts';
import { plain } from './money.ts';

/** What a run on new data should come to for one source. */
export interface ExpectedSource {
  deliveries: number;
  duplicateFiles: number;
  rows: {
    read: number;
    inserted: number;
    changed: number;
    unchanged: number;
    duplicate: number;
    rejected: number;
    flagged: number;
  };
  /** Rejected rows by code. */
  rejects: Record<string, number>;
  /** Rows that hold in the end, and exact sums over them. */
  held: { rows: number; sums: Record<string, string> };
}

export interface Manifest {
  readonly plan: Plan;
  readonly sources: Readonly<Record<string, ExpectedSource>>;
  readonly rows: ExpectedSource['rows'];
  /** Files whose content had come before under another name. */
  readonly deliveredTwice: readonly { readonly slot: string; readonly copyOf: string }[];
  /** Files that correct rows of an earlier one. */
  readonly corrected: readonly { readonly slot: string; readonly corrects: string }[];
}

/** How rows with one key and other content in one delivery are meant, by source. */
const lastWins = new Set(['activity']);

/** Columns whose sums are counts rather than money. */
const whole = new Set(['minutes']);

/**
 * What loading should make of the deliveries, worked out without Plumbline: the yardstick its own
 * control totals are held to.
 */
export function expect(plan: Plan, deliveries: readonly MadeDelivery[]): Manifest {
  const names = [...new Set(deliveries.map((delivery) => delivery.source))].sort();
  const sources = Object.fromEntries(
    names.map((name) => [
      name,
      expectSource(
        deliveries.filter((delivery) => delivery.source === name),
        lastWins.has(name),
      ),
    ]),
  );
  return {
    plan,
    sources,
    rows: addUp(Object.values(sources).map((source) => source.rows)),
    deliveredTwice: deliveries.flatMap(({ slot, copyOf }) =>
      copyOf === undefined ? [] : [{ slot, copyOf }],
    ),
    corrected: deliveries.flatMap(({ slot, corrects }) =>
      corrects === undefined ? [] : [{ slot, corrects }],
    ),
  };
}

const noRows: ExpectedSource['rows'] = {
  read: 0,
  inserted: 0,
  changed: 0,
  unchanged: 0,
  duplicate: 0,
  rejected: 0,
  flagged: 0,
};

function addUp(all: readonly ExpectedSource['rows'][]): ExpectedSource['rows'] {
  const sum = { ...noRows };
  for (const rows of all) {
    for (const [name, count] of Object.entries(rows)) {
      // Object.entries forgets which names there are.
      sum[name as keyof typeof sum] += count;
    }
  }
  return sum;
}

function expectSource(deliveries: readonly MadeDelivery[], laterWins: boolean): ExpectedSource {
  const held = new Map<string, MadeRow>();
  const expected: ExpectedSource = {
    deliveries: 0,
    duplicateFiles: 0,
    rows: { ...noRows },
    rejects: {},
    held: { rows: 0, sums: {} },
  };
  // In the order in which they came.
  for (const delivery of deliveries.toSorted((a, b) =>
    a.deliveredOn < b.deliveredOn ? -1 : Number(a.deliveredOn > b.deliveredOn),
  )) {
    if (delivery.copyOf !== undefined) {
      expected.duplicateFiles += 1;
      continue;
    }
    expected.deliveries += 1;
    load(delivery.rows, { held, expected, laterWins });
  }
  const sums: Record<string, number> = {};
  for (const row of held.values()) {
    for (const [column, cents] of Object.entries(row.sums)) {
      sums[column] = (sums[column] ?? 0) + cents;
    }
  }
  expected.held.rows = held.size;
  expected.held.sums = Object.fromEntries(
    Object.entries(sums).map(([column, cents]) => [
      column,
      whole.has(column) ? String(cents / 100) : plain(cents),
    ]),
  );
  return expected;
}

function load(
  made: readonly MadeRow[],
  {
    held,
    expected,
    laterWins,
  }: { held: Map<string, MadeRow>; expected: ExpectedSource; laterWins: boolean },
): void {
  const { rows } = expected;
  const reject = (code: string, count = 1) => {
    rows.rejected += count;
    expected.rejects[code] = (expected.rejects[code] ?? 0) + count;
  };
  rows.read += made.length;
  const byKey = new Map<string, MadeRow[]>();
  for (const row of made) {
    if (row.wrong !== undefined) {
      reject(row.wrong);
      continue;
    }
    if (row.flagged === true) rows.flagged += 1;
    const twins = byKey.get(row.key);
    if (twins === undefined) byKey.set(row.key, [row]);
    else twins.push(row);
  }
  for (const [key, twins] of byKey) {
    const [first] = twins;
    const row = laterWins ? twins.at(-1) : first;
    if (first === undefined || row === undefined) continue;
    if (!laterWins && twins.some((twin) => twin.content !== first.content)) {
      reject('primary-key', twins.length);
      continue;
    }
    rows.duplicate += twins.length - 1;
    const before = held.get(key);
    if (before === undefined) rows.inserted += 1;
    else if (before.content === row.content) rows.unchanged += 1;
    else rows.changed += 1;
    held.set(key, row);
  }
}

import { createSlots } from './slot-oracle.ts';

/** A record of an API in the model: an order with its lines. `x` is a value that may not be read. */
export interface ModelRecord {
  readonly id: number;
  readonly value: string;
  readonly lines: readonly ModelLine[];
}

export interface ModelLine {
  readonly sku: string;
  readonly value: string;
}

/** What is done with the value `x` (reject, read null, or read the text, which is another type), and whether rejected rows refuse the delivery. */
export interface ModelTable {
  readonly x: 'reject' | 'null' | 'text';
  readonly strict: boolean;
}

export interface NestedContract {
  readonly orders: ModelTable;
  readonly lines: ModelTable;
}

/** What of a source does not change in a history. */
export interface NestedKeys {
  /** What becomes of two orders with one id that differ. */
  readonly orders: 'reject' | 'last-wins';
  /** Lines are told apart by their position, or by their article, with what becomes of two that differ. */
  readonly lines: 'position' | 'reject' | 'last-wins';
}

export interface HeldLine {
  readonly id: number;
  /** Position or article. */
  readonly within: string;
  readonly value: string;
}

interface HeldOrder {
  readonly id: number;
  readonly value: string;
  readonly lines: readonly HeldLine[];
}

const read = (value: string, { x }: ModelTable): string =>
  value === 'x' && x === 'null' ? '' : value;
const isRejected = (value: string, { x }: ModelTable): boolean => value === 'x' && x === 'reject';

/** Rows by key: equal ones count once; of others none, or the last one. */
function settle<Row>(
  rows: readonly Row[],
  of: {
    readonly key: (row: Row) => unknown;
    readonly content: (row: Row) => string;
    readonly lastWins: boolean;
  },
): { readonly kept: readonly Row[]; readonly clashing: readonly Row[] } {
  const kept: Row[] = [];
  const clashing: Row[] = [];
  for (const same of Map.groupBy(rows, of.key).values()) {
    const last = same.at(-1);
    const alike = same.every((row) => of.content(row) === of.content(same[0] ?? row));
    if (last !== undefined && (alike || of.lastWins)) kept.push(last);
    else clashing.push(...same);
  }
  return { kept, clashing };
}

/**
 * The naive oracle of docs/decisions/0016 and 0018: for each order the record of the slot that was
 * delivered last among those that have it, and its lines are all those of that record and no others.
 */
export function createNestedOracle(keys: NestedKeys) {
  const linesOf = (
    { id, lines }: ModelRecord,
    table: ModelTable,
  ): { readonly held: readonly HeldLine[]; readonly rejected: number } => {
    const typed = lines.map((line, index) => ({
      id,
      within: keys.lines === 'position' ? String(index + 1) : line.sku,
      sent: line.value,
      value: read(line.value, table),
    }));
    const good = typed.filter(({ sent }) => !isRejected(sent, table));
    const { kept, clashing } = settle(good, {
      key: (line) => line.within,
      content: (line) => line.value,
      lastWins: keys.lines === 'last-wins',
    });
    return {
      held: kept.map(({ within, value }) => ({ id, within, value })),
      rejected: lines.length - good.length + clashing.length,
    };
  };

  const slots = createSlots<readonly ModelRecord[], NestedContract, readonly HeldOrder[]>({
    change: (before, wanted) => {
      const changes = (['orders', 'lines'] as const).filter(
        (table) => before[table].x !== wanted[table].x,
      );
      if (changes.length === 0) return undefined;
      return changes.some((table) => before[table].x === 'text' || wanted[table].x === 'text')
        ? 'rebuild'
        : 'read';
    },
    read: (content, contract, later) => {
      const bad = content.filter(({ value }) => isRejected(value, contract.orders));
      const good = content.filter(({ value }) => !isRejected(value, contract.orders));
      const { kept, clashing } = settle(good, {
        key: ({ id }) => id,
        content: ({ value }) => read(value, contract.orders),
        lastWins: keys.orders === 'last-wins',
      });
      const orphans = [...bad, ...clashing];
      if (contract.orders.strict && orphans.length > 0) return undefined;
      let rejectedLines = orphans.reduce((sum, { lines }) => sum + lines.length, 0);
      const orders = kept.map((record): HeldOrder => {
        const { id } = record;
        const { held, rejected } = linesOf(record, contract.lines);
        // What a later delivery has more to say of is not looked at.
        if (!later.some((rows) => rows.some((row) => row.id === id))) rejectedLines += rejected;
        return { id, value: read(record.value, contract.orders), lines: held };
      });
      return contract.lines.strict && rejectedLines > 0 ? undefined : orders;
    },
  });

  /** Each order that holds, from the slot that decides it. */
  const holding = (): readonly HeldOrder[] => {
    const all = slots
      .active()
      .flatMap(({ rows, delivery }) => rows.map((row) => ({ ...row, delivery })));
    return all
      .filter((row) => !all.some((other) => other.id === row.id && other.delivery > row.delivery))
      .sort((a, b) => a.id - b.id);
  };

  return {
    run: slots.run,
    replay: slots.replay,
    orders: (): readonly { readonly id: number; readonly value: string }[] =>
      holding().map(({ id, value }) => ({ id, value })),
    lines: (): readonly HeldLine[] =>
      holding().flatMap(({ lines }) => [...lines].sort((a, b) => (a.within < b.within ? -1 : 1))),
    /** The slots whose version has the order as it holds, and with it the line. */
    slotsOf: (id: number, value: string, line?: HeldLine): readonly string[] =>
      slots
        .active()
        .filter(({ rows }) =>
          rows.some(
            (row) =>
              row.id === id &&
              (line === undefined
                ? row.value === value
                : row.lines.some((own) => own.within === line.within && own.value === line.value)),
          ),
        )
        .map(({ slot }) => slot),
  };
}

import { createSlots } from './slot-oracle.ts';

/** One row of a file in the model: a key of a few, a value of a few, `x` for one that may not be read. */
export interface ModelRow {
  readonly id: number;
  readonly value: string;
}

/** What of a contract decides which rows there are, and which deliveries. */
export interface ModelContract {
  /** What is done with the value `x`: reject the row, read null, read 9, or (another type) read the text. */
  readonly x: 'reject' | 'null' | 'nine' | 'text';
  /** A delivery with rejected rows is refused. */
  readonly strict: boolean;
}

export type ModelKey = 'reject' | 'last-wins' | 'none';

/**
 * The naive oracle of docs/decisions/0018: for each slot its newest accepted version; for each key
 * the row of the slot whose version was delivered last. Without a key, all rows of all slots.
 */
export function createOracle(key: ModelKey) {
  const slots = createSlots<readonly ModelRow[], ModelContract, readonly ModelRow[]>({
    change: (before, wanted) =>
      before.x === wanted.x
        ? undefined
        : before.x === 'text' || wanted.x === 'text'
          ? 'rebuild'
          : 'read',
    read: (content, { x, strict }) => {
      const good = content.filter((row) => row.value !== 'x' || x !== 'reject');
      let rejected = content.length - good.length;
      const typed = good.map((row) =>
        row.value === 'x' && x !== 'text' ? { ...row, value: x === 'nine' ? '9' : '' } : row,
      );
      const rows: ModelRow[] = [];
      if (key === 'none') rows.push(...typed);
      else {
        for (const id of new Set(typed.map((row) => row.id))) {
          const same = typed.filter((row) => row.id === id);
          const alike = same.every((row) => row.value === same[0]?.value);
          const kept = alike ? same[0] : key === 'last-wins' ? same.at(-1) : undefined;
          if (kept === undefined) rejected += same.length;
          else rows.push(kept);
        }
      }
      return strict && rejected > 0 ? undefined : rows;
    },
  });

  return {
    run: slots.run,
    replay: slots.replay,
    /** The rows that hold, sorted, with the slots that have each of them. */
    rows: (): readonly (ModelRow & { readonly slots: readonly string[] })[] => {
      const all = slots
        .active()
        .flatMap(({ slot, rows, delivery }) => rows.map((row) => ({ ...row, slot, delivery })));
      const held =
        key === 'none'
          ? all
          : all.filter(
              (row) => !all.some((other) => other.id === row.id && other.delivery > row.delivery),
            );
      return held
        .map(({ id, value }) => ({
          id,
          value,
          slots: all.filter((row) => row.id === id && row.value === value).map((row) => row.slot),
        }))
        .sort((a, b) => a.id - b.id || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    },
  };
}

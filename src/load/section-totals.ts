import { unscaled } from '../contract/compare-decimals.ts';
import type { Contract } from '../contract/contract.ts';
import { PlumblineError } from '../errors.ts';
import type { RecordChunk, StatedSubtotal } from '../source/source.ts';
import {
  asStated,
  findStated,
  readStated,
  scaleOf,
  statedText,
  summable,
} from './control-totals.ts';
import type { EncoderState } from './encode-rows.ts';

/** Compares subtotals and carry-overs of a delivery with the rows above them, as they come. */
export interface SectionCheck {
  /**
   * Called with each chunk once its rows are in the encoder's sums. Throws `control-total` when what
   * it states below them is no number, or not what the rows add up to.
   */
  readonly check: (chunk: RecordChunk) => void;
}

/** The sum of a column over some rows. */
interface Sum {
  readonly sum: bigint;
  /** Cells of rejected rows that could not be read. */
  readonly unreadable: number;
}

const nothing: Sum = { sum: 0n, unreadable: 0 };

/**
 * A section is what the encoder's running sums grew by since the subtotal before: comparing costs
 * nothing for a row. As with totals, rejected rows count as far as their cells can be read, and a
 * section with a cell that cannot be read is neither confirmed nor refuted.
 */
export function createSectionCheck(
  contract: Contract,
  state: Readonly<EncoderState>,
  where: string,
): SectionCheck {
  const columns = summable(contract);
  /** By level: the running sums where its section began. */
  const begins = new Map<number, readonly Sum[]>();
  const groups = createGroupSums();
  const running = (): readonly Sum[] =>
    columns.map((_, index) => ({
      sum: state.acceptedSums.value(index) + state.rejects.sums.value(index),
      unreadable: state.rejects.sums.unreadable(index),
    }));

  /** What a statement covers, by column; a section that does not go on ends with it. */
  function take({ level, group, goesOn }: StatedSubtotal): readonly Sum[] {
    if (group !== undefined) return groups.take(level, group, goesOn === true);
    const now = running();
    const begin = begins.get(level);
    if (goesOn !== true) begins.set(level, now);
    return now.map((sum, index) => difference(sum, begin?.[index] ?? nothing));
  }

  function compare(stated: StatedSubtotal): void {
    const sums = take(stated);
    const { line, sheet, totals, opening = {} } = stated;
    const place = `${where}, ${sheet === null ? 'line' : `sheet '${sheet}', row`} ${line}`;
    for (const [index, name] of columns.entries()) {
      const spec = contract.columns[name];
      const total = spec === undefined ? undefined : findStated(totals, name, spec);
      if (spec === undefined || total === undefined) continue;
      const value = readStated(spec, total);
      if (value === undefined) {
        throw new PlumblineError('control-total', {
          message: `${place}: the ${nameOf(stated)} row holds "${total.text}" for "${name}", which is no number.`,
        });
      }
      const { sum, unreadable } = sums[index] ?? nothing;
      if (unreadable > 0 || value === asStated(sum)) continue;
      const carried = findStated(opening, name, spec);
      if (carried !== undefined && value === asStated(sum) + (readStated(spec, carried) ?? 0n))
        continue;
      const scale = scaleOf(spec);
      throw new PlumblineError('control-total', {
        message: `${place}: the delivery states a ${nameOf(stated)} of ${statedText(value, scale)} for "${name}", but ${rowsOf(stated)} add up to ${unscaled(sum, scale)}.`,
        remedy: `Ask the sender which is right; a row may be missing from the section, or its ${nameOf(stated)} is out of date. Where "${name}" is no sum there, such as a balance, leave it out of totalsRow.sums.`,
      });
    }
  }

  function check({ sheet, group, subtotal }: RecordChunk): void {
    if (group !== undefined || subtotal?.group !== undefined) groups.add(sheet, group, running());
    if (subtotal !== undefined) compare(subtotal);
  }
  return { check };
}

/** Sums of the rows that hold the same in a column, of one sheet. */
interface GroupSums {
  /** What the running sums grew by is of rows of this group; undefined for none of a group. */
  readonly add: (sheet: string | null, group: string | undefined, now: readonly Sum[]) => void;
  /** The sums of a group, since they were taken the last time at this level unless they `goOn`. */
  readonly take: (level: number, group: string, goOn: boolean) => readonly Sum[];
}

function createGroupSums(): GroupSums {
  let sums = new Map<string, readonly Sum[]>();
  let taken = new Map<string, readonly Sum[]>();
  let before: readonly Sum[] = [];
  let current: string | null = null;
  return {
    add: (sheet, group, now) => {
      if (sheet !== current) {
        sums = new Map();
        taken = new Map();
        current = sheet;
      }
      if (group !== undefined) {
        const held = sums.get(group);
        const grown = now.map((sum, index) => {
          const { sum: more, unreadable } = difference(sum, before[index] ?? nothing);
          const { sum: had, unreadable: hadUnreadable } = held?.[index] ?? nothing;
          return { sum: had + more, unreadable: hadUnreadable + unreadable };
        });
        sums.set(group, grown);
      }
      before = now;
    },
    take: (level, group, goOn) => {
      const key = `${level} ${group}`;
      const all = sums.get(group) ?? [];
      const last = taken.get(key);
      if (!goOn) taken.set(key, all);
      return all.map((sum, index) => difference(sum, last?.[index] ?? nothing));
    },
  };
}

const difference = (a: Sum, b: Sum): Sum => ({
  sum: a.sum - b.sum,
  unreadable: a.unreadable - b.unreadable,
});

const nameOf = ({ goesOn, group }: StatedSubtotal): string =>
  goesOn !== true ? 'subtotal' : group === undefined ? 'carry-over' : 'total';

function rowsOf({ goesOn, group }: StatedSubtotal): string {
  const rows = group === undefined ? 'the rows' : `the rows of "${group}"`;
  return goesOn === true ? `${rows} above it` : `${rows} since the subtotal before it`;
}

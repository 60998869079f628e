import { unscaled } from '../contract/compare-decimals.ts';
import type { Contract } from '../contract/contract.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { PlumblineError } from '../errors.ts';
import type { StatedSubtotal } from '../source/source.ts';
import { readStated, scaleOf, summable } from './control-totals.ts';
import type { EncoderState } from './encode-rows.ts';

/** Compares the subtotals of a delivery with the rows above them, as they come. */
export interface SectionCheck {
  /** Throws `control-total` when a stated subtotal is no number, or not what its rows add up to. */
  readonly check: (subtotal: StatedSubtotal) => void;
}

/** The running sum of a column where a section of a level began. */
interface Mark {
  readonly sum: bigint;
  readonly unreadable: number;
}

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
  const marks = new Map<string, Mark>();
  const running = (index: number): Mark => ({
    sum: state.acceptedSums.value(index) + state.rejects.sums.value(index),
    unreadable: state.rejects.sums.unreadable(index),
  });

  const check = ({ level, line, sheet, totals }: StatedSubtotal): void => {
    const place = `${where}, ${sheet === null ? 'line' : `sheet '${sheet}', row`} ${line}`;
    const byLabel = new Map(
      Object.entries(totals).map(([label, total]) => [foldLabel(label), total]),
    );
    for (const [index, name] of columns.entries()) {
      const spec = contract.columns[name];
      if (spec === undefined) continue;
      const mark = marks.get(`${level}:${index}`) ?? { sum: 0n, unreadable: 0 };
      const now = running(index);
      marks.set(`${level}:${index}`, now);
      const stated = labelsOf(name, spec.header)
        .map((label) => byLabel.get(foldLabel(label)))
        .find((total) => total !== undefined && total.text !== '');
      if (stated === undefined) continue;
      const value = readStated(spec, stated);
      if (value === undefined) {
        throw new PlumblineError('control-total', {
          message: `${place}: the subtotal row holds "${stated.text}" for "${name}", which is no number.`,
        });
      }
      const counted = now.sum - mark.sum;
      if (value === counted || now.unreadable > mark.unreadable) continue;
      const text = (scaledValue: bigint): string => unscaled(scaledValue, scaleOf(spec));
      throw new PlumblineError('control-total', {
        message: `${place}: the delivery states a subtotal of ${text(value)} for "${name}", but the rows since the subtotal before it add up to ${text(counted)}.`,
        remedy:
          'Ask the sender which is right; a row may be missing from the section, or its subtotal is out of date.',
      });
    }
  };
  return { check };
}

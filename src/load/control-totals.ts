import { createCellWriter, Outcome } from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import { scaled, unscaled } from '../contract/compare-decimals.ts';
import type { Contract } from '../contract/contract.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { createCellReader } from '../contract/read-cell.ts';
import { PlumblineError } from '../errors.ts';
import type { ReadSummary, StatedTotal } from '../source/source.ts';
import type { EncoderState } from './encode-rows.ts';
import type { HeldSums } from './held-sums.ts';
import type { ControlTotal } from './result.ts';

/** Columns that can be added up. */
export const summable = (contract: Contract): string[] =>
  Object.entries(contract.columns).flatMap(([name, spec]) =>
    spec.type === 'decimal' || spec.type === 'integer' ? [name] : [],
  );

/** Decimals of a column that can be added up. */
export const scaleOf = (spec: ColumnSpec | undefined): number =>
  spec?.type === 'decimal' ? spec.scale : 0;

/**
 * Decimals that are read of a stated total beyond those of its column. A row with a decimal too many is
 * rejected, and the sum the sender made of it has it too; no number of Excel has more than these.
 */
const moreDecimals = 15;
const statedUnit = 10n ** BigInt(moreDecimals);

/** A sum of a column as `readStated` gives totals. */
export const asStated = (sum: bigint): bigint => sum * statedUnit;

/** A stated total as people compare it: with the decimals of its column, or those it has. */
export function statedText(total: bigint, scale: number): string {
  const text = unscaled(total, scale + moreDecimals);
  const zeros = /0*$/u.exec(text)?.[0].length ?? 0;
  return text.slice(0, text.length - Math.min(zeros, moreDecimals)).replace(/\.$/u, '');
}

/** A total as the delivery states it, in the unit of `asStated`. Bounds are for cells, not for their sum. */
export function readStated(spec: ColumnSpec, stated: StatedTotal): bigint | undefined {
  if (spec.type !== 'decimal' && spec.type !== 'integer') return undefined;
  const { min: _min, max: _max, ...unbounded } = spec;
  const isDecimal = unbounded.type === 'decimal';
  const total: ColumnSpec = isDecimal
    ? { ...unbounded, precision: 1000, scale: unbounded.scale + moreDecimals }
    : unbounded;
  const bytes = Buffer.from(stated.text);
  const out = createCellWriter(2 * bytes.length + 1024);
  const outcome = createCellReader(total, 'UTC')(bytes, 0, bytes.length, stated.kind, out);
  if (outcome > Outcome.ok) return undefined;
  const value = Number.isNaN(out.scaled) ? out.exact : BigInt(out.scaled);
  return isDecimal ? value : asStated(value);
}

/** What is stated for a column, under whichever of its labels the delivery has. */
export function findStated(
  totals: Readonly<Record<string, StatedTotal>>,
  name: string,
  spec: ColumnSpec,
): StatedTotal | undefined {
  const labels = new Set(labelsOf(name, spec.header).map(foldLabel));
  const found = Object.entries(totals).find(([label]) => labels.has(foldLabel(label)))?.[1];
  return found?.text === '' ? undefined : found;
}

/** The totals of a delivery: which columns are added up, and what the delivery itself states. */
export interface TotalsPlan {
  readonly columns: readonly string[];
  /** By column, in the unit of `asStated`. */
  readonly declared: ReadonlyMap<string, bigint>;
  /** What was carried in above the first row, which what is declared may count in. */
  readonly opening: ReadonlyMap<string, bigint>;
}

/**
 * Chooses the columns of `controlTotals` and those the delivery states a total of.
 * Throws `control-total` for a stated total that is no number.
 */
export function planTotals(
  contract: Contract,
  stated: Pick<ReadSummary, 'totals' | 'opening'> & { readonly where: string },
): TotalsPlan {
  const declared = new Map<string, bigint>();
  const opening = new Map<string, bigint>();
  for (const name of summable(contract)) {
    const spec = contract.columns[name];
    const found = spec === undefined ? undefined : findStated(stated.totals, name, spec);
    if (spec === undefined || found === undefined) continue;
    const total = readStated(spec, found);
    if (total === undefined) {
      throw new PlumblineError('control-total', {
        message: `${stated.where}: the totals row holds "${found.text}" for "${name}", which is no number.`,
      });
    }
    declared.set(name, total);
    const carried = findStated(stated.opening ?? {}, name, spec);
    const value = carried === undefined ? undefined : readStated(spec, carried);
    if (value !== undefined) opening.set(name, value);
  }
  const columns = summable(contract).filter(
    (name) => contract.controlTotals?.includes(name) === true || declared.has(name),
  );
  return { columns, declared, opening };
}

export interface TotalsOptions {
  readonly contract: Contract;
  readonly where: string;
  readonly plan: TotalsPlan;
  readonly state: EncoderState;
  /** What Postgres has of the delivery, part by part; all accepted rows are in one of them. */
  readonly held: readonly HeldSums[];
  /** What of that are rows rejected because of another row of the delivery. */
  readonly clashed: HeldSums | undefined;
}

/**
 * Compares what was encoded with what Postgres holds: the number of rows, and the sum of every
 * planned column. Throws `control-total` at the first difference, which aborts the batch.
 */
export function checkControlTotals(options: TotalsOptions): Record<string, ControlTotal> {
  const { contract, state, plan, held } = options;
  const rows = held.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== state.accepted) {
    throw new PlumblineError('control-total', {
      message: `${options.where}: ${state.accepted} rows were accepted, but Postgres holds ${rows}.`,
    });
  }
  const order = summable(contract);
  const totals: Record<string, ControlTotal> = {};
  for (const [position, name] of plan.columns.entries()) {
    const scale = scaleOf(contract.columns[name]);
    const index = order.indexOf(name);
    const inTable = held.reduce((sum, part) => sum + scaled(part.sums[position] ?? '0', scale), 0n);
    totals[name] = compareTotal(
      {
        delivered: state.acceptedSums.value(index),
        held: inTable,
        clashing: scaled(options.clashed?.sums[position] ?? '0', scale),
        rejected: state.rejects.sums.value(index),
        unreadable: state.rejects.sums.unreadable(index),
        declared: plan.declared.get(name),
        opening: plan.opening.get(name) ?? 0n,
      },
      { name, scale, where: options.where },
    );
  }
  return totals;
}

interface ScaledTotal {
  readonly delivered: bigint;
  readonly held: bigint;
  readonly clashing: bigint;
  readonly rejected: bigint;
  readonly unreadable: number;
  readonly declared: bigint | undefined;
  readonly opening: bigint;
}

/**
 * The total a delivery states covers its rejected rows too. Where one of these has a cell that
 * cannot be read, the stated total can be neither confirmed nor refuted.
 */
function compareTotal(
  total: ScaledTotal,
  column: { readonly name: string; readonly scale: number; readonly where: string },
): ControlTotal {
  const text = (value: bigint): string => unscaled(value, column.scale);
  const { delivered, held, clashing, rejected, unreadable, declared, opening } = total;
  if (delivered !== held) {
    throw new PlumblineError('control-total', {
      message: `${column.where}: column "${column.name}" adds up to ${text(delivered)} in the accepted rows, but Postgres holds ${text(held)}.`,
    });
  }
  const rows = delivered + rejected;
  const stated = asStated(rows);
  const isStated = declared === undefined || declared === stated || declared === stated + opening;
  if (!isStated && unreadable === 0) {
    throw new PlumblineError('control-total', {
      message: `${column.where}: the delivery states a total of ${statedText(declared, column.scale)} for "${column.name}", but its rows add up to ${text(rows)}.`,
      remedy: `Ask the sender which is right; a row may be missing from the file, or its total is out of date. Where "${column.name}" is no sum there, such as a balance, leave it out of totalsRow.sums.`,
    });
  }
  return {
    delivered: text(delivered),
    held: text(held),
    ...(clashing === 0n ? {} : { clashing: text(clashing) }),
    rejected: text(rejected),
    ...(declared === undefined ? {} : { declared: statedText(declared, column.scale) }),
    unreadable,
  };
}

import type pg from 'pg';

import { CellKind, createCellWriter, Outcome } from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import { scaled, unscaled } from '../contract/compare-decimals.ts';
import type { Contract } from '../contract/contract.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { createCellReader } from '../contract/read-cell.ts';
import { PlumblineError } from '../errors.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import type { EncoderState } from './encode-rows.ts';
import type { ControlTotal } from './result.ts';

/** Columns that can be added up. */
export const summable = (contract: Contract): string[] =>
  Object.entries(contract.columns).flatMap(([name, spec]) =>
    spec.type === 'decimal' || spec.type === 'integer' ? [name] : [],
  );

const scaleOf = (spec: ColumnSpec | undefined): number =>
  spec?.type === 'decimal' ? spec.scale : 0;

/** A total as the delivery states it, as a scaled integer. Bounds are for cells, not for their sum. */
function readDeclared(spec: ColumnSpec, text: string): bigint | undefined {
  if (spec.type !== 'decimal' && spec.type !== 'integer') return undefined;
  const { min: _min, max: _max, ...unbounded } = spec;
  const total: ColumnSpec =
    unbounded.type === 'decimal' ? { ...unbounded, precision: 1000 } : unbounded;
  const bytes = Buffer.from(text);
  const out = createCellWriter(2 * bytes.length + 1024);
  const asText = createCellReader(total, 'UTC')(bytes, 0, bytes.length, CellKind.text, out);
  if (asText > Outcome.ok) {
    out.at = 0;
    // A spreadsheet's own number cell is canonical whatever marks its text cells have.
    if (createCellReader(total, 'UTC')(bytes, 0, bytes.length, CellKind.number, out) > Outcome.ok)
      return undefined;
  }
  return Number.isNaN(out.scaled) ? out.exact : BigInt(out.scaled);
}

export interface TotalsOptions {
  readonly client: pg.Client;
  /** Quoted `raw.relation`. */
  readonly table: string;
  readonly contract: Contract;
  readonly batchId: number;
  readonly where: string;
  readonly state: EncoderState;
  /** What the batch must hold: rows inserted and changed. */
  readonly heldRows: number;
  readonly unchangedRows: number;
  readonly keyed: boolean;
  /** Totals the delivery states, by label. */
  readonly declared: Readonly<Record<string, string>>;
}

/**
 * Compares what was encoded with what the table now holds: the number of rows, and the sum of
 * every column of `controlTotals` and of every column the delivery states a total of.
 *
 * Throws `control-total` at the first difference, which aborts the batch.
 */
export async function checkControlTotals(
  options: TotalsOptions,
): Promise<Record<string, ControlTotal>> {
  const { contract, state } = options;
  const order = summable(contract);
  const declared = declaredByColumn(options);
  const columns = order.filter(
    (name) => contract.controlTotals?.includes(name) === true || declared.has(name),
  );
  const held = await readHeld(options, columns);
  if (held.rows !== options.heldRows || held.unchanged !== options.unchangedRows) {
    throw new PlumblineError('control-total', {
      message: `${options.where}: ${options.heldRows} rows were written and ${options.unchangedRows} were held already, but the table holds ${held.rows} and ${held.unchanged}.`,
    });
  }
  const totals: Record<string, ControlTotal> = {};
  for (const [position, name] of columns.entries()) {
    const scale = scaleOf(contract.columns[name]);
    const index = order.indexOf(name);
    const delivered = state.acceptedSums.value(index);
    const inTable = held.sums[position] ?? 0n;
    const rejected = state.rejectedSums.value(index);
    const unreadable = state.rejectedSums.unreadable(index);
    const text = (value: bigint): string => unscaled(value, scale);
    if (delivered !== inTable) {
      throw new PlumblineError('control-total', {
        message: `${options.where}: column "${name}" adds up to ${text(delivered)} in the accepted rows, but the table holds ${text(inTable)}.`,
      });
    }
    const own = declared.get(name);
    if (own !== undefined && own !== delivered + rejected && unreadable === 0) {
      throw new PlumblineError('control-total', {
        message: `${options.where}: the delivery states a total of ${text(own)} for "${name}", but its rows add up to ${text(delivered + rejected)}.`,
        remedy:
          'Ask the sender which is right; a row may be missing from the file, or its total is out of date.',
      });
    }
    totals[name] = {
      delivered: text(delivered),
      held: text(inTable),
      rejected: text(rejected),
      ...(own === undefined ? {} : { declared: text(own) }),
      unreadable,
    };
  }
  return totals;
}

function declaredByColumn({ contract, declared, where }: TotalsOptions): Map<string, bigint> {
  const byLabel = new Map(
    Object.entries(declared).map(([label, text]) => [foldLabel(label), text]),
  );
  const found = new Map<string, bigint>();
  for (const name of summable(contract)) {
    const spec = contract.columns[name];
    const label =
      spec === undefined
        ? undefined
        : labelsOf(name, spec.header).find((each) => byLabel.has(foldLabel(each)));
    const text = label === undefined ? undefined : byLabel.get(foldLabel(label));
    if (spec === undefined || text === undefined || text.trim() === '') continue;
    const total = readDeclared(spec, text);
    if (total === undefined) {
      throw new PlumblineError('control-total', {
        message: `${where}: the totals row holds "${text}" for "${name}", which is no number.`,
      });
    }
    found.set(name, total);
  }
  return found;
}

/** Counts and sums as the database has them; the rows set aside as duplicates are in `set_aside`. */
async function readHeld(
  options: TotalsOptions,
  columns: readonly string[],
): Promise<{ rows: number; unchanged: number; sums: bigint[] }> {
  const { client, table, contract, batchId } = options;
  const sums = columns
    .map((name, index) => `sum(${quoteIdentifier(name)})::text as s${index}`)
    .join(', ');
  const selected = `count(*)::text as rows${sums === '' ? '' : `, ${sums}`}`;
  type Sums = Record<string, string | null>;
  const own = await client.query<Sums>(`select ${selected} from ${table} where _batch_id = $1`, [
    batchId,
  ]);
  const parts: Sums[] = [own.rows[0] ?? {}];
  let unchanged = 0;
  if (options.keyed) {
    const aside = await client.query<Sums>(`select ${selected} from set_aside`);
    parts.push(aside.rows[0] ?? {});
    if (options.unchangedRows > 0) {
      const match = (contract.key ?? [])
        .map((name) => `r.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
        .join(' and ');
      const same = await client.query<Sums>(
        `select ${selected} from (
           select r.* from ${table} r join stage s on ${match}
            where r._superseded_by is null and r._batch_id <> $1 and r._row_hash = s._row_hash) held`,
        [batchId],
      );
      parts.push(same.rows[0] ?? {});
      unchanged = Number(same.rows[0]?.['rows'] ?? 0);
    }
  }
  return {
    rows: Number(own.rows[0]?.['rows'] ?? 0),
    unchanged,
    sums: columns.map((name, index) =>
      parts.reduce(
        (sum, part) => sum + scaled(part[`s${index}`] ?? '0', scaleOf(contract.columns[name])),
        0n,
      ),
    ),
  };
}

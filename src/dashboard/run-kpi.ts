import { grainOf, isUnfinished } from './calendar-axis.ts';
import type { KpiTile } from './definition.ts';
import { filterParameters } from './filters.ts';
import { columnIndex, dayOf, toNumber } from './result-column.ts';
import type { TileContext } from './tile-context.ts';
import type { KpiData } from './tile-data.ts';

const sparklinePointsMax = 400;

/** Runs a number's query, the same over the days it is compared with, and its sparkline. */
export async function runKpi(tile: KpiTile, context: TileContext): Promise<KpiData> {
  const current = await readNumber(tile, context, 'none');
  return {
    kind: 'kpi',
    column: current.column,
    value: current.value,
    comparison: await compare(tile, current.value, context),
    ...(await readSparkline(tile, context)),
  };
}

async function readNumber(
  tile: KpiTile,
  { snapshot, filters }: TileContext,
  shift: 'none' | 'previous period' | 'previous year',
): Promise<{ column: string; value: string | null }> {
  const result = await snapshot.query(tile.sql, filterParameters(filters, shift), { rowsMax: 1 });
  const index = tile.value === undefined ? 0 : columnIndex(result, tile.value);
  return { column: result.columns[index]?.name ?? '', value: result.rows[0]?.[index] ?? null };
}

async function compare(
  tile: KpiTile,
  value: string | null,
  context: TileContext,
): Promise<KpiData['comparison']> {
  if (tile.compare === undefined) return undefined;
  const period = Object.values(context.filters.values).find((one) => one.kind === 'period');
  const range = tile.compare === 'previous period' ? period?.previous : period?.previousYear;
  if (range === undefined) return undefined;
  const before = await readNumber(tile, context, tile.compare);
  const now = toNumber(value);
  const then = toNumber(before.value);
  const change =
    now === null || then === null || then === 0 ? undefined : (now - then) / Math.abs(then);
  return {
    with: tile.compare,
    range,
    value: before.value,
    change,
    good:
      change === undefined || change === 0 ? undefined : change > 0 === (tile.better !== 'down'),
  };
}

async function readSparkline(
  tile: KpiTile,
  { snapshot, filters }: TileContext,
): Promise<Pick<KpiData, 'sparkline' | 'unfinished'>> {
  if (tile.sparkline === undefined) return { sparkline: undefined, unfinished: false };
  const { rows } = await snapshot.query(tile.sparkline, filterParameters(filters), {
    rowsMax: sparklinePointsMax,
  });
  const days = rows.map((row) => dayOf(row[0])).filter((day) => day !== undefined);
  const last = days.at(-1);
  return {
    sparkline: rows.map((row) => toNumber(row.at(-1) ?? null)),
    unfinished:
      last !== undefined &&
      days.length === rows.length &&
      isUnfinished(last, grainOf(days), filters.today),
  };
}

import { forecastMonths } from '../forecast/forecast.ts';
import type { Forecast } from '../forecast/forecast.ts';
import { everyPeriod, grainOf, isUnfinished, nextPeriod } from './calendar-axis.ts';
import type { BarTile, LineTile } from './definition.ts';
import { filterParameters } from './filters.ts';
import type { QueryResult } from './query.ts';
import { columnIndex, dayOf, toNumber } from './result-column.ts';
import type { TileContext } from './tile-context.ts';
import type { ForecastData, Point, SeriesData } from './tile-data.ts';

/** The most months a forecast reaches, the unfinished one included. */
const forecastMonthsMax = 24;

/** Runs the query of a line or bar chart, and for a forecast once more over all the time there is. */
export async function runSeries(
  tile: LineTile | BarTile,
  { snapshot, filters }: TileContext,
): Promise<SeriesData> {
  const series: readonly string[] = typeof tile.y === 'string' ? [tile.y] : tile.y;
  const result = await snapshot.query(tile.sql, filterParameters(filters));
  const axis = readPoints(result, tile.x, series);
  const last = axis.points.at(-1);
  const data: SeriesData = {
    kind: tile.kind,
    xColumn: tile.x,
    series,
    ...axis,
    unfinished:
      axis.grain !== undefined &&
      last !== undefined &&
      isUnfinished(last.x, axis.grain, filters.today),
    forecast: undefined,
    forecastMissing: undefined,
    truncated: result.truncated,
  };
  if (tile.kind === 'bar' || tile.forecast === undefined) return data;
  const all = await snapshot.query(tile.sql, filterParameters(filters, 'all until today'));
  const history = readPoints(all, tile.x, series);
  const { months } = tile.forecast;
  return { ...data, ...forecast({ data, history, all, months, today: filters.today }) };
}

interface Axis {
  readonly grain: SeriesData['grain'];
  readonly points: readonly Point[];
}

function readPoints(result: QueryResult, x: string, series: readonly string[]): Axis {
  const xIndex = columnIndex(result, x);
  const yIndexes = series.map((name) => columnIndex(result, name));
  const points = result.rows.map((row) => ({
    x: row[xIndex] ?? '',
    values: yIndexes.map((index) => row[index] ?? null),
  }));
  const days = points.map((point) => dayOf(point.x)).filter((day) => day !== undefined);
  if (days.length < points.length || days.length === 0) return { grain: undefined, points };
  const grain = grainOf(days);
  const byDay = new Map(points.map((point, index) => [days[index] ?? '', point.values]));
  const sorted = days.toSorted();
  const periods = everyPeriod(sorted[0] ?? '', sorted.at(-1) ?? '', grain);
  // Days that do not follow the grain exactly (a week missing its Monday) are drawn as they come.
  const regular = sorted.every((day, index) => day !== sorted[index + 1]) && periods.length > 0;
  const known = new Set(periods);
  const inStep = regular && sorted.every((day) => known.has(day));
  const axis = inStep ? periods : sorted;
  const empty = series.map(() => null);
  return { grain, points: axis.map((day) => ({ x: day, values: byDay.get(day) ?? empty })) };
}

interface ForecastInput {
  readonly data: SeriesData;
  /** The same series over all the time there is. */
  readonly history: Axis;
  /** The result it was read from. */
  readonly all: QueryResult;
  readonly months: number;
  readonly today: string;
}

/**
 * Forecasts from the last finished month on: what the unfinished one holds so far would pull the line
 * down, so it is forecast too.
 */
function forecast(input: ForecastInput): Pick<SeriesData, 'forecast' | 'forecastMissing'> {
  const none = (reason: string) => ({ forecast: undefined, forecastMissing: reason });
  const { data, history, today } = input;
  if (data.series.length !== 1) return none('a forecast needs one series');
  if (history.grain !== 'month' && history.points.length > 0) {
    return none('a forecast needs one row a month');
  }
  const finished = history.points.filter((point) => !isUnfinished(point.x, 'month', today));
  const last = finished.at(-1);
  if (last === undefined) return none('no month is finished yet');
  const shownUntil = data.points.at(-1)?.x;
  if (shownUntil === undefined || shownUntil < last.x) return none('the period ends before today');
  const values = finished.map((point) => toNumber(point.values[0] ?? null));
  const gap = finished[values.indexOf(null)];
  if (gap !== undefined) return none(`there is no value for ${gap.x.slice(0, 7)}`);
  const known = values.filter((value) => value !== null);
  const unfinished = finished.length < history.points.length ? 1 : 0;
  const months = Math.min(input.months + unfinished, forecastMonthsMax);
  const result = forecastOnce(
    input.all,
    JSON.stringify([data.xColumn, data.series, months, known.length]),
    () => forecastMonths(known, { months }),
  );
  if (result === undefined) return none(`${known.length} finished months are too few`);
  let x = last.x;
  const points = result.points.map((point) => {
    x = nextPeriod(x, 'month');
    return { x, ...point };
  });
  const found: ForecastData = {
    method: result.method,
    points,
    sMape: result.backtest.sMape,
    coverage: result.backtest.coverage,
  };
  return { forecast: found, forecastMissing: undefined };
}

/** A back-test takes milliseconds; it is kept as long as the cached result it was made of. */
const forecasts = new WeakMap<QueryResult, Map<string, Forecast | undefined>>();

function forecastOnce(
  result: QueryResult,
  key: string,
  compute: () => Forecast | undefined,
): Forecast | undefined {
  const known = forecasts.get(result) ?? new Map<string, Forecast | undefined>();
  forecasts.set(result, known);
  if (!known.has(key)) known.set(key, compute());
  return known.get(key);
}

import { backtest, meanPercentError } from './backtest.ts';
import type { Fold } from './backtest.ts';
import { halfWidths, measureCoverage } from './interval.ts';
import { driftMethod, holtWintersMethod } from './method.ts';
import type { Method, MethodName } from './method.ts';

export interface ForecastPoint {
  readonly value: number;
  /** Ends of the 80 % band. */
  readonly low: number;
  readonly high: number;
}

/** What lies ahead, and how well the same method would have done so far. */
export interface Forecast {
  readonly method: MethodName;
  /** One for each month ahead. */
  readonly points: readonly ForecastPoint[];
  readonly backtest: {
    /** Symmetric mean absolute percentage error, 0 to 200, over all folds and months ahead. */
    readonly sMape: number;
    /** Share of outcomes inside bands calibrated without them, 0 to 1; 0.8 is the aim. */
    readonly coverage: number;
    /** Origins inside the history from which a forecast was made and compared. */
    readonly folds: number;
  };
}

const valuesMin = 12;
/** Two whole years, without which a season cannot be told from chance. */
const seasonalValuesMin = 24;

/**
 * Forecasts a monthly series by whichever of two methods did better on it in a rolling back-test:
 * drift, or from 24 values on damped Holt-Winters (on logs when all values are positive). The band is
 * calibrated on the errors of that back-test, not on an assumed distribution. Where no value is
 * below zero, neither is the forecast.
 *
 * Pure and deterministic; some milliseconds for five years.
 *
 * @param values One for each month, oldest first, none missing.
 * @param options.months How far ahead, a whole number from 1.
 * @returns Undefined for fewer than 12 values, for one that is not finite, and where a forecast would
 *   leave the range of a double.
 */
export function forecastMonths(
  values: readonly number[],
  options: { readonly months: number },
): Forecast | undefined {
  const { months } = options;
  if (values.length < valuesMin || !values.every(Number.isFinite)) return undefined;
  // Dividing by the largest keeps sums and squares of any finite input finite.
  const unit = Math.max(...values.map(Math.abs)) || 1;
  const scaled = values.map((value) => value / unit);
  const methods: Method[] = [driftMethod];
  if (scaled.length >= seasonalValuesMin) methods.push(holtWintersMethod(scaled));
  const candidates = methods
    .map((method) => judge(scaled, { method, months }))
    .sort((a, b) => a.sMape - b.sMape);
  for (const { method, folds, sMape } of candidates) {
    const coverage = measureCoverage(folds);
    const points = pointsAhead(scaled, { method, months, folds })?.map(resize(unit));
    if (coverage === undefined || points?.every(isFinitePoint) !== true) continue;
    return { method: method.name, points, backtest: { sMape, coverage, folds: folds.length } };
  }
  return undefined;
}

interface Candidate {
  readonly method: Method;
  readonly folds: readonly Fold[];
  readonly sMape: number;
}

function judge(
  values: readonly number[],
  { method, months }: { readonly method: Method; readonly months: number },
): Candidate {
  const folds = backtest(values, { method, months });
  return { method, folds, sMape: meanPercentError(folds) };
}

function pointsAhead(
  values: readonly number[],
  { method, folds, months }: { method: Method; folds: readonly Fold[]; months: number },
): ForecastPoint[] | undefined {
  const widths = halfWidths(folds, months);
  if (widths === undefined) return undefined;
  const floor = values.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  return method.forecast(values, months).map((center, index) => {
    const half = widths[index] ?? Number.NaN;
    const [value, low, high] = [center, center - half, center + half].map((scaled) =>
      Math.max(method.fromScale(scaled), floor),
    );
    return { value: value ?? Number.NaN, low: low ?? Number.NaN, high: high ?? Number.NaN };
  });
}

function resize(unit: number): (point: ForecastPoint) => ForecastPoint {
  return ({ value, low, high }) => ({ value: value * unit, low: low * unit, high: high * unit });
}

function isFinitePoint({ value, low, high }: ForecastPoint): boolean {
  return [value, low, high].every(Number.isFinite);
}

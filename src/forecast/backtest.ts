import type { Method } from './method.ts';

/** One forecast made inside the history, beside what then happened. */
export interface Fold {
  /** Number of values the forecast was made from. */
  readonly origin: number;
  /** Actual minus forecast on the method's scale, for 1, 2, … months ahead. */
  readonly residuals: readonly number[];
  /** Symmetric absolute percentage error of each month ahead, 0 to 200. */
  readonly percentErrors: readonly number[];
}

/** Origins tried at most, the latest ones: enough for quantiles, and bounded work on long series. */
const foldsMax = 36;

/**
 * Fewest values a fold is made from. Two years where the series leaves a year to test on; less where
 * it does not, so that a short series is tested at all.
 */
function firstOrigin(count: number): number {
  if (count >= 36) return 24;
  if (count >= 24) return 16;
  return Math.max(4, Math.floor(count / 2));
}

/**
 * Evaluation on a rolling forecasting origin: at each origin the method sees only what came before
 * it. Hyndman & Athanasopoulos, FPP3, section 5.10 (https://otexts.com/fpp3/tscv.html).
 */
export function backtest(
  values: readonly number[],
  { method, months }: { readonly method: Method; readonly months: number },
): Fold[] {
  const folds: Fold[] = [];
  const first = Math.max(firstOrigin(values.length), values.length - foldsMax);
  for (let origin = first; origin < values.length; origin += 1) {
    const ahead = Math.min(months, values.length - origin);
    const forecast = method.forecast(values.slice(0, origin), ahead);
    const actual = values.slice(origin, origin + ahead);
    folds.push({
      origin,
      residuals: actual.map(
        (value, index) => method.toScale(value) - (forecast[index] ?? Number.NaN),
      ),
      percentErrors: actual.map((value, index) =>
        percentError(value, method.fromScale(forecast[index] ?? Number.NaN)),
      ),
    });
  }
  return folds;
}

/**
 * 200 |y − ŷ| / (|y| + |ŷ|), FPP3 section 5.8; 0 when both are zero, and 200 for a forecast that is
 * no number.
 */
export function percentError(actual: number, forecast: number): number {
  const size = Math.abs(actual) + Math.abs(forecast);
  if (size === 0) return 0;
  const error = (200 * Math.abs(actual - forecast)) / size;
  return Number.isFinite(error) ? error : 200;
}

/** The mean percentage error over all folds and months: sMAPE, 0 to 200. */
export function meanPercentError(folds: readonly Fold[]): number {
  const errors = folds.flatMap((fold) => fold.percentErrors);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

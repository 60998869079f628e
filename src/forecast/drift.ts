/**
 * The drift method: the line from the first value to the last, carried on.
 * ŷ(T+h) = y(T) + h · (y(T) − y(1)) / (T − 1).
 *
 * Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2
 * (https://otexts.com/fpp3/simple-methods.html).
 *
 * @param values At least two.
 */
export function forecastDrift(values: readonly number[], months: number): number[] {
  const first = values[0] ?? Number.NaN;
  const last = values.at(-1) ?? Number.NaN;
  const slope = (last - first) / (values.length - 1);
  return Array.from({ length: months }, (_, index) => last + (index + 1) * slope);
}

/** Round values to label an axis with, and the range they span. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Ascending; the first is `low`, the last is `high`. */
  readonly ticks: readonly number[];
}

/** Beyond it, and below its inverse, a span or a step of doubles is infinite or nothing. */
const drawnMax = 1e300;

/**
 * A scale over the values that always holds zero, so that heights can be compared, with about
 * `count` steps of 1, 2 or 5 times a power of ten.
 */
export function niceScale(values: readonly number[], count = 6): Scale {
  const finite = values
    .filter((value) => Number.isFinite(value))
    .map((value) => Math.min(Math.max(value, -drawnMax), drawnMax));
  const lowest = Math.min(0, ...finite);
  const highest = Math.max(0, ...finite);
  const span = highest - lowest;
  if (span < 1 / drawnMax) return { low: 0, high: 1, ticks: [0, 1] };
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough) ?? 10;
  const step = factor * power;
  const first = Math.floor(lowest / step);
  const last = Math.ceil(highest / step);
  // Counted in whole steps: adding 0.1 ten times over is not 1.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    clean((first + index) * step),
  );
  return { low: ticks[0] ?? 0, high: ticks.at(-1) ?? 1, ticks };
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}

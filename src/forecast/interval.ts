import type { Fold } from './backtest.ts';

/** The share of outcomes a band is meant to hold. */
const level = 0.8;

/** Fewest residuals from which a quantile at 80 % can be read: ⌈0.8 (n + 1)⌉ ≤ n. */
const residualsMin = 4;

/** Residuals a quantile should rest on; horizons nearby lend theirs until there are as many. */
const residualsWanted = 12;

/**
 * Half the width of the 80 % band, for 1, 2, … months ahead, on the method's scale: the conformal
 * quantile of the absolute errors the method made about that far ahead in the back-test. Beyond the
 * longest horizon tested, widths grow with the square root of the distance, as a random walk's do
 * (FPP3 section 5.5). Widths never shrink with the distance.
 *
 * Split conformal prediction: Lei et al., Distribution-Free Predictive Inference for Regression
 * (2018), section 2.2.
 *
 * @returns Undefined when the back-test is too short to say.
 */
export function halfWidths(folds: readonly Fold[], months: number): number[] | undefined {
  const tested = Math.max(0, ...folds.map((fold) => fold.residuals.length));
  const widths: number[] = [];
  let widest = 0;
  for (let ahead = 1; ahead <= Math.min(months, tested); ahead += 1) {
    const residuals = residualsNear(folds, ahead, tested);
    if (residuals.length < residualsMin) return undefined;
    widest = Math.max(widest, conformalQuantile(residuals));
    widths.push(widest);
  }
  if (tested === 0) return undefined;
  for (let ahead = tested + 1; ahead <= months; ahead += 1) {
    widths.push(widest * Math.sqrt(ahead / tested));
  }
  return widths;
}

/** Absolute residuals `ahead` months ahead, with those of the nearest horizons while they are few. */
function residualsNear(folds: readonly Fold[], ahead: number, tested: number): number[] {
  const at = (horizon: number): number[] =>
    folds.flatMap((fold) => fold.residuals.slice(horizon - 1, horizon)).map(Math.abs);
  const found = at(ahead);
  for (let distance = 1; found.length < residualsWanted && distance < tested; distance += 1) {
    if (ahead - distance >= 1) found.push(...at(ahead - distance));
    found.push(...at(ahead + distance));
  }
  return found;
}

/** The ⌈0.8 (n + 1)⌉-th smallest, or the largest when there are too few for that. */
function conformalQuantile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(Math.ceil(level * (sorted.length + 1)), sorted.length);
  return sorted[rank - 1] ?? Number.NaN;
}

/** Blocks the back-test is cut into to measure coverage. */
const blocks = 3;

/**
 * The share of outcomes that lay inside bands they had no part in: the folds are cut into
 * consecutive blocks, and each block is held out of the calibration of its own bands. Undefined when
 * there are too few folds for that.
 */
export function measureCoverage(folds: readonly Fold[]): number | undefined {
  const size = Math.ceil(folds.length / blocks);
  let inside = 0;
  let all = 0;
  for (let start = 0; start < folds.length; start += size) {
    const heldOut = folds.slice(start, start + size);
    const others = [...folds.slice(0, start), ...folds.slice(start + size)];
    const months = Math.max(...heldOut.map((fold) => fold.residuals.length));
    const widths = halfWidths(others, months);
    if (widths === undefined) continue;
    for (const fold of heldOut) {
      for (const [index, residual] of fold.residuals.entries()) {
        all += 1;
        if (Math.abs(residual) <= (widths[index] ?? 0)) inside += 1;
      }
    }
  }
  return all === 0 ? undefined : inside / all;
}

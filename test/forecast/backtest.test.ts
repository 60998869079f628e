import { describe, expect, it } from 'vitest';

import { backtest, meanPercentError, percentError } from '../../src/forecast/backtest.ts';
import type { Fold } from '../../src/forecast/backtest.ts';
import { halfWidths, measureCoverage } from '../../src/forecast/interval.ts';
import { driftMethod } from '../../src/forecast/method.ts';
import type { Method } from '../../src/forecast/method.ts';

const count = 40;
const values = Array.from({ length: count }, (_, t) => 100 + t);

describe('the back-test', () => {
  it('shows a method only what came before the origin', () => {
    const seen: number[][] = [];
    const spy: Method = {
      ...driftMethod,
      forecast: (train, months) => {
        seen.push([...train]);
        return Array<number>(months).fill(0);
      },
    };
    const folds = backtest(values, { method: spy, months: 3 });
    expect(seen).toEqual(folds.map(({ origin }) => values.slice(0, origin)));
    expect(folds.map((fold) => fold.residuals)).toEqual(
      folds.map(({ origin }) => values.slice(origin, origin + 3)),
    );
  });

  it('goes to the end of the series, where fewer months can be compared', () => {
    const folds = backtest(values, { method: driftMethod, months: 3 });
    expect(folds.map((fold) => fold.residuals.length).slice(-4)).toEqual([3, 3, 2, 1]);
    expect(folds.map((fold) => fold.origin).at(-1)).toBe(count - 1);
  });

  it.each([
    [12, 6, 6],
    [23, 11, 12],
    [24, 16, 8],
    [36, 24, 12],
    [240, 204, 36],
  ])('of %i values starts at %i and has %i folds', (length, first, folds) => {
    const series = Array.from({ length }, (_, t) => 100 + t);
    const origins = backtest(series, { method: driftMethod, months: 6 }).map((fold) => fold.origin);
    expect([origins[0], origins.length]).toEqual([first, folds]);
  });
});

describe('the percentage error', () => {
  it.each([
    [100, 100, 0],
    [100, 50, (200 * 50) / 150],
    [0, 0, 0],
    [0, 1, 200],
    [5, -5, 200],
    [5, Number.NaN, 200],
    [5, Infinity, 200],
  ])('of %d forecast as %d is %d', (actual, forecast, expected) => {
    expect(percentError(actual, forecast)).toBeCloseTo(expected, 10);
  });

  it('is the mean over folds and months', () => {
    const folds = [foldOf([0], [10, 20]), foldOf([0], [60])];
    expect(meanPercentError(folds)).toBe(30);
  });
});

describe('the band', () => {
  it('is the conformal quantile of the residuals at its distance', () => {
    // Of 19 residuals 1 … 19 the ⌈0.8 · 20⌉ = 16th.
    const folds = Array.from({ length: 19 }, (_, index) => foldOf([(-1) ** index * (index + 1)]));
    expect(halfWidths(folds, 1)).toEqual([16]);
  });

  it('never narrows, and grows as a random walk beyond what was tested', () => {
    const folds = Array.from({ length: 19 }, () => foldOf([4, 1]));
    expect(halfWidths(folds, 8)).toEqual([
      4,
      4,
      ...[3, 4, 5, 6, 7, 8].map((h) => 4 * Math.sqrt(h / 2)),
    ]);
  });

  it('borrows from the nearest distances where residuals are few', () => {
    const folds = Array.from({ length: 6 }, () => foldOf([1, 2, 3]));
    expect(halfWidths(folds, 3)).toEqual([2, 3, 3]);
  });

  it('is not given where residuals are too few altogether', () => {
    expect(halfWidths([], 1)).toBeUndefined();
    expect(halfWidths([foldOf([1]), foldOf([2]), foldOf([3])], 1)).toBeUndefined();
  });

  it('has its coverage measured on folds it was not calibrated on', () => {
    // Each third is ten times as far out as the one before: calibrated on the others, the last is missed.
    const folds = [1, 10, 100].flatMap((size) => Array.from({ length: 5 }, () => foldOf([size])));
    expect(measureCoverage(folds)).toBeCloseTo(2 / 3, 10);
    expect(measureCoverage([foldOf([1]), foldOf([1])])).toBeUndefined();
  });
});

function foldOf(residuals: readonly number[], percentErrors: readonly number[] = []): Fold {
  return { origin: 0, residuals, percentErrors };
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { percentError } from '../../src/forecast/backtest.ts';
import { forecastDrift } from '../../src/forecast/drift.ts';
import { forecastMonths } from '../../src/forecast/forecast.ts';
import type { Forecast } from '../../src/forecast/forecast.ts';
import { forecastHoltWinters } from '../../src/forecast/holt-winters.ts';
import {
  crossingSeries,
  randomWalk,
  seasonalSeries,
  wanderingSeries,
  whiteNoise,
} from './synthetic-series.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function present(forecast: Forecast | undefined): Forecast {
  if (forecast === undefined) throw new Error('no forecast');
  return forecast;
}

interface Trial {
  readonly forecast: Forecast;
  /** Mean percentage error of the forecast against what came. */
  readonly error: number;
  /** The same of last year's months, repeated. */
  readonly seasonalNaiveError: number;
  /** The same of drift. */
  readonly driftError: number;
  /** Share of what came that lay inside the band. */
  readonly covered: number;
}

/** Forecasts from the first values of a series and compares with the rest, once for each seed. */
function tryOut(
  series: (seed: number, count: number) => number[],
  { count, months }: { count: number; months: number },
): Trial[] {
  return seeds.map((seed) => {
    const all = series(seed, count + months);
    const [train, future] = [all.slice(0, count), all.slice(count)];
    const forecast = present(forecastMonths(train, { months }));
    const errorOf = (points: readonly number[]): number =>
      mean(future.map((actual, index) => percentError(actual, points[index] ?? Number.NaN)));
    return {
      forecast,
      error: errorOf(forecast.points.map((point) => point.value)),
      seasonalNaiveError: errorOf(future.map((_, index) => train[count - 12 + (index % 12)] ?? 0)),
      driftError: errorOf(forecastDrift(train, months)),
      covered: mean(
        forecast.points.map(({ low, high }, index) => {
          const actual = future[index] ?? Number.NaN;
          return low <= actual && actual <= high ? 1 : 0;
        }),
      ),
    };
  });
}

function shareOf(trials: readonly Trial[], method: Forecast['method']): number {
  return mean(trials.map(({ forecast }) => (forecast.method === method ? 1 : 0)));
}

describe('on seasonal series', () => {
  it.each([
    ['steady, 24 months', seasonalSeries, 24],
    ['steady, 36 months', seasonalSeries, 36],
    ['steady, 60 months', seasonalSeries, 60],
    ['wandering, 24 months', wanderingSeries, 24],
    ['wandering, 36 months', wanderingSeries, 36],
    ['wandering, 60 months', wanderingSeries, 60],
  ])('%s: Holt-Winters, better than seasonal naive', (_name, series, count) => {
    const trials = tryOut(series, { count, months: 6 });
    expect(shareOf(trials, 'damped-holt-winters')).toBeGreaterThan(0.9);
    const seasonalNaive = mean(trials.map((trial) => trial.seasonalNaiveError));
    expect(mean(trials.map((trial) => trial.error))).toBeLessThan(0.9 * seasonalNaive);
  });

  it('reports the error that is then seen', () => {
    const trials = tryOut(seasonalSeries, { count: 48, months: 6 });
    const reported = mean(trials.map(({ forecast }) => forecast.backtest.sMape));
    expect(Math.abs(reported - mean(trials.map((trial) => trial.error)))).toBeLessThan(1);
  });
});

describe('on other series', () => {
  it('prefers drift for a random walk', () => {
    expect(shareOf(tryOut(randomWalk, { count: 60, months: 6 }), 'drift-naive')).toBeGreaterThan(
      0.6,
    );
  });

  it('does better than drift on noise around a mean, which drift takes for a trend', () => {
    const trials = tryOut(whiteNoise, { count: 60, months: 6 });
    const drift = mean(trials.map((trial) => trial.driftError));
    expect(mean(trials.map((trial) => trial.error))).toBeLessThan(0.9 * drift);
  });

  it('continues a constant without any doubt', () => {
    const forecast = present(forecastMonths(Array<number>(30).fill(42), { months: 2 }));
    expect(forecast).toEqual({
      method: 'drift-naive',
      points: [
        { value: 42, low: 42, high: 42 },
        { value: 42, low: 42, high: 42 },
      ],
      backtest: { sMape: 0, coverage: 1, folds: 14 },
    });
  });

  it('takes zeros and negative values', () => {
    const forecast = present(forecastMonths(crossingSeries(3, 48), { months: 12 }));
    expect(forecast.method).toBe('damped-holt-winters');
    expect(present(forecastMonths(Array<number>(24).fill(0), { months: 3 })).points[2]).toEqual({
      value: 0,
      low: 0,
      high: 0,
    });
  });

  it('does not go below zero where the history does not', () => {
    const falling = Array.from({ length: 14 }, (_, t) => 130 - 10 * t);
    const forecast = present(forecastMonths(falling, { months: 6 }));
    expect(forecast.points.map((point) => point.value)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('the 80 % band', () => {
  it.each([
    ['seasonal, 24 months', seasonalSeries, 24],
    ['seasonal, 60 months', seasonalSeries, 60],
    ['wandering, 36 months', wanderingSeries, 36],
    ['random walk, 18 months', randomWalk, 18],
    ['random walk, 60 months', randomWalk, 60],
    ['white noise, 36 months', whiteNoise, 36],
    ['crossing zero, 48 months', crossingSeries, 48],
  ])('holds between 65 and 95 %% of what comes: %s', (_name, series, count) => {
    const trials = tryOut(series, { count, months: 6 });
    const covered = mean(trials.map((trial) => trial.covered));
    expect(covered).toBeGreaterThan(0.65);
    expect(covered).toBeLessThan(0.95);
    const reported = mean(trials.map(({ forecast }) => forecast.backtest.coverage));
    expect(Math.abs(reported - covered)).toBeLessThan(0.12);
  });
});

describe('any series', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const money = fc.double({ min: 0.01, max: 1e9, noNaN: true });
  const values = fc.oneof(
    fc.array(finite, { minLength: 12, maxLength: 40 }),
    fc.array(money, { minLength: 12, maxLength: 60 }),
    fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 40 }),
  );
  const months = fc.integer({ min: 1, max: 24 });

  it('gives finite points inside their band, or nothing', () => {
    fc.assert(
      fc.property(values, months, (series, ahead) => {
        const forecast = forecastMonths(series, { months: ahead });
        if (forecast === undefined) return;
        const { sMape, coverage, folds } = forecast.backtest;
        const ordered = forecast.points.every(
          ({ low, value, high }) =>
            [low, value, high].every(Number.isFinite) && low <= value && value <= high,
        );
        expect({
          points: forecast.points.length,
          ordered,
          sMape: sMape >= 0 && sMape <= 200,
          coverage: coverage >= 0 && coverage <= 1,
          folds: folds > 0,
        }).toEqual({ points: ahead, ordered: true, sMape: true, coverage: true, folds: true });
      }),
      { numRuns: 300 },
    );
  });

  it('of money always gives a forecast', () => {
    fc.assert(
      fc.property(fc.array(money, { minLength: 12, maxLength: 60 }), months, (series, ahead) => {
        expect(forecastMonths(series, { months: ahead })).toBeDefined();
      }),
    );
  });

  it('gives the same forecast in another unit', () => {
    const euros = seasonalSeries(5, 40);
    const cents = euros.map((value) => value * 128);
    const [a, b] = [euros, cents].map((series) => forecastMonths(series, { months: 3 }));
    expect(b?.points.map((point) => point.value / 128)).toEqual(
      a?.points.map((point) => point.value),
    );
  });

  it('has a band that does not narrow with the distance', () => {
    for (const seed of seeds) {
      const { points } = present(forecastMonths(wanderingSeries(seed, 40), { months: 24 }));
      const widths = points.map(({ low, high }) => Math.log(high / low));
      expect(widths.every((width, i) => i === 0 || width >= (widths[i - 1] ?? 0) - 1e-9)).toBe(
        true,
      );
    }
  });
});

it.each([
  ['fewer than 12 values', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ['no values', []],
  ['a value that is not a number', [...seasonalSeries(1, 20), Number.NaN]],
  ['an infinite value', [...seasonalSeries(1, 20), Infinity]],
])('gives nothing for %s', (_name, series) => {
  expect(forecastMonths(series, { months: 6 })).toBeUndefined();
});

it('looks ahead from 12 values on, by drift alone below 24', () => {
  const short = present(forecastMonths(seasonalSeries(2, 12), { months: 12 }));
  expect([short.method, short.points.length, short.backtest.folds]).toEqual(['drift-naive', 12, 6]);
  expect(present(forecastMonths(seasonalSeries(2, 23), { months: 6 })).method).toBe('drift-naive');
});

it('drift is the line through the first and last value', () => {
  expect(forecastDrift([10, 99, 20], 3)).toEqual([25, 30, 35]);
});

it('Holt-Winters continues a line with a season exactly while the trend is not damped away', () => {
  const pattern = [5, -3, 2, 0, 1, -4, 6, -2, 3, -5, 1, -4];
  const flat = Array.from({ length: 36 }, (_, t) => 100 + (pattern[t % 12] ?? 0));
  const points = forecastHoltWinters(flat, 12);
  expect(points.map((point, index) => point - 100 - (pattern[index] ?? 0))).toEqual(
    points.map(() => expect.closeTo(0, 6)),
  );
});

import { forecastDrift } from './drift.ts';
import { forecastHoltWinters } from './holt-winters.ts';

export type MethodName = 'drift-naive' | 'damped-holt-winters';

/** A way to forecast, and the scale on which its errors are alike at every height of the series. */
export interface Method {
  readonly name: MethodName;
  readonly toScale: (value: number) => number;
  readonly fromScale: (scaled: number) => number;
  /** Points 1, 2, … months ahead, on the method's scale. */
  readonly forecast: (values: readonly number[], months: number) => number[];
}

const identity = (value: number): number => value;

export const driftMethod: Method = {
  name: 'drift-naive',
  toScale: identity,
  fromScale: identity,
  forecast: forecastDrift,
};

/** On logs when every value is positive, so that season and errors grow with the level. */
export function holtWintersMethod(values: readonly number[]): Method {
  const onLogs = values.every((value) => value > 0);
  const toScale = onLogs ? Math.log : identity;
  return {
    name: 'damped-holt-winters',
    toScale,
    fromScale: onLogs ? Math.exp : identity,
    forecast: (train, months) => forecastHoltWinters(train.map(toScale), months),
  };
}

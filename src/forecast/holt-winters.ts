/** Months in a season. */
const season = 12;

/** Fewest values a fit can start from: a few months that are there in two years give the trend. */
export const holtWintersValuesMin = season + 4;

/** Years whose averages give the first seasonal components. */
const startYearsMax = 3;

/** Smoothing of level, trend and season, each a share, and the damping of the trend. */
interface Parameters {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
}

/**
 * Where the search may go. φ as FPP3 8.2 advises: below 0.8 the trend is gone at once, above 0.98 it
 * cannot be told from an undamped one.
 */
const bounds = {
  alpha: [0.01, 0.99],
  beta: [0.001, 0.5],
  gamma: [0.001, 0.7],
  phi: [0.8, 0.98],
} as const satisfies Record<keyof Parameters, readonly [number, number]>;

/** A coarse grid finds the valley; the search then walks to its bottom. */
const grid = {
  alpha: [0.05, 0.15, 0.3, 0.5, 0.8],
  beta: [0.005, 0.05, 0.2],
  gamma: [0.005, 0.1, 0.3],
  phi: [0.85, 0.95, 0.98],
} as const satisfies Record<keyof Parameters, readonly number[]>;
const firstSteps: Parameters = { alpha: 0.08, beta: 0.03, gamma: 0.06, phi: 0.02 };
const stepHalvings = 4;

interface State {
  level: number;
  trend: number;
  /** Components by month, counted from the first value. */
  readonly seasonal: Float64Array;
}

/**
 * Damped Holt-Winters with an additive season of twelve months:
 * ℓ(t) = α (y(t) − s(t−12)) + (1 − α)(ℓ(t−1) + φ b(t−1)),
 * b(t) = β* (ℓ(t) − ℓ(t−1)) + (1 − β*) φ b(t−1),
 * s(t) = γ (y(t) − ℓ(t−1) − φ b(t−1)) + (1 − γ) s(t−12),
 * ŷ(T+h) = ℓ(T) + (φ + … + φ^h) b(T) + s(T+h−12k).
 * The parameters minimise the squared one-step errors. On logs the season multiplies.
 *
 * Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 8.2 and 8.3
 * (https://otexts.com/fpp3/holt-winters.html).
 *
 * @param values At least `holtWintersValuesMin`.
 */
export function forecastHoltWinters(values: readonly number[], months: number): number[] {
  const series = Float64Array.from(values);
  const start = firstState(series);
  const parameters = fit(series, start);
  const { phi } = parameters;
  const state = copyOf(start);
  smooth(series, state, parameters);
  const points: number[] = [];
  let damping = 0;
  for (let ahead = 1; ahead <= months; ahead += 1) {
    damping += phi ** ahead;
    const seasonal = state.seasonal[(series.length + ahead - 1) % season] ?? 0;
    points.push(state.level + damping * state.trend + seasonal);
  }
  return points;
}

/**
 * Trend from the change of each month to the same month a year later, so that the season drops out;
 * then level and season from the detrended averages by month.
 */
function firstState(series: Float64Array): State {
  const pairs = Math.min(series.length - season, season);
  let yearlyChange = 0;
  for (let t = 0; t < pairs; t += 1) {
    yearlyChange += ((series[t + season] ?? 0) - (series[t] ?? 0)) / pairs;
  }
  const trend = yearlyChange / season;
  const seasonal = new Float64Array(season);
  const counts = new Float64Array(season);
  const used = Math.min(series.length, startYearsMax * season);
  for (let t = 0; t < used; t += 1) {
    const month = t % season;
    seasonal[month] = (seasonal[month] ?? 0) + (series[t] ?? 0) - trend * (t + 1);
    counts[month] = (counts[month] ?? 0) + 1;
  }
  let level = 0;
  for (let month = 0; month < season; month += 1) {
    seasonal[month] = (seasonal[month] ?? 0) / (counts[month] ?? 1);
    level += (seasonal[month] ?? 0) / season;
  }
  for (let month = 0; month < season; month += 1) {
    seasonal[month] = (seasonal[month] ?? 0) - level;
  }
  return { level, trend, seasonal };
}

/** Runs the recursions over the series, leaving the last state in `state`; the sum of squared one-step errors. */
function smooth(series: Float64Array, state: State, parameters: Parameters): number {
  const { alpha, beta, gamma, phi } = parameters;
  const { seasonal } = state;
  let { level, trend } = state;
  let sumOfSquares = 0;
  for (let t = 0, month = 0; t < series.length; t += 1, month = month === 11 ? 0 : month + 1) {
    const value = series[t] ?? 0;
    const component = seasonal[month] ?? 0;
    const expected = level + phi * trend;
    const error = value - expected - component;
    sumOfSquares += error * error;
    const nextLevel = expected + alpha * error;
    trend = beta * (nextLevel - level) + (1 - beta) * phi * trend;
    level = nextLevel;
    seasonal[month] = component + gamma * error;
  }
  state.level = level;
  state.trend = trend;
  return sumOfSquares;
}

/** The best point of the grid, improved by a pattern search (Hooke & Jeeves 1961). */
function fit(series: Float64Array, start: State): Parameters {
  const scratch = copyOf(start);
  const cost = (parameters: Parameters): number => {
    scratch.level = start.level;
    scratch.trend = start.trend;
    scratch.seasonal.set(start.seasonal);
    return smooth(series, scratch, parameters);
  };
  let best: Parameters = { alpha: 0.3, beta: 0.05, gamma: 0.1, phi: 0.95 };
  let bestCost = Number.POSITIVE_INFINITY;
  const consider = (parameters: Parameters): boolean => {
    const found = cost(parameters);
    if (!(found < bestCost)) return false;
    best = parameters;
    bestCost = found;
    return true;
  };
  for (const alpha of grid.alpha) {
    for (const beta of grid.beta) {
      for (const gamma of grid.gamma) {
        for (const phi of grid.phi) consider({ alpha, beta, gamma, phi });
      }
    }
  }
  const names = ['alpha', 'beta', 'gamma', 'phi'] as const;
  for (let halving = 0; halving < stepHalvings; halving += 1) {
    for (const name of names) {
      const step = firstSteps[name] / 2 ** halving;
      const moved = (by: number): Parameters => within({ ...best, [name]: best[name] + by });
      if (!consider(moved(step))) consider(moved(-step));
    }
  }
  return best;
}

function within(parameters: Parameters): Parameters {
  const clamp = (name: keyof Parameters): number =>
    Math.min(Math.max(parameters[name], bounds[name][0]), bounds[name][1]);
  return { alpha: clamp('alpha'), beta: clamp('beta'), gamma: clamp('gamma'), phi: clamp('phi') };
}

function copyOf(state: State): State {
  return { level: state.level, trend: state.trend, seasonal: state.seasonal.slice() };
}

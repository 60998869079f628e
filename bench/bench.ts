/** One comparison, as `--json` prints it. */
export interface BenchLine {
  readonly name: string;
  /** In the unit of its result. */
  readonly ours: number;
  /** The same of what we compare with; null where there is only a bound. */
  readonly theirs: number | null;
  /** ours / theirs; null where there is nothing to compare with. */
  readonly ratio: number | null;
  /** What `ratio` may be at most; what `ours` may be where there is no ratio. Null: told, not held to. */
  readonly bound: number | null;
  readonly ok: boolean;
}

/** A line and what people need beside it. */
export interface BenchResult {
  readonly line: BenchLine;
  readonly unit: 's' | 'ms' | 'MB';
  /** What was compared with what. */
  readonly title: string;
  /** Single measurements, in the order they were made. */
  readonly detail: string;
}

export interface BenchContext {
  /** Kept between runs; holds the generated files and the Postgres. */
  readonly dataDir: string;
  readonly log: (message: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly run: (context: BenchContext) => Promise<readonly BenchResult[]>;
}

export function compare(
  name: string,
  measured: { readonly ours: number; readonly theirs: number; readonly bound: number | null },
): BenchLine {
  const { ours, theirs, bound } = measured;
  const ratio = ours / theirs;
  return {
    name,
    ours: round(ours),
    theirs: round(theirs),
    ratio: round(ratio),
    bound,
    ok: bound === null || ratio <= bound,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Three decimals: a millisecond of seconds, a thousandth of a ratio. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Single measurements, for the details of a line. */
export function secondsOf(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(', ');
}

import type { Schedule } from '../contract/schedule.ts';

/** How a number is written, in the project's locale and currency. `percent` takes a ratio: 0.159 is 15.9 %. */
export type Format = 'money' | 'number' | 'percent' | 'integer';

/** Periods a reader can pick by name; `from`/`to` in the address override them. */
export const periodPresets = [
  'this month',
  'last month',
  'last 3 months',
  'last 6 months',
  'last 12 months',
  'last 24 months',
  'this year',
  'last year',
  'last 7 days',
  'last 30 days',
  'all',
] as const;
export type PeriodPreset = (typeof periodPresets)[number];

/** A range of days. In SQL: `:NAME_from` and `:NAME_to`, dates, both included. */
export interface PeriodFilter {
  readonly kind: 'period';
  readonly default: PeriodPreset;
  readonly presets: readonly PeriodPreset[];
  readonly label?: string;
}

/** One value out of a list, or all. In SQL: `:NAME`, text, null for all. */
export interface ChoiceFilter {
  readonly kind: 'choice';
  /** Returns the values in its first column. */
  readonly sql?: string;
  readonly values?: readonly string[];
  readonly default?: string;
  readonly label?: string;
}
export type Filter = PeriodFilter | ChoiceFilter;

interface TileBase {
  readonly title: string;
  readonly subtitle?: string;
  /** One select; parameters as `:name`. Runs as the reader role. */
  readonly sql: string;
  readonly format?: Format;
}

export interface KpiTile extends TileBase {
  readonly kind: 'kpi';
  /** Column holding the number; default the first. */
  readonly value?: string;
  /** Runs the same SQL over the period before, of the same length (or a year earlier). */
  readonly compare?: 'previous period' | 'previous year';
  /** Which direction is good, for its colour. Default `'up'`. */
  readonly better?: 'up' | 'down';
  /** A select giving points in order (last column is the value), drawn small. */
  readonly sparkline?: string;
}
export interface LineTile extends TileBase {
  readonly kind: 'line';
  readonly x: string;
  readonly y: string | readonly string[];
  /** Months to look ahead, 1 to 24; x must be months. */
  readonly forecast?: { readonly months: number };
}
export interface BarTile extends TileBase {
  readonly kind: 'bar';
  readonly x: string;
  readonly y: string;
}
export interface TopTile extends TileBase {
  readonly kind: 'top';
  readonly n: number;
  readonly label: string;
  readonly value: string;
}
export interface TableTile extends TileBase {
  readonly kind: 'table';
  /** Columns in order with their title and format; default all as they come. */
  readonly columns?: Readonly<
    Record<string, { readonly title?: string; readonly format?: Format }>
  >;
  /** Default 100, at most 1000. */
  readonly limit?: number;
}
export type Tile = KpiTile | LineTile | BarTile | TopTile | TableTile;

export interface Dashboard {
  readonly title: string;
  readonly description?: string;
  readonly filters: Readonly<Record<string, Filter>>;
  /** Tiles from top to bottom, each row from left to right. */
  readonly rows: readonly (readonly Tile[])[];
}

/** A scheduled email built from tiles. */
export interface Digest {
  readonly title: string;
  /** Mail addresses. */
  readonly to: readonly string[];
  readonly schedule: Schedule;
  /** Filters with their defaults, as on a dashboard; an email has no controls. */
  readonly filters: Readonly<Record<string, Filter>>;
  readonly tiles: readonly Tile[];
  /** Dashboard the button leads to. */
  readonly dashboard?: string;
}

type Input<T> = Omit<T, 'kind'>;

export const kpi = (tile: Input<KpiTile>): KpiTile => ({ kind: 'kpi', ...tile });
export const line = (tile: Input<LineTile>): LineTile => ({ kind: 'line', ...tile });
export const bar = (tile: Input<BarTile>): BarTile => ({ kind: 'bar', ...tile });
/** The n largest, e.g. the top ten clients. The SQL gives all groups or at least n, in any order. */
export const top = (tile: Input<TopTile>): TopTile => ({ kind: 'top', ...tile });
export const table = (tile: Input<TableTile>): TableTile => ({ kind: 'table', ...tile });

export const period = (
  options: { default?: PeriodPreset; presets?: readonly PeriodPreset[]; label?: string } = {},
): PeriodFilter => ({
  kind: 'period',
  default: options.default ?? 'last 12 months',
  presets: options.presets ?? [
    'this month',
    'last 3 months',
    'last 12 months',
    'last 24 months',
    'all',
  ],
  ...(options.label === undefined ? {} : { label: options.label }),
});
export const choice = (options: Omit<ChoiceFilter, 'kind'>): ChoiceFilter => ({
  kind: 'choice',
  ...options,
});

export const dashboard = (
  definition: Omit<Dashboard, 'filters'> & { filters?: Dashboard['filters'] },
): Dashboard => ({
  filters: {},
  ...definition,
});
export const digest = (
  definition: Omit<Digest, 'filters'> & { filters?: Digest['filters'] },
): Digest => ({
  filters: {},
  ...definition,
});

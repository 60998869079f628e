import type { Grain } from './calendar-axis.ts';
import type { Format } from './definition.ts';
import type { DayRange } from './period.ts';
import type { ColumnKind } from './query.ts';

/** A number with what it is compared with. */
export interface KpiData {
  readonly kind: 'kpi';
  /** The result's column the number is in. */
  readonly column: string;
  /** Decimal text; null when the query returned no row or NULL. */
  readonly value: string | null;
  readonly comparison:
    | {
        readonly with: 'previous period' | 'previous year';
        readonly range: DayRange;
        readonly value: string | null;
        /** (value - before) / |before|; undefined when there was nothing before. */
        readonly change: number | undefined;
        /** Undefined when nothing changed. */
        readonly good: boolean | undefined;
      }
    | undefined;
  /** Points in order, for drawing only. */
  readonly sparkline: readonly (number | null)[] | undefined;
  /** The last point of the sparkline is a period that is not over. */
  readonly unfinished: boolean;
}

/** One value of an axis with a value for each series. */
export interface Point {
  /** `YYYY-MM-DD` on an axis of time, else the text of the x column. */
  readonly x: string;
  /** Decimal texts, one a series; null where there is none. */
  readonly values: readonly (string | null)[];
}

export interface SeriesData {
  readonly kind: 'line' | 'bar';
  /** The x column's name. */
  readonly xColumn: string;
  readonly series: readonly string[];
  /** Undefined for an axis that is not time. */
  readonly grain: Grain | undefined;
  /** In order; a period without rows is there with nulls. */
  readonly points: readonly Point[];
  /** The last point is a period that is not over. */
  readonly unfinished: boolean;
  readonly forecast: ForecastData | undefined;
  /** Why there is no forecast though one was asked for. */
  readonly forecastMissing: string | undefined;
  readonly truncated: boolean;
}

export interface ForecastData {
  readonly method: string;
  /** Follow the last finished month; the unfinished one is the first of them. */
  readonly points: readonly {
    readonly x: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Symmetric mean absolute percentage error of the back-test, 0 to 200. */
  readonly sMape: number;
  /** Share of back-tested months inside their 80 % interval, 0 to 1. */
  readonly coverage: number;
}

export interface TopData {
  readonly kind: 'top';
  readonly labelColumn: string;
  readonly valueColumn: string;
  /** Largest first. `share` of the largest, 0 to 1, is for drawing. */
  readonly items: readonly {
    readonly label: string | null;
    readonly value: string | null;
    readonly share: number;
  }[];
}

export interface TableData {
  readonly kind: 'table';
  readonly columns: readonly {
    readonly name: string;
    readonly title: string;
    readonly format: Format | undefined;
    readonly kind: ColumnKind;
  }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
}

/** What a tile shows, ready to be drawn on a page, in an email or in a file. */
export type TileData = KpiData | SeriesData | TopData | TableData;

/** What a model is in the warehouse. */
export type Materialization = 'view' | 'materialized view' | 'table';

/** A query that must return no rows. `error` blocks the release, `warn` reports. */
export interface Check {
  /** `marts.sales_daily: not_null(day)`, or the file's name for files in `checks/`. */
  readonly name: string;
  /** `schema.relation`; undefined for files in `checks/`. */
  readonly model: string | undefined;
  readonly level: 'error' | 'warn';
  /** Returns the rows that are wrong. */
  readonly sql: string;
}

/** A SQL model: `models/marts/sales_daily.sql` is relation `marts.sales_daily`. */
export interface Model {
  readonly name: string;
  readonly schema: string;
  readonly relation: string;
  readonly materialize: Materialization;
  /** Columns that identify a row; a unique index, so that a refresh does not block readers. */
  readonly key: readonly string[];
  readonly description: string | undefined;
  /** The select, without front matter. */
  readonly sql: string;
  /** Relations the select reads, `schema.relation`, sorted; from Postgres's own parser. */
  readonly dependsOn: readonly string[];
  readonly checks: readonly Check[];
  /** Path under the project folder. */
  readonly file: string;
}

/** A stored procedure called in every release that has changes it reads. */
export interface Procedure {
  readonly name: string;
  /** `create procedure` statement(s). */
  readonly sql: string;
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  readonly file: string;
}

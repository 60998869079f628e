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
  /** Path under the project folder: the model's, or the check's own. */
  readonly file: string;
  /** Line of the file on which the check stands, from 1. */
  readonly line: number;
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
  /** The select, without front matter and without a closing semicolon. */
  readonly sql: string;
  /** Line of the file on which `sql` starts, from 1. */
  readonly line: number;
  /** Relations the select reads, `schema.relation`, sorted; from Postgres's own parser. */
  readonly dependsOn: readonly string[];
  readonly checks: readonly Check[];
  /** Path under the project folder. */
  readonly file: string;
}

/** A stored procedure called in every release that has changes it reads. */
export interface Procedure {
  /** `schema.procedure`; the procedure is the file's name. */
  readonly name: string;
  readonly description: string | undefined;
  /** One `create procedure` statement without parameters. */
  readonly sql: string;
  /** Line of the file on which `sql` starts, from 1. */
  readonly line: number;
  /** Relations it changes or makes, `schema.relation`. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  readonly file: string;
}

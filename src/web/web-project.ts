import type { Dashboard, Digest } from '../dashboard/definition.ts';
import type { Formatter } from '../dashboard/format.ts';
import type { Queries } from '../dashboard/query.ts';
import type { Model, Procedure } from '../model/model.ts';
import type { Source } from '../source/source.ts';
import type { ReadRaw } from './read-raw.ts';

/** What the pages show of a project. */
export interface WebProject {
  readonly company: string;
  /** BCP 47. */
  readonly locale: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA zone. */
  readonly zone: string;
  /** By name, in the order of the menu. */
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  readonly digests: ReadonlyMap<string, Pick<Digest, 'title' | 'schedule' | 'tiles' | 'filters'>>;
  readonly sources: ReadonlyMap<string, WebSource>;
  readonly models: readonly Model[];
  readonly procedures: readonly Procedure[];
}

/** What the pages show of a source. */
export interface WebSource extends Pick<
  Source,
  'kind' | 'description' | 'schedule' | 'freshness' | 'childOf'
> {
  /** Of the contract the pages need only the names of its columns. */
  readonly contract: { readonly columns: Readonly<Record<string, unknown>> };
}

/** What a page is made of: the project, the moment, and a way to the warehouse. */
export interface WebContext {
  readonly project: WebProject;
  readonly formatter: Formatter;
  readonly queries: Queries;
  /** ISO instant. */
  readonly now: string;
  /** The company's day, `YYYY-MM-DD`. */
  readonly today: string;
  /** The address of a file of `dist/assets`, by its plain name. */
  readonly asset: (name: string) => string;
  /** Whether deliveries are offered with their wrong cells marked. */
  readonly marksDeliveries: boolean;
  /** Reads rows of `raw`, released or not; undefined where the pages may not. */
  readonly readRaw: ReadRaw | undefined;
}

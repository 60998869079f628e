import type { Access } from '../access/access.ts';
import type { Dashboard, Digest } from '../dashboard/definition.ts';
import type { Check, Model, Procedure } from '../model/model.ts';
import type { Source } from '../source/source.ts';

/** `plumbline.config.ts`, with defaults filled in. */
export interface Config {
  readonly company: string;
  /** IANA zone in which schedules, days and dashboards are meant. */
  readonly zone: string;
  /** BCP 47, e.g. `'en-GB'`. */
  readonly locale: string;
  /** ISO 4217, e.g. `'EUR'`. */
  readonly currency: string;
  readonly warehouse: { readonly url: string | undefined };
  readonly mail: {
    readonly from: string;
    readonly smtp: string | undefined;
    readonly dashboards: string | undefined;
  };
  readonly web: { readonly port: number };
  /** Who may read: addresses and database users. */
  readonly access: Access;
  /** Starts what the project needs around it (sample data, a local API). Runs before sources are read. */
  readonly setup: Setup | undefined;
}

/** Returns variables for `setting()` and `secret()`, and how to stop what was started. */
export type Setup = (context: {
  readonly projectDir: string;
  readonly log: (message: string) => void;
}) => Promise<{
  readonly env?: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
} | void>;

/** A project folder, read and checked: everything a command needs to know of it. */
export interface Project {
  /** Absolute path. */
  readonly dir: string;
  readonly config: Config;
  /** By name, which is the file's name with `-` as `_` for relations: source `partner-orders` is `clean.partner_orders`. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly models: readonly Model[];
  readonly procedures: readonly Procedure[];
  readonly checks: readonly Check[];
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  readonly digests: ReadonlyMap<string, Digest>;
}

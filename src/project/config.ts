import { z } from 'zod';

import { noAccess } from '../access/access.ts';
import type { Access } from '../access/access.ts';
import { suggest } from '../contract/suggest.ts';
import type { Config, Setup } from './project.ts';

/** A name out of a list the runtime knows, with the nearest one for a name that is not in it. */
function nameOf(
  what: string,
  known: () => readonly string[],
  accepts: (name: string) => boolean,
): z.ZodType<string> {
  return z.string({ error: `expected ${what}` }).superRefine((name, context) => {
    if (accepts(name)) return;
    const near = suggest(name, known());
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    context.addIssue({ code: 'custom', message: `expected ${what}${hint}` });
  });
}

/** Also accepts names the runtime's list leaves out as aliases, such as Asia/Calcutta. */
function isZone(zone: string): boolean {
  try {
    // Throws a RangeError for what is no zone.
    void new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone === 'UTC' || zone.includes('/');
  } catch {
    return false;
  }
}

function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf('currency').includes(code);
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
}

const url = (what: string, protocols: RegExp): z.ZodType<string> =>
  z.url({ protocol: protocols, error: `expected ${what}` });

export const configSchema = z.strictObject({
  company: z.string({ error: "expected the company's name" }).min(1, {
    error: "expected the company's name",
  }),
  zone: nameOf(
    "an IANA time zone such as 'Europe/Berlin'",
    () => ['UTC', ...Intl.supportedValuesOf('timeZone')],
    isZone,
  ).optional(),
  locale: z
    .string()
    .refine(isLocale, { error: "expected a language tag such as 'en-GB' or 'de-DE'" })
    .optional(),
  currency: nameOf(
    "an ISO 4217 code such as 'EUR'",
    () => Intl.supportedValuesOf('currency'),
    isCurrency,
  ).optional(),
  warehouse: z
    .strictObject({ url: url('a postgres:// address', /^postgres(?:ql)?$/).optional() })
    .optional(),
  mail: z
    .strictObject({
      from: z.string().optional(),
      smtp: url('an smtp:// or smtps:// address', /^smtps?$/).optional(),
      dashboards: url('the http(s):// address of the dashboards', /^https?$/).optional(),
    })
    .optional(),
  web: z
    .strictObject({
      port: z
        .int({ error: 'expected a port from 0 to 65535' })
        .min(0, { error: 'expected a port from 0 to 65535' })
        .max(65_535, { error: 'expected a port from 0 to 65535' })
        .optional(),
    })
    .optional(),
  access: z
    .strictObject({
      allow: z
        .array(
          z.strictObject({
            cidr: z.string({ error: "expected a range of addresses such as '203.0.113.0/24'" }),
            note: z
              .string({ error: "expected whose addresses they are, e.g. 'office'" })
              .min(1, { error: "expected whose addresses they are, e.g. 'office'" }),
          }),
        )
        .optional(),
      users: z
        .record(
          z.string(),
          z.strictObject({
            schemas: z
              .array(z.string({ error: 'expected the name of a schema' }), {
                error: "expected a list of schemas such as ['marts']",
              })
              .min(1, { error: "expected at least one schema such as 'marts'" }),
            connections: z
              .int({ error: 'expected a whole number from 1 to 1000' })
              .min(1, { error: 'expected a whole number from 1 to 1000' })
              .max(1000, { error: 'expected a whole number from 1 to 1000' })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  setup: z
    .custom<Setup>((value) => typeof value === 'function', { error: 'expected a function' })
    .optional(),
});

/** What `plumbline.config.ts` may say; only `company` must be there. */
export interface ConfigInput {
  /** As it is shown on pages and in mails. */
  readonly company: string;
  /** IANA zone in which schedules, days and dashboards are meant. Default `'UTC'`. */
  readonly zone?: string;
  /** How numbers and dates are written, as a BCP 47 tag. Default `'en-GB'`. */
  readonly locale?: string;
  /** ISO 4217. Default `'EUR'`. */
  readonly currency?: string;
  readonly warehouse?: {
    /** A Postgres to use instead of the embedded one. The variable DATABASE_URL goes before it. */
    readonly url?: string;
  };
  readonly mail?: {
    /** The sender of digests. Default `'plumbline@localhost'`. */
    readonly from?: string;
    /** Without it, and without the variable SMTP_URL, digests are written to the outbox. */
    readonly smtp?: string;
    /** The address mails link to, e.g. `'https://numbers.example.com'`. */
    readonly dashboards?: string;
  };
  readonly web?: {
    /** Where dashboards are served; the next free one when it is taken. 0 takes any. Default 7777. */
    readonly port?: number;
  };
  /** Who may read. Nobody but who is named here. */
  readonly access?: {
    /** Addresses that may connect on AWS, where a proxy stands before the database. */
    readonly allow?: readonly {
      /** `'203.0.113.0/24'` or an IPv6 range; no wider than /8 and /16. */
      readonly cidr: string;
      /** Whose they are: `'office'`. */
      readonly note: string;
    }[];
    /** Users of the database, by name: one for each BI tool or person. */
    readonly users?: Readonly<
      Record<
        string,
        {
          /** Schemas of the project's models, or `'clean'`. */
          readonly schemas: readonly string[];
          /** Connections at once. Default 5. */
          readonly connections?: number;
        }
      >
    >;
  };
  /** Starts what the project needs around it, before its sources are read. */
  readonly setup?: Setup;
}

/** Types the settings of a project while they are written; checks nothing by itself. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/** Fills in what was left out. The environment knows secrets that no file should hold. */
export function completeConfig(
  input: ConfigInput,
  env: (name: string) => string | undefined,
): Config {
  return {
    company: input.company,
    zone: input.zone ?? 'UTC',
    locale: input.locale ?? 'en-GB',
    currency: input.currency ?? 'EUR',
    warehouse: { url: env('DATABASE_URL') ?? input.warehouse?.url },
    mail: {
      from: input.mail?.from ?? 'plumbline@localhost',
      smtp: env('SMTP_URL') ?? input.mail?.smtp,
      dashboards: input.mail?.dashboards,
    },
    web: { port: input.web?.port ?? 7777 },
    access: completeAccess(input.access),
    setup: input.setup,
  };
}

/** A BI tool opens a few connections; five keep one user from taking all there are. */
const connectionsDefault = 5;

function completeAccess(input: ConfigInput['access']): Access {
  if (input === undefined) return noAccess;
  const users = Object.entries(input.users ?? {}).map(([name, user]) => ({
    name,
    schemas: user.schemas,
    connections: user.connections ?? connectionsDefault,
  }));
  return {
    allow: input.allow ?? [],
    users: users.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

import type { Columns } from '../../contract/column.ts';
import { contractOf } from '../contract-of.ts';
import { describeReading } from '../describe-reading.ts';
import { describeSetting, type Setting, settingsIn } from '../setting.ts';
import type { Source } from '../source.ts';
import { apiFields } from './api-fields.ts';
import { type ApiOptions, checkApiOptions } from './api-options.ts';
import { buildChild } from './child-table.ts';
import { discoverApi } from './discover.ts';
import { realEffects, type RetryEffects } from './get-with-retries.ts';
import { readLanded } from './read-landed.ts';

export type { ApiOptions };

/**
 * A source that reads a REST API. Each delivery is one window, of time or from the cursor on; numbers
 * keep every digit they were sent with. `effects` is for tests. Throws `project-invalid` for options
 * that can never work.
 */
export function api<const C extends Columns>(
  options: ApiOptions<C>,
  effects: RetryEffects = realEffects,
): Source<C> {
  checkApiOptions(options);
  const { columns, key, absentFields } = options;
  const strict = options.extraColumns === 'refuse';
  const mayLack = absentFields === 'empty';
  const fields = apiFields(columns, {
    transformed: options.transform !== undefined,
    extra: options.fields ?? [],
    mayLack,
  });
  const children = Object.entries(options.children ?? {}).map(
    ([name, child]) => [name, buildChild(name, child, { columns, key, mayLack, strict })] as const,
  );
  // A field that is new in an API is seen only by looking for it, so it is looked for only then.
  const arrays = Object.values(options.children ?? {}).map((child) => child.path);
  const others = strict ? arrays : undefined;
  const nested = Object.fromEntries(children.map(([name, { reading }]) => [name, reading]));
  return {
    kind: 'api',
    contract: contractOf(options),
    schedule: options.schedule,
    freshness: options.freshness,
    reading: describeReading(options, children.length === 0 ? fields : { fields, nested }),
    description: describe(options),
    place: {
      kind: 'http',
      address: describeAddress(options.url),
    },
    settings: settingsIn(options),
    discover: (context) => discoverApi(options, context, effects),
    read: async (landed, { signal }) => readLanded(landed, { fields, others, signal }),
    ...(children.length > 0 && {
      children: Object.fromEntries(children.map(([name, { table }]) => [name, table])),
    }),
  };
}

function describe<C extends Columns>(options: ApiOptions<C>): string {
  const { pages, windows } = options;
  return [
    `API ${describeAddress(options.url)}`,
    ...(windows === undefined ? [] : [`windows of ${windows.size}`]),
    ...(pages === undefined ? [] : [pages.description]),
  ].join(', ');
}

function describeAddress(url: string | Setting): string {
  if (typeof url !== 'string') return describeSetting(url);
  const parsed = new URL(url);
  return `${parsed.origin}${parsed.pathname}`;
}

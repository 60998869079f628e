import { childName, type ChildTable, type Source } from './source.ts';

/**
 * A source's child tables as sources of their own, by name: they have views, batches, rejects and
 * freshness like any other, and nothing of their own to deliver: they are late when their source is.
 */
export function childSources(name: string, source: Source): ReadonlyMap<string, Source> {
  return new Map(
    Object.entries(source.children ?? {}).map(([child, table]) => [
      childName(name, child),
      childSource(name, source, table),
    ]),
  );
}

function childSource(name: string, source: Source, table: ChildTable): Source {
  return {
    kind: source.kind,
    contract: table.contract,
    schedule: undefined,
    freshness: source.freshness,
    reading: source.reading,
    description: `${table.description} in ${name}`,
    discover: async function* discover() {},
    read: (landed, context) => table.read(landed, context, () => 'accepted'),
    childOf: name,
  };
}

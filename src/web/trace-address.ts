import type { DashboardView } from './dashboard-view.ts';

/** What was clicked: values of columns of the tile's query, as Postgres writes them. */
export type Datum = Readonly<Record<string, string | null>>;

// A prefix keeps a column from being taken for a filter of the same name.
const valuePrefix = 'at.';
const nullName = 'null';

/** The address of the rows under a value of a tile. */
export function traceAddress(options: {
  readonly view: Pick<DashboardView, 'name' | 'address'>;
  readonly id: string;
  readonly datum: Datum;
  readonly page?: number;
}): string {
  const { view, id, datum, page = 1 } = options;
  const address = new URLSearchParams({ tile: id });
  for (const [column, value] of Object.entries(datum)) {
    if (value === null) address.append(nullName, column);
    else address.append(`${valuePrefix}${column}`, value);
  }
  for (const [name, value] of view.address) address.append(name, value);
  if (page > 1) address.append('page', String(page));
  return `/dashboards/${view.name}/trace?${address}`;
}

/** What was clicked, read back from an address. */
export function datumOfAddress(address: URLSearchParams): Datum {
  return Object.fromEntries([
    ...address.getAll(nullName).map((column) => [column, null] as const),
    ...[...address]
      .filter(([name]) => name.startsWith(valuePrefix))
      .map(([name, value]) => [name.slice(valuePrefix.length), value] as const),
  ]);
}

import type { Dashboard, Tile } from '../dashboard/definition.ts';
import { filterAddress, resolveFilters } from '../dashboard/filters.ts';
import type { FilterValues } from '../dashboard/filters.ts';
import type { Snapshot } from '../dashboard/query.ts';
import type { WebContext } from './web-project.ts';

/** A dashboard as one address shows it. */
export interface DashboardView {
  readonly name: string;
  readonly dashboard: Dashboard;
  readonly filters: FilterValues;
  /** What each choice filter offers. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
  /** The canonical address of the filters. */
  readonly address: URLSearchParams;
}

/** Values a choice offers at most; more is no choice but a search. */
const choicesMax = 1000;

/** Reads what the filters of a dashboard offer and which values an address chooses. */
export async function readView(
  options: { readonly context: WebContext; readonly name: string; readonly dashboard: Dashboard },
  snapshot: Snapshot,
  address: URLSearchParams,
): Promise<DashboardView> {
  const { context, name, dashboard } = options;
  const choices: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  for (const [filterName, filter] of Object.entries(dashboard.filters)) {
    if (filter.kind !== 'choice') continue;
    if (filter.sql === undefined) {
      choices[filterName] = filter.values ?? [];
      continue;
    }
    try {
      const { rows } = await snapshot.query(filter.sql, {}, { rowsMax: choicesMax });
      choices[filterName] = rows.map((row) => row[0] ?? null).filter((value) => value !== null);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push(
        `${filter.label ?? filterName}: its choices could not be read: ${error.message}`,
      );
    }
  }
  const filters = resolveFilters(dashboard.filters, address, { today: context.today, choices });
  return {
    name,
    dashboard,
    filters: { ...filters, notices: [...problems, ...filters.notices] },
    choices,
    address: filterAddress(dashboard.filters, filters),
  };
}

/**
 * True for an address as the form sends it: with dates beside the preset, or with empty fields. It is
 * answered by the canonical one.
 */
export function isFormAddress(address: URLSearchParams, dashboard: Dashboard): boolean {
  return Object.entries(dashboard.filters).some(([name, filter]) =>
    filter.kind === 'period'
      ? (address.has(name) && (address.has(`${name}_from`) || address.has(`${name}_to`))) ||
        address.get(`${name}_from`) === '' ||
        address.get(`${name}_to`) === ''
      : address.get(name) === '' && (filter.default ?? null) === null,
  );
}

/** A tile with the name its addresses have: its title in lower case, numbered when it repeats. */
export interface NamedTile {
  readonly id: string;
  readonly tile: Tile;
}

/** The tiles of a dashboard by row, each with its name. */
export function namedRows(dashboard: Dashboard): readonly (readonly NamedTile[])[] {
  const seen = new Map<string, number>();
  return dashboard.rows.map((row) =>
    row.map((tile) => {
      const plain = slug(tile.title);
      const count = (seen.get(plain) ?? 0) + 1;
      seen.set(plain, count);
      return { id: count === 1 ? plain : `${plain}-${count}`, tile };
    }),
  );
}

/** The tile of a name; undefined when the dashboard has none. */
export function findTile(dashboard: Dashboard, id: string): Tile | undefined {
  return namedRows(dashboard)
    .flat()
    .find((named) => named.id === id)?.tile;
}

function slug(title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');
  return plain === '' ? 'tile' : plain;
}

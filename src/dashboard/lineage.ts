import { dependenciesOf } from '../model/dependencies.ts';
import type { Model } from '../model/model.ts';
import type { Filter, Tile } from './definition.ts';
import { bindParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';

/** The relation a source is read from: `partner-orders` is `clean.partner_orders`. */
export function relationOfSource(source: string): string {
  return `clean.${source.replaceAll('-', '_')}`;
}

/**
 * Relations a tile reads itself, `schema.relation`, sorted. Empty when its SQL cannot be parsed: the
 * tile then shows that error itself.
 */
export function relationsOfTile(
  tile: Tile,
  filters: Readonly<Record<string, Filter>>,
): readonly string[] {
  const queries =
    tile.kind === 'kpi' && tile.sparkline !== undefined ? [tile.sql, tile.sparkline] : [tile.sql];
  const parameters = parametersOf(filters);
  const names = new Set<string>();
  for (const sql of queries) {
    try {
      for (const name of dependenciesOf(bindParameters(sql, parameters).text)) names.add(name);
    } catch {
      // Said by the tile when it runs.
    }
  }
  return [...names].sort();
}

/** Every relation under the given ones, themselves included. */
export function relationsUnder(
  relations: readonly string[],
  models: readonly Pick<Model, 'name' | 'dependsOn'>[],
): ReadonlySet<string> {
  const byName = new Map(models.map((model) => [model.name, model]));
  const found = new Set<string>();
  const pending = [...relations];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    pending.push(...(byName.get(next)?.dependsOn ?? []));
  }
  return found;
}

/** The parameters a dashboard's filters give, without values: enough to parse a query. */
function parametersOf(filters: Readonly<Record<string, Filter>>): Parameters {
  const parameters: Record<string, Parameters[string]> = { today: { value: null, type: 'date' } };
  for (const [name, filter] of Object.entries(filters)) {
    if (filter.kind === 'choice') parameters[name] = { value: null, type: 'text' };
    else {
      parameters[`${name}_from`] = { value: null, type: 'date' };
      parameters[`${name}_to`] = { value: null, type: 'date' };
    }
  }
  return parameters;
}

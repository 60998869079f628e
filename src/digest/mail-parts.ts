import type { Digest, KpiTile, Tile } from '../dashboard/definition.ts';
import { filterAddress } from '../dashboard/filters.ts';
import type { FilterValues } from '../dashboard/filters.ts';
import type { Formatter } from '../dashboard/format.ts';
import { noValue } from '../dashboard/number-format.ts';
import type { KpiData, TileData } from '../dashboard/tile-data.ts';

/** A tile with what it shows. */
export interface FilledTile {
  readonly tile: Tile;
  readonly data: TileData;
}

/** A change against an earlier period in words; `tone` is undefined where it is neither good nor bad. */
export interface Change {
  /** `▲ 4.2%` */
  readonly text: string;
  /** `previous period €11,800` */
  readonly before: string;
  readonly tone: 'good' | 'bad' | undefined;
}

/** How a number compares; undefined when the tile compares with nothing. */
export function changeOf(tile: KpiTile, data: KpiData, formatter: Formatter): Change | undefined {
  const { comparison } = data;
  if (comparison === undefined) return undefined;
  const { change, good, value } = comparison;
  const before = `${comparison.with} ${formatter.headline(value, tile.format)}`;
  if (change === undefined) return { text: noValue, before, tone: undefined };
  if (change === 0) return { text: 'unchanged', before, tone: undefined };
  const arrow = change > 0 ? '▲' : '▼';
  return {
    text: `${arrow} ${formatter.share(change)}`,
    before,
    tone: good === undefined ? undefined : good ? 'good' : 'bad',
  };
}

/** `Tue 30 June 2026`, of `YYYY-MM-DD`. */
export function longDay(day: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const parts = format.formatToParts(new Date(`${day}T12:00:00Z`));
  // English sets a comma after the weekday, one too many for a title.
  return parts
    .map((part, index) =>
      part.type === 'literal' && parts[index - 1]?.type === 'weekday'
        ? part.value.replace(',', '')
        : part.value,
    )
    .join('');
}

/** What the filters of a digest stand at: `last 12 months, 1 Jul 2025 to 30 Jun 2026`. */
export function filterLines(
  digest: Digest,
  filters: FilterValues,
  formatter: Formatter,
): readonly string[] {
  return Object.entries(filters.values).flatMap(([name, value]) => {
    const label = digest.filters[name]?.label;
    const prefix = label === undefined ? '' : `${label}: `;
    if (value.kind === 'choice') {
      return value.value === null ? [] : [`${label ?? capitalized(name)}: ${value.value}`];
    }
    const days = `${formatter.day(value.from)} to ${formatter.day(value.to)}`;
    if (value.preset === 'all') return [`${prefix}${capitalized('all time')}`];
    return [
      value.preset === undefined
        ? `${prefix}${days}`
        : `${prefix}${capitalized(value.preset)}, ${days}`,
    ];
  });
}

/** Where the button leads: the digest's dashboard with the same filters. */
export function dashboardAddress(
  digest: Digest,
  filters: FilterValues,
  base: string | undefined,
): string | undefined {
  if (base === undefined) return undefined;
  const root = base.replace(/\/+$/u, '');
  if (digest.dashboard === undefined) return `${root}/`;
  const query = filterAddress(digest.filters, filters).toString();
  const path = `${root}/dashboards/${encodeURIComponent(digest.dashboard)}`;
  return query === '' ? path : `${path}?${query}`;
}

/** `unit price` as a heading: `Unit price`. */
export function capitalized(text: string): string {
  return text.replace(/^\p{L}/u, (letter) => letter.toUpperCase());
}

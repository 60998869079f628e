import type { TopTile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/format.ts';
import type { TopData } from '../../dashboard/tile-data.ts';
import { TileCard } from './tile-card.tsx';
import type { TileProps } from './tile-card.tsx';

interface TopViewProps {
  readonly tile: TileProps;
  readonly definition: TopTile;
  readonly data: TopData;
  readonly formatter: Formatter;
}

/** The largest as bars, which are a list and read as one: each leads to its rows. */
export const TopView = ({ tile, definition, data, formatter }: TopViewProps) => (
  <TileCard tile={tile} title={definition.title} subtitle={definition.subtitle}>
    {data.items.length === 0 ? (
      <p class="muted grid h-48 place-items-center text-sm">No rows in this period.</p>
    ) : (
      <ol class="mt-3 grid flex-1 auto-rows-[minmax(1.75rem,2.125rem)] grid-cols-[fit-content(50%)_minmax(0,1fr)_auto] @max-sm:grid-cols-[minmax(0,1fr)_auto] @max-sm:auto-rows-auto gap-x-3 gap-y-0.5 text-[0.8125rem]">
        {data.items.map((item) => (
          <li class="col-span-full grid min-h-7 grid-cols-subgrid">
            <a
              class="group col-span-full grid grid-cols-subgrid items-center gap-y-1 rounded-md px-1.5 hover:bg-base-200 @max-sm:py-1"
              href={tile.traceAddress({ [data.labelColumn]: item.label })}
            >
              <span class="truncate" title={item.label ?? noValue}>
                {item.label ?? noValue}
              </span>
              <svg
                class="h-2.5 w-full text-primary @max-sm:order-last @max-sm:col-span-2 @max-sm:h-1.5"
                aria-hidden="true"
              >
                <rect
                  width={`${Math.round(item.share * 1000) / 10}%`}
                  height="100%"
                  rx="2.5"
                  fill="currentColor"
                />
              </svg>
              <span class="text-right whitespace-nowrap tabular-nums group-hover:text-primary">
                {formatter.headline(item.value, definition.format)}
              </span>
            </a>
          </li>
        ))}
      </ol>
    )}
  </TileCard>
);

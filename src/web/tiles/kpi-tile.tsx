import { raw } from 'hono/html';

import type { KpiTile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/number-format.ts';
import { pagePalette } from '../../dashboard/palette.ts';
import { drawSparkline } from '../../dashboard/sparkline.ts';
import type { KpiData } from '../../dashboard/tile-data.ts';
import { TileWarnings } from './tile-card.tsx';
import type { TileProps } from './tile-card.tsx';

interface KpiViewProps {
  readonly tile: TileProps;
  readonly definition: KpiTile;
  readonly data: KpiData;
  readonly formatter: Formatter;
}

/** One number: a link to its rows, its change, and how it came here. */
export const KpiView = ({ tile, definition, data, formatter }: KpiViewProps) => {
  const shown = formatter.headline(data.value, definition.format);
  const exact = formatter.value(data.value, definition.format ?? 'number');
  return (
    <section class="card flex flex-col p-4 sm:p-5" aria-labelledby={`${tile.id}-title`}>
      <h2 id={`${tile.id}-title`} class="muted truncate text-sm" title={definition.title}>
        {definition.title}
      </h2>
      <p class="mt-1 flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
        <span class="text-xl font-semibold tracking-tight tabular-nums sm:text-2xl">
          {data.value === null ? (
            noValue
          ) : (
            <a class="datum" href={tile.traceAddress()} title={`${exact}: see the rows under it`}>
              {shown}
            </a>
          )}
        </span>
        <Change data={data} formatter={formatter} definition={definition} />
      </p>
      {definition.subtitle === undefined ? null : (
        <p class="muted mt-0.5 text-xs">{definition.subtitle}</p>
      )}
      <TileWarnings warnings={tile.warnings} />
      {data.sparkline === undefined ? null : (
        <div class="mt-auto pt-3">
          {raw(
            drawSparkline(data.sparkline, {
              color: pagePalette.series[0] ?? '',
              heightPx: 30,
              width: 'fluid',
              unfinished: data.unfinished,
            }),
          )}
        </div>
      )}
    </section>
  );
};

const Change = ({ data, formatter, definition }: Omit<KpiViewProps, 'tile'>) => {
  const { comparison } = data;
  if (comparison === undefined) return null;
  const before = formatter.value(comparison.value, definition.format ?? 'number');
  const title = `${comparison.with}, ${formatter.day(comparison.range.from)} to ${formatter.day(comparison.range.to)}: ${before}`;
  if (comparison.change === undefined) {
    return (
      <span class="muted text-xs" title={title}>
        nothing to compare
      </span>
    );
  }
  const rose = comparison.change > 0;
  const color =
    comparison.good === undefined ? 'muted' : comparison.good ? 'text-success' : 'text-error';
  const arrow = comparison.change === 0 ? '' : rose ? '▲' : '▼';
  const word = comparison.change === 0 ? 'unchanged' : rose ? 'up' : 'down';
  return (
    <span class={`text-sm whitespace-nowrap ${color}`} title={title}>
      <span aria-hidden="true" class="text-[0.7em]">
        {arrow}
      </span>{' '}
      <span class="sr-only">{word} </span>
      {formatter.share(comparison.change)}
      <span class="sr-only"> against the {comparison.with}</span>
    </span>
  );
};

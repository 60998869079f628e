import { raw } from 'hono/html';

import { axisLabel } from '../../dashboard/axis-label.ts';
import { barLabelsPx, drawChart } from '../../dashboard/chart.ts';
import type { BarTile, LineTile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import { pagePalette } from '../../dashboard/palette.ts';
import { toNumber } from '../../dashboard/result-column.ts';
import type { SeriesData } from '../../dashboard/tile-data.ts';
import { tileTable, titleOf } from '../../dashboard/tile-table.ts';
import { BarList } from './bar-list.tsx';
import { ChartTable } from './chart-table.tsx';
import { TileCard } from './tile-card.tsx';
import type { TileProps } from './tile-card.tsx';

interface SeriesViewProps {
  readonly tile: TileProps;
  readonly definition: LineTile | BarTile;
  readonly data: SeriesData;
  readonly formatter: Formatter;
  /** Tiles beside it in its row, itself included: how wide its labels may be. */
  readonly columns: number;
}

/** A line or bar chart with its legend and its table. */
export const SeriesView = ({ tile, definition, data, formatter, columns }: SeriesViewProps) => {
  if (data.points.length === 0) {
    return (
      <TileCard tile={tile} title={definition.title} subtitle={definition.subtitle}>
        <p class="muted grid h-48 place-items-center text-sm">No rows in this period.</p>
      </TileCard>
    );
  }
  const room = namedBarsRoom({ definition, data, formatter });
  const list =
    room === 'any' ? null : (
      <NamedBars tile={tile} definition={definition} data={data} formatter={formatter} />
    );
  const { svg, axisDigits } = drawChart(data, {
    title: definition.title,
    format: definition.format,
    formatter,
    palette: pagePalette,
    heightPx: columns === 1 ? 250 : 240,
    width: 'fluid',
    labelsMax: columns === 1 ? 18 : columns === 2 ? 8 : 5,
    // A list stands in where names do not fit; only bars below zero have no other place for theirs.
    ...(room === 'any' ? { namesPx: 1050 / columns - 90 } : {}),
  });
  return (
    <TileCard tile={tile} title={definition.title} subtitle={definition.subtitle}>
      <Legend data={data} formatter={formatter} />
      {room === 'none' ? (
        list
      ) : (
        <div class="named-bars" data-room={room}>
          <div class="plot" data-axis={Math.min(9, axisDigits)}>
            {raw(svg)}
          </div>
          {list === null ? null : <div class="lying">{list}</div>}
        </div>
      )}
      <ForecastNote data={data} formatter={formatter} />
      <ChartTable
        table={tileTable(definition, data, formatter)}
        tile={tile}
        formatter={formatter}
      />
    </TileCard>
  );
};

/** Room beside a plot for its axis and the edges of its card, in pixels. */
const besidePlotPx = 95;

/** Widths of a card from which named bars stand upright, in rem; the style sheet has the same. */
const uprightFrom = [24, 30, 36, 42, 50, 60] as const;

/**
 * From which width of its card the names and numbers of bars stand beside each other. `'any'` also for
 * bars below zero, which a list cannot show; `'none'` when no card is wide enough.
 */
function namedBarsRoom(view: Omit<SeriesViewProps, 'tile' | 'columns'>): string {
  const { definition, data, formatter } = view;
  const needed = barLabelsPx(data, { format: definition.format, formatter });
  const below = data.points.some((point) => (toNumber(point.values[0] ?? null) ?? 0) < 0);
  if (needed === 0 || below || needed + besidePlotPx <= 300) return 'any';
  const from = uprightFrom.find((rem) => needed + besidePlotPx <= rem * 16);
  return from === undefined ? 'none' : String(from);
}

/** The same bars lying, with room for their names. */
const NamedBars = ({ tile, definition, data, formatter }: Omit<SeriesViewProps, 'columns'>) => {
  const sizes = data.points.map((point) => toNumber(point.values[0] ?? null) ?? 0);
  const largest = Math.max(...sizes);
  return (
    <BarList
      items={data.points.map((point, index) => ({
        label: point.x === '' ? null : point.x,
        value: point.values[0] ?? null,
        share: largest > 0 ? (sizes[index] ?? 0) / largest : 0,
        href: tile.traceAddress({ [data.xColumn]: point.x === '' ? null : point.x }),
      }))}
      format={definition.format}
      formatter={formatter}
      color="text-(--chart-2)"
    />
  );
};

/** Names what the pen means: series by colour, unfinished and forecast by stroke. */
const Legend = ({ data, formatter }: { data: SeriesData; formatter: Formatter }) => {
  const last = data.points.at(-1);
  const items: { readonly sample: string; readonly text: string }[] = [];
  if (data.series.length > 1) {
    data.series.forEach((name, index) => {
      const color = pagePalette.series[index % pagePalette.series.length] ?? '';
      items.push({ sample: line(color, ''), text: titleOf(name) });
    });
  }
  const color = (data.kind === 'bar' ? pagePalette.bar : pagePalette.series[0]) ?? '';
  if (data.unfinished && last !== undefined) {
    const name = axisLabel(last.x, data.grain, { formatter, length: 'long' });
    items.push({
      sample: data.kind === 'bar' ? openBar(color) : line(color, '1 4'),
      text: `${name} so far`,
    });
  }
  if (data.forecast !== undefined) {
    items.push({ sample: band(color), text: 'Forecast, 80 % interval' });
  }
  if (items.length === 0) return null;
  return (
    <ul class="muted mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {items.map((item) => (
        <li class="flex items-center gap-1.5">
          <svg width="20" height="10" aria-hidden="true">
            {raw(item.sample)}
          </svg>
          <span class="first-letter:uppercase">{item.text}</span>
        </li>
      ))}
    </ul>
  );
};

function line(color: string, dashes: string): string {
  return `<path d="M2 5h16" stroke="${color}" stroke-width="2" stroke-linecap="round" stroke-dasharray="${dashes}"/>`;
}

function openBar(color: string): string {
  return `<rect x="5" y="1" width="10" height="8" rx="1.5" fill="${color}" fill-opacity="0.25" stroke="${color}" stroke-dasharray="3 2"/>`;
}

function band(color: string): string {
  return `<rect width="20" height="10" rx="2" fill="${color}" fill-opacity="0.16"/><path d="M2 5h16" stroke="${color}" stroke-width="1.75" stroke-dasharray="5 4"/>`;
}

/** How far a forecast can be trusted, in its own back-test; or why there is none. */
const ForecastNote = ({ data, formatter }: { data: SeriesData; formatter: Formatter }) => {
  const { forecast, forecastMissing } = data;
  if (forecast !== undefined) {
    return (
      <p class="muted mt-1 text-xs">
        {forecast.method === 'drift-naive' ? 'Drift' : 'Damped Holt-Winters'}, back-tested on this
        series: mean error {formatter.share(forecast.sMape / 100)},{' '}
        {formatter.share(forecast.coverage)} of months inside the band.
      </p>
    );
  }
  return forecastMissing === undefined ? null : (
    <p class="muted mt-1 text-xs">No forecast: {forecastMissing}.</p>
  );
};

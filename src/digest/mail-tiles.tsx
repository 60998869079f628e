import type { Child } from 'hono/jsx';

import { axisLabel } from '../dashboard/axis-label.ts';
import type { BarTile, KpiTile, LineTile, TableTile, TopTile } from '../dashboard/definition.ts';
import type { Formatter } from '../dashboard/format.ts';
import { noValue } from '../dashboard/number-format.ts';
import { summarizeSeries } from '../dashboard/summary.ts';
import type { KpiData, SeriesData, TableData, TopData } from '../dashboard/tile-data.ts';
import { cellText, tileTable, titleOf } from '../dashboard/tile-table.ts';
import { light, mailPalette } from './mail-colors.ts';
import { contentWidth } from './mail-frame.tsx';
import { capitalized, changeOf } from './mail-parts.ts';

const muted = `color: ${light.muted}`;

/** A mail is no report: what is longer is on the dashboard. */
export const mailRowsMax = 20;

/** Up to this many characters three numbers fit side by side on a phone. */
const narrowValue = 9;

interface Filled<T, D> {
  readonly tile: T;
  readonly data: D;
}

interface KpiRowProps {
  readonly kpis: readonly Filled<KpiTile, KpiData>[];
  readonly formatter: Formatter;
}

/**
 * Numbers side by side. Those that fit a phone stand on one line, however many lines their titles
 * take; others stand in pairs there, each under its title.
 */
export const KpiRow = ({ kpis, formatter }: KpiRowProps) => {
  const values = kpis.map(({ tile, data }) => formatter.headline(data.value, tile.format));
  const fits = kpis.length < 3 || values.every((value) => value.length <= narrowValue);
  const width = `${Math.floor(100 / kpis.length)}%`;
  return (
    <table
      role="presentation"
      width="100%"
      cellpadding="0"
      cellspacing="0"
      border={0}
      style="margin-top: 20px; table-layout: fixed"
    >
      {fits ? (
        <tr>
          {kpis.map(({ tile }) => (
            <td valign="bottom" width={width} style="padding: 0 8px 0 0">
              <KpiTitle tile={tile} />
            </td>
          ))}
        </tr>
      ) : null}
      <tr>
        {kpis.map((kpi, index) => (
          <td valign="top" class={fits ? '' : 'split'} width={width} style="padding: 0 8px 6px 0">
            {fits ? null : <KpiTitle tile={kpi.tile} />}
            <KpiValue {...kpi} value={values[index] ?? noValue} formatter={formatter} />
          </td>
        ))}
      </tr>
    </table>
  );
};

const KpiTitle = ({ tile }: { tile: KpiTile }) => (
  <div class="muted" style={`font-size: 13px; line-height: 18px; ${muted}`}>
    {tile.title}
  </div>
);

const KpiValue = (props: Filled<KpiTile, KpiData> & { value: string; formatter: Formatter }) => {
  const { tile, data, value, formatter } = props;
  const change = changeOf(tile, data, formatter);
  return (
    <>
      <div
        class="value"
        style="font-size: 22px; line-height: 30px; font-weight: 700; white-space: nowrap"
      >
        {value}
      </div>
      {change === undefined ? null : (
        <>
          <div
            class={change.tone ?? 'muted'}
            style={`font-size: 13px; line-height: 18px; color: ${light[change.tone ?? 'muted']}`}
          >
            {change.text}
          </div>
          <SmallLine text={change.before} />
        </>
      )}
      {tile.subtitle === undefined ? null : <SmallLine text={tile.subtitle} />}
    </>
  );
};

const SmallLine = ({ text }: { text: string }) => (
  <div class="muted" style={`font-size: 12px; line-height: 16px; ${muted}`}>
    {text}
  </div>
);

/** A tile under its heading. */
const Block = (props: { title: string; subtitle?: string | undefined; children: Child }) => (
  <div style="margin-top: 28px">
    <h2 style="margin: 0; font-size: 15px; line-height: 21px; font-weight: 600">{props.title}</h2>
    {props.subtitle === undefined ? null : <Note>{props.subtitle}</Note>}
    {props.children}
  </div>
);

const Note = ({ children }: { children: Child }) => (
  <p class="muted" style={`margin: 3px 0 0; font-size: 12px; line-height: 17px; ${muted}`}>
    {children}
  </p>
);

const Empty = () => <Note>No rows in this period.</Note>;

/** The pictures of a chart: one for a wide window, one whose text can be read on a phone. */
export interface ChartPictures {
  readonly wideCid: string;
  readonly narrowCid: string;
}

interface ChartBlockProps extends Filled<LineTile | BarTile, SeriesData> {
  /** Undefined when there is nothing to draw. */
  readonly pictures: ChartPictures | undefined;
  readonly formatter: Formatter;
}

/** A line or bar chart: a picture under a heading and a legend that are text. */
export const ChartBlock = ({ tile, data, pictures, formatter }: ChartBlockProps) => {
  const { title, format, subtitle } = tile;
  const alt = summarizeSeries(data, { title, format, formatter });
  const picture = `display: block; width: 100%; height: auto; border: 0; font-size: 12px; line-height: 17px; ${muted}`;
  return (
    <Block title={title} subtitle={subtitle}>
      {pictures === undefined ? (
        <Empty />
      ) : (
        <>
          <Legend data={data} formatter={formatter} />
          <div class="wide" style="margin-top: 8px">
            <img
              src={`cid:${pictures.wideCid}`}
              width={contentWidth}
              alt={alt}
              style={`${picture}; max-width: ${contentWidth}px`}
            />
          </div>
          <div class="narrow" style="display: none; mso-hide: all; margin-top: 8px">
            <img src={`cid:${pictures.narrowCid}`} width="100%" alt={alt} style={picture} />
          </div>
        </>
      )}
      <ForecastNote data={data} formatter={formatter} />
    </Block>
  );
};

/** Names what the pen means: series by colour, the unfinished and the forecast by stroke. */
const Legend = ({ data, formatter }: { data: SeriesData; formatter: Formatter }) => {
  const last = data.points.at(-1);
  const strokes: string[] = [];
  if (data.forecast !== undefined)
    strokes.push(`Shaded: forecast, ${formatter.share(0.8)} interval`);
  if (data.unfinished && last !== undefined) {
    const name = axisLabel(last.x, data.grain, { formatter, length: 'long' });
    strokes.push(`${data.kind === 'bar' ? 'Pale' : 'Dotted'}: ${name} so far`);
  }
  if (strokes.length === 0 && data.series.length === 1) return null;
  const { series } = mailPalette;
  return (
    <Note>
      {data.series.length === 1
        ? null
        : data.series.map((name, index) => (
            <span style="white-space: nowrap; margin-right: 12px">
              <span style={`color: ${series[index % series.length] ?? ''}`}>■</span>{' '}
              {capitalized(titleOf(name))}
            </span>
          ))}
      {strokes.join(' · ')}
    </Note>
  );
};

/** How far a forecast can be trusted, in its own back-test; or why there is none. */
const ForecastNote = ({ data, formatter }: { data: SeriesData; formatter: Formatter }) => {
  const { forecast, forecastMissing } = data;
  if (forecast !== undefined) {
    return (
      <Note>
        {`Back-tested on this series: mean error ${formatter.share(forecast.sMape)}, ${formatter.share(forecast.coverage)} of months inside the band.`}
      </Note>
    );
  }
  return forecastMissing === undefined ? null : <Note>No forecast: {forecastMissing}.</Note>;
};

const heading = (side: 'left' | 'right', first: boolean) =>
  `padding: 0 0 6px ${first ? '0' : '16px'}; font-size: 12px; line-height: 17px; font-weight: 600; text-align: ${side}; border-bottom: 1px solid ${light.border}; ${muted}`;
const cell = (side: 'left' | 'right', first: boolean) =>
  `padding: 6px 0 6px ${first ? '0' : '16px'}; text-align: ${side}; border-bottom: 1px solid ${light.border}${side === 'right' ? '; white-space: nowrap; font-variant-numeric: tabular-nums' : ''}`;
const tableStyle =
  'margin-top: 10px; border-collapse: collapse; font-size: 13px; line-height: 18px';

interface TopBlockProps extends Filled<TopTile, TopData> {
  readonly formatter: Formatter;
}

/** The largest, each with a bar that is a coloured cell. */
export const TopBlock = ({ tile, data, formatter }: TopBlockProps) => (
  <Block title={tile.title} subtitle={tile.subtitle}>
    {data.items.length === 0 ? (
      <Empty />
    ) : (
      <table width="100%" cellpadding="0" cellspacing="0" border={0} style={tableStyle}>
        <tr>
          <th scope="col" class="rule muted" style={heading('left', true)}>
            {capitalized(titleOf(data.labelColumn))}
          </th>
          <th scope="col" colspan={2} class="rule muted" style={heading('right', false)}>
            {capitalized(titleOf(data.valueColumn))}
          </th>
        </tr>
        {data.items.map((item) => (
          <tr>
            <td class="rule" style={cell('left', true)}>
              {item.label ?? noValue}
            </td>
            <td class="rule cell" width="32%" style={cell('left', false)} aria-hidden="true">
              <Bar share={item.share} />
            </td>
            <td class="rule cell" style={cell('right', false)}>
              {formatter.headline(item.value, tile.format)}
            </td>
          </tr>
        ))}
      </table>
    )}
  </Block>
);

const Bar = ({ share }: { share: number }) => {
  const percent = Math.round(share * 100);
  if (percent < 1) return null;
  return (
    <table role="presentation" width={`${percent}%`} cellpadding="0" cellspacing="0" border={0}>
      <tr>
        <td
          bgcolor={mailPalette.series[0]}
          height="8"
          style={`height: 8px; font-size: 0; line-height: 0; background: ${mailPalette.series[0] ?? ''}; border-radius: 2px`}
        >
          &nbsp;
        </td>
      </tr>
    </table>
  );
};

interface TableBlockProps extends Filled<TableTile, TableData> {
  readonly formatter: Formatter;
}

/** Rows as they are, the first of them. */
export const TableBlock = ({ tile, data, formatter }: TableBlockProps) => {
  const table = tileTable(tile, data, formatter);
  const rows = table.rows.slice(0, mailRowsMax);
  const more = data.truncated || rows.length < table.rows.length;
  const side = (index: number) => (table.columns[index]?.kind === 'number' ? 'right' : 'left');
  return (
    <Block title={tile.title} subtitle={tile.subtitle}>
      {rows.length === 0 ? (
        <Empty />
      ) : (
        <table width="100%" cellpadding="0" cellspacing="0" border={0} style={tableStyle}>
          <tr>
            {table.columns.map((column, index) => (
              <th
                scope="col"
                class={`rule muted${index === 0 ? '' : ' cell'}`}
                style={heading(side(index), index === 0)}
              >
                {capitalized(column.title)}
              </th>
            ))}
          </tr>
          {rows.map((row, rowIndex) => (
            <tr>
              {row.map((_, index) => (
                <td
                  class={index === 0 ? 'rule' : 'rule cell'}
                  style={cell(side(index), index === 0)}
                >
                  {cellText(table, { row: rowIndex, column: index }, formatter)}
                </td>
              ))}
            </tr>
          ))}
        </table>
      )}
      {more ? <Note>The first {rows.length} rows; the dashboard has more.</Note> : null}
    </Block>
  );
};

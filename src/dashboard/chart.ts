import { axisLabel } from './axis-label.ts';
import { niceScale } from './chart-scale.ts';
import type { Scale } from './chart-scale.ts';
import type { Format } from './definition.ts';
import { escapeXml } from './escape-xml.ts';
import type { Formatter } from './format.ts';
import type { Palette } from './palette.ts';
import { toNumber } from './result-column.ts';
import { summarizeSeries } from './summary.ts';
import type { SeriesData } from './tile-data.ts';

/** How a chart is drawn. */
export interface ChartOptions {
  readonly title: string;
  readonly format: Format | undefined;
  readonly formatter: Formatter;
  readonly palette: Palette;
  /** Height of the plot in pixels, without the labels under it. */
  readonly heightPx: number;
  /**
   * A number draws a self-contained picture of so many pixels, for email and PNG. `'fluid'` draws one
   * that takes the width it is given while its text and lines keep their size, for a page: it leaves
   * room for the axis to CSS (`axisDigits`).
   */
  readonly width: number | 'fluid';
  /** How many labels fit under a wide chart; default 13. A narrow one shows at most 5. */
  readonly labelsMax?: number;
  /** Pixels under a fluid chart for the names of its bars, which are cut to fit; default uncut. */
  readonly namesPx?: number;
}

export interface Chart {
  readonly svg: string;
  /** Length of the longest label of the value axis, in characters: its room, for a fluid chart. */
  readonly axisDigits: number;
}

/** Where things are along the x axis; a fluid chart knows fractions only. */
interface Frame {
  readonly options: ChartOptions;
  readonly data: SeriesData;
  readonly labels: readonly string[];
  readonly longLabels: readonly string[];
  readonly scale: Scale;
  /** A position from 0 to 1 across the plot as an SVG length. */
  readonly at: (fraction: number) => string;
  /** Centre of the i-th point, 0 to 1. */
  readonly center: (index: number) => number;
  readonly y: (value: number) => number;
  /** Width of the coordinate system that paths are drawn in. */
  readonly pathWidth: number;
  /** Pixels; undefined for a fluid chart. */
  readonly plotWidth: number | undefined;
  readonly count: number;
}

const labelSizePx = 11.5;
/** Average width of a digit of Inter, as a share of its size. */
const digitWidth = 0.6;
/** The same of a letter, wide ones included. */
const letterWidth = 0.58;
const labelsMaxNarrow = 5;
/** Width of the plot on a phone. */
const narrowPlotPx = 250;

/**
 * Pixels of plot that the names and numbers of bars need to stand beside each other; 0 when the bars
 * stand for times, whose labels can be thinned out.
 */
export function barLabelsPx(
  data: SeriesData,
  options: { readonly format: Format | undefined; readonly formatter: Formatter },
): number {
  if (data.kind !== 'bar' || data.grain !== undefined) return 0;
  const names = data.points.map((point) => Array.from(point.x).length * letterWidth);
  const numbers = data.points.map(
    (point) => barNumber(point.values[0] ?? null, options).length * digitWidth,
  );
  return data.points.length * (Math.max(...names, ...numbers) * labelSizePx + 10);
}

function barNumber(
  value: string | null,
  { format, formatter }: { readonly format: Format | undefined; readonly formatter: Formatter },
): string {
  const number = toNumber(value);
  return number === null ? '' : formatter.compact(number, format);
}

/** Draws a line or bar chart as SVG. Pure: the same data gives the same text. */
export function drawChart(data: SeriesData, options: ChartOptions): Chart {
  const future = (data.forecast?.points ?? []).filter(
    (point) => !data.points.some((known) => known.x === point.x),
  );
  const xs = [...data.points.map((point) => point.x), ...future.map((point) => point.x)];
  const name = (length: 'short' | 'long') =>
    xs.map((x) => axisLabel(x, data.grain, { formatter: options.formatter, length }));
  const scale = niceScale([
    ...data.points.flatMap((point) => point.values.map((value) => toNumber(value) ?? 0)),
    ...(data.forecast?.points.flatMap((point) => [point.low, point.high]) ?? []),
  ]);
  const axis = scale.ticks.map((tick) => options.formatter.compact(tick, options.format));
  const axisDigits = Math.max(...axis.map((label) => label.length));
  const left = Math.ceil(axisDigits * labelSizePx * digitWidth) + 16;
  const plotWidth = options.width === 'fluid' ? undefined : options.width - left - 24;
  const count = xs.length;
  const { heightPx } = options;
  const frame: Frame = {
    options,
    data,
    labels: name('short'),
    longLabels: name('long'),
    scale,
    count,
    at: (fraction) =>
      plotWidth === undefined ? `${round(fraction * 100)}%` : round(fraction * plotWidth),
    center: (index) =>
      data.kind === 'bar' ? (index + 0.5) / count : count === 1 ? 0.5 : index / (count - 1),
    y: (value) => heightPx * (1 - (value - scale.low) / (scale.high - scale.low)),
    pathWidth: plotWidth ?? 1000,
    plotWidth,
  };
  const body = [
    drawGrid(frame, axis),
    data.kind === 'bar' && data.grain === undefined ? drawNames(frame) : drawLabels(frame),
    data.kind === 'bar' ? drawBars(frame) : drawLines(frame),
    options.width === 'fluid' ? drawHoverAreas(frame) : '',
  ].join('');
  const label = escapeXml(summarizeSeries(data, options));
  const height = heightPx + 28;
  // Room for half a label of the axis, or for the number on top of the highest bar.
  const top = data.kind === 'bar' ? 20 : 8;
  const svg =
    plotWidth === undefined
      ? `<svg class="chart-svg" role="img" aria-label="${label}" width="100%" height="${height}">${body}</svg>`
      : `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" width="${options.width}" height="${height + top}" viewBox="0 0 ${options.width} ${height + top}" font-family="Inter, sans-serif"><g transform="translate(${left} ${top})">${body}</g></svg>`;
  return { svg, axisDigits };
}

function drawGrid({ options, scale, at, y }: Frame, axis: readonly string[]): string {
  return scale.ticks
    .map((tick, index) => {
      const top = round(y(tick));
      return (
        `<line x1="0" x2="${at(1)}" y1="${top}" y2="${top}" stroke="${options.palette.grid}"/>` +
        `<text x="-10" y="${top}" dy="0.35em" text-anchor="end" font-size="${labelSizePx}" fill="${options.palette.label}">${escapeXml(axis[index] ?? '')}</text>`
      );
    })
    .join('');
}

/**
 * Names of bars are cut to the room each bar has rather than thinned out as months are: nobody could
 * tell whose bar the ones between are. Only on a phone, where the page has no list in place of the
 * chart, some are left to the table.
 */
function drawNames({ options, labels, at, center, count, plotWidth }: Frame): string {
  const room = options.namesPx ?? plotWidth ?? Number.POSITIVE_INFINITY;
  const longest = Math.max(3, Math.floor((room / count - 8) / (labelSizePx * letterWidth)));
  const widest = Math.max(...labels.map((label) => Math.min(longest, Array.from(label).length)));
  const needed = count * (widest * letterWidth * labelSizePx + 8);
  const narrowStep = plotWidth === undefined ? Math.ceil(needed / narrowPlotPx) : 1;
  return labels
    .map((label, index) => {
      const wide = index % narrowStep === 0 ? '' : ' class="wide"';
      const letters = Array.from(label);
      const name =
        letters.length > longest
          ? `${letters
              .slice(0, longest - 1)
              .join('')
              .trimEnd()}…`
          : label;
      return axisText(options, at(center(index)), name, wide);
    })
    .join('');
}

function axisText({ heightPx, palette }: ChartOptions, x: string, text: string, look = ''): string {
  return `<text${look} x="${x}" y="${heightPx + 20}" text-anchor="middle" font-size="${labelSizePx}" fill="${palette.label}">${escapeXml(text)}</text>`;
}

/** Labels under the axis. Those a narrow chart has no room for are of class `wide`, which CSS hides. */
function drawLabels({ options, labels, at, center, count }: Frame): string {
  const step = Math.max(1, Math.ceil(count / (options.labelsMax ?? 13)));
  const narrowStep = step * Math.max(1, Math.ceil(count / step / labelsMaxNarrow));
  return labels
    .map((label, index) => {
      if (index % step !== 0) return '';
      const wide = index % narrowStep === 0 ? '' : ' class="wide"';
      return axisText(options, at(center(index)), label, wide);
    })
    .join('');
}

/** Bars are plain rectangles, whose positions may be percentages. */
function drawBars({ options, data, at, center, y, count, plotWidth }: Frame): string {
  const { palette } = options;
  const width = 0.6 / Math.max(1, count);
  const numbers = data.points.map((point) => barNumber(point.values[0] ?? null, options));
  const needed =
    count * (Math.max(...numbers.map((one) => one.length)) * digitWidth * labelSizePx + 2);
  const labelled = plotWidth === undefined ? count <= 8 : needed <= plotWidth;
  const wide = plotWidth === undefined && needed > narrowPlotPx ? ' class="wide"' : '';
  return data.points
    .map((point, index) => {
      const value = toNumber(point.values[0] ?? null);
      if (value === null) return '';
      const top = Math.min(y(value), y(0));
      const height = Math.abs(y(value) - y(0));
      const open = data.unfinished && index === data.points.length - 1;
      const look = open
        ? `fill="${palette.bar}" fill-opacity="0.25" stroke="${palette.bar}" stroke-dasharray="4 3"`
        : `fill="${palette.bar}"`;
      const label = labelled
        ? `<text${wide} x="${at(center(index))}" y="${round(value < 0 ? top + height + 14 : top - 6)}" text-anchor="middle" font-size="${labelSizePx}" fill="${palette.label}">${escapeXml(numbers[index] ?? '')}</text>`
        : '';
      return `<rect x="${at(center(index) - width / 2)}" y="${round(top)}" width="${at(width)}" height="${round(height)}" rx="3" ${look}/>${label}`;
    })
    .join('');
}

/**
 * Lines are drawn in a coordinate system of their own that is stretched to the width of the chart;
 * `non-scaling-stroke` keeps the pen round while the paper is pulled.
 */
function drawLines(frame: Frame): string {
  const { options, data, pathWidth, center, y } = frame;
  const x = (index: number): number => center(index) * pathWidth;
  const marks: string[] = [];
  const paths = data.series.map((_, series) => {
    const color = options.palette.series[series % options.palette.series.length] ?? '';
    const points = data.points.map((point, index) => ({
      index,
      value: toNumber(point.values[series] ?? null),
    }));
    const finished = data.unfinished ? points.slice(0, -1) : points;
    const open = data.unfinished ? points.slice(-2) : [];
    const last = points.at(-1);
    if (open.length > 0 && last !== undefined && last.value !== null) {
      marks.push(hollowDot(frame, { index: last.index, value: last.value, color }));
    }
    return (
      stroke(pathOf(finished, x, y), `stroke="${color}" stroke-width="2"`) +
      stroke(pathOf(open, x, y), `stroke="${color}" stroke-width="1.5" stroke-dasharray="1 4"`)
    );
  });
  const drawn = drawForecast(frame, x) + paths.join('');
  if (options.width !== 'fluid') return drawn + marks.join('');
  return `<svg width="100%" height="${options.heightPx}" viewBox="0 0 ${pathWidth} ${options.heightPx}" preserveAspectRatio="none" overflow="visible">${drawn}</svg>${marks.join('')}`;
}

function drawForecast({ options, data, y }: Frame, x: (index: number) => number): string {
  if (data.forecast === undefined) return '';
  const color = options.palette.series[0] ?? '';
  const known = data.points.map((point) => point.x);
  const first = data.forecast.points[0];
  // The line goes on from the last finished month.
  const from = known.findLastIndex(
    (day, index) => first !== undefined && day < first.x && data.points[index]?.values[0] !== null,
  );
  const start = toNumber(data.points[from]?.values[0] ?? null);
  const points = data.forecast.points.map((point) => {
    const at = known.indexOf(point.x);
    return { ...point, at };
  });
  let next = known.length;
  const placed = points.map((point) => ({ ...point, at: point.at === -1 ? next++ : point.at }));
  const anchor = start === null ? [] : [{ at: from, value: start, low: start, high: start }];
  const all = [...anchor, ...placed];
  const upper = all.map((point) => `${round(x(point.at))} ${round(y(point.high))}`);
  const lower = all.map((point) => `${round(x(point.at))} ${round(y(point.low))}`).reverse();
  const middle = all.map((point) => ({ index: point.at, value: point.value }));
  return (
    `<path d="M${[...upper, ...lower].join('L')}Z" fill="${color}" fill-opacity="0.16"/>` +
    stroke(pathOf(middle, x, y), `stroke="${color}" stroke-width="1.75" stroke-dasharray="5 4"`)
  );
}

interface PlacedValue {
  readonly index: number;
  readonly value: number | null;
}

/** A line through the values; a missing one breaks it, one alone between two gaps is a dot. */
function pathOf(
  points: readonly PlacedValue[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  points.forEach(({ index, value }, position) => {
    if (value === null) return;
    const joined = position > 0 && points[position - 1]?.value !== null;
    path += `${joined ? 'L' : 'M'}${round(x(index))} ${round(y(value))}`;
    if (!joined && (points[position + 1]?.value ?? null) === null) path += 'h0.01';
  });
  return path;
}

function stroke(path: string, look: string): string {
  return path === ''
    ? ''
    : `<path d="${path}" fill="none" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke" ${look}/>`;
}

function hollowDot(
  { options, at, center, y }: Frame,
  mark: { readonly index: number; readonly value: number; readonly color: string },
): string {
  return `<circle cx="${at(center(mark.index))}" cy="${round(y(mark.value))}" r="3.5" fill="${options.palette.surface}" stroke="${mark.color}" stroke-width="1.5"/>`;
}

/** Invisible columns that say their values: to the pointer as a title, to the island as text. */
function drawHoverAreas(frame: Frame): string {
  const { options, data, at, center, count } = frame;
  const { format, formatter } = options;
  const width = data.kind === 'bar' ? 1 / count : 1 / Math.max(1, count - 1);
  return frame.longLabels
    .map((label, index) => {
      const point = data.points[index];
      const x = point?.x ?? data.forecast?.points.at(index - count)?.x;
      const guess = data.forecast?.points.find((one) => one.x === x);
      const open = data.unfinished && index === data.points.length - 1;
      const lines = [
        open ? `${label}, so far` : label,
        ...(point?.values ?? []).map((value, series) => {
          const text = formatter.value(value, format ?? 'number');
          return data.series.length === 1 ? text : `${data.series[series] ?? ''}: ${text}`;
        }),
        ...(guess === undefined
          ? []
          : [
              `forecast ${formatter.compact(guess.value, format)} (${formatter.compact(guess.low, format)} to ${formatter.compact(guess.high, format)})`,
            ]),
      ];
      const left = Math.max(0, center(index) - width / 2);
      const right = Math.min(1, center(index) + width / 2);
      return `<rect class="hover" x="${at(left)}" width="${at(right - left)}" y="0" height="${options.heightPx}" fill="transparent"><title>${escapeXml(lines.join('\n'))}</title></rect>`;
    })
    .join('');
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

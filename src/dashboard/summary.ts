import { axisLabel } from './axis-label.ts';
import type { Format } from './definition.ts';
import type { Formatter } from './format.ts';
import { toNumber } from './result-column.ts';
import type { SeriesData } from './tile-data.ts';

export interface SummaryOptions {
  readonly title: string;
  readonly format: Format | undefined;
  readonly formatter: Formatter;
}

/** A chart in words, for those who do not see it: its extent, its highest and lowest value, its forecast. */
export function summarizeSeries(data: SeriesData, options: SummaryOptions): string {
  const { title, format, formatter } = options;
  const name = (x: string): string => axisLabel(x, data.grain, { formatter, length: 'long' });
  const first = data.points[0];
  const last = data.points.at(-1);
  if (first === undefined || last === undefined) return `${title}: no data in this period.`;
  const sentences = [
    `${title}: ${data.kind} chart of ${data.points.length} ${data.grain ?? 'value'}${data.points.length === 1 ? '' : 's'}, ${name(first.x)} to ${name(last.x)}.`,
  ];
  data.series.forEach((series, index) => {
    const known = data.points
      .slice(0, data.unfinished ? -1 : undefined)
      .map((point) => ({ x: point.x, text: point.values[index] ?? null }))
      .filter((point) => toNumber(point.text) !== null)
      .sort((a, b) => (toNumber(a.text) ?? 0) - (toNumber(b.text) ?? 0));
    const lowest = known[0];
    const highest = known.at(-1);
    if (lowest === undefined || highest === undefined) return;
    const value = (text: string | null): string => formatter.value(text, format ?? 'number');
    const prefix = data.series.length === 1 ? 'Lowest' : `${series}: lowest`;
    sentences.push(
      `${prefix} ${value(lowest.text)} in ${name(lowest.x)}, highest ${value(highest.text)} in ${name(highest.x)}.`,
    );
  });
  if (data.unfinished) sentences.push(`${name(last.x)} is not over yet.`);
  const end = data.forecast?.points.at(-1);
  if (end !== undefined) {
    const short = (value: number): string => formatter.compact(value, format);
    sentences.push(
      `Forecast for ${name(end.x)}: ${short(end.value)}, with 80 % likelihood between ${short(end.low)} and ${short(end.high)}.`,
    );
  }
  return sentences.join(' ');
}

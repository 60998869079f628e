import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';

import { niceScale } from '../../src/dashboard/chart-scale.ts';
import { barLabelsPx, drawChart } from '../../src/dashboard/chart.ts';
import type { ChartOptions } from '../../src/dashboard/chart.ts';
import { createFormatter } from '../../src/dashboard/format.ts';
import { pagePalette, printPalette } from '../../src/dashboard/palette.ts';
import { drawSparkline } from '../../src/dashboard/sparkline.ts';
import type { SeriesData } from '../../src/dashboard/tile-data.ts';
import { createPngRenderer } from '../../src/digest/render-png.ts';

const options: ChartOptions = {
  title: 'Revenue <by> "month" & more',
  format: 'money',
  formatter: createFormatter({ locale: 'en-GB', currency: 'EUR', zone: 'UTC' }),
  palette: pagePalette,
  heightPx: 200,
  width: 'fluid',
};

const months: SeriesData = {
  kind: 'line',
  xColumn: 'month',
  series: ['revenue'],
  grain: 'month',
  points: [
    { x: '2026-08-01', values: ['80000'] },
    { x: '2026-09-01', values: [null] },
    { x: '2026-10-01', values: ['100000.01'] },
    { x: '2026-11-01', values: ['20000'] },
  ],
  unfinished: true,
  forecast: {
    method: 'drift-naive',
    points: [
      { x: '2026-11-01', value: 101_000, low: 90_000, high: 110_000 },
      { x: '2026-12-01', value: 102_000, low: 80_000, high: 120_000 },
    ],
    sMape: 10,
    coverage: 0.8,
  },
  forecastMissing: undefined,
  truncated: false,
};

/** Reads an SVG strictly; throws when it is not well-formed. */
function elementsOf(svg: string): { readonly name: string; readonly attributes: object }[] {
  const found: { name: string; attributes: object }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => found.push({ name: tag.name, attributes: tag.attributes }));
  parser.write(svg).close();
  return found;
}

describe('drawChart', () => {
  test('says in words what it shows', () => {
    const [root] = elementsOf(drawChart(months, options).svg);
    expect(root?.attributes).toMatchObject({
      role: 'img',
      'aria-label':
        'Revenue <by> "month" & more: line chart of 4 months, Aug 2026 to Nov 2026. ' +
        'Lowest €80,000.00 in Aug 2026, highest €100,000.01 in Oct 2026. Nov 2026 is not over yet. ' +
        'Forecast for Dec 2026: €102K, with 80 % likelihood between €80K and €120K.',
    });
  });

  test('draws what is unfinished and what is forecast differently from what is known', () => {
    const paths = elementsOf(drawChart(months, options).svg)
      .filter((element) => element.name === 'path')
      .map((element) => element.attributes);
    // The band, the forecast, the finished months with their gap, the way to the unfinished one.
    expect(paths).toMatchObject([
      { 'fill-opacity': '0.16' },
      { 'stroke-dasharray': '5 4', d: expect.stringMatching(/^M500 /u) },
      { 'stroke-width': '2', d: expect.stringMatching(/^M0 .*M500 /u) },
      { 'stroke-dasharray': '1 4', d: expect.stringMatching(/^M500 .*L750 /u) },
    ]);
  });

  test('needs no style attribute, script or reference: the page may forbid them all', () => {
    for (const kind of ['line', 'bar'] as const) {
      const { svg } = drawChart({ ...months, kind, forecast: undefined }, options);
      expect(svg).not.toMatch(/\sstyle=|<style|<script|href|url\(|\son\w+=/u);
    }
  });

  test('a picture of fixed width has the size asked for, and no CSS variable, which resvg does not know', async () => {
    const { svg } = drawChart(months, { ...options, palette: printPalette, width: 600 });
    expect(svg).not.toContain('var(');
    const png = Buffer.from((await createPngRenderer([]))(svg));
    // Width and height stand in the first chunk; a picture is drawn at double density.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 472]);
  });

  test('any labels and values make well-formed SVG without NaN', () => {
    const value = fc.option(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map(String),
        fc.constantFrom('NaN', 'Infinity', '0', '-0.00', '123456789012345678901234567890.12'),
      ),
      { nil: null },
    );
    const data = fc.record({
      kind: fc.constantFrom('line' as const, 'bar' as const),
      points: fc.array(fc.record({ x: fc.string(), values: fc.tuple(value) }), { minLength: 1 }),
      unfinished: fc.boolean(),
    });
    fc.assert(
      fc.property(data, (drawn) => {
        const { svg } = drawChart(
          { ...months, grain: undefined, forecast: undefined, ...drawn },
          options,
        );
        elementsOf(svg);
        expect(svg).not.toMatch(/="[^"]*(?:NaN|Infinity|undefined)[^"]*"(?<!aria-label="[^"]*")/u);
      }),
      { numRuns: 200 },
    );
  });
});

describe('named bars', () => {
  const clients: SeriesData = {
    ...months,
    kind: 'bar',
    xColumn: 'client',
    grain: undefined,
    points: [
      { x: 'Donaudampfschifffahrtsgesellschaft & Söhne', values: ['663469.71'] },
      { x: 'Ärmel', values: ['93506'] },
    ],
    unfinished: false,
    forecast: undefined,
  };

  test('say how much room their names and numbers need', () => {
    const needed = barLabelsPx(clients, options);
    expect(needed).toBeGreaterThan(2 * 42 * 5.5);
    expect(needed).toBeLessThan(2 * 42 * 8);
    const months12 = { ...clients, grain: 'month' as const };
    expect(barLabelsPx(months12, options)).toBe(0);
  });

  test('none loses its name: a long one is cut to its bar', () => {
    const picture = drawChart(clients, { ...options, palette: printPalette, width: 400 }).svg;
    expect(picture).toMatch(/>Donaudampf\p{L}*…</u);
    expect(picture).toContain('>Ärmel<');
    const page = drawChart(clients, { ...options, namesPx: 200 }).svg;
    expect(page).toMatch(/>Donau\p{L}*…</u);
    expect(drawChart(clients, options).svg).toContain(
      '>Donaudampfschifffahrtsgesellschaft &amp; Söhne<',
    );
  });

  test('below zero, which no list can show, leave some names out on a phone', () => {
    const quarters: SeriesData = {
      ...clients,
      points: ['Q1 2025', 'Q2 2025', 'Q3 2025', 'Q4 2025', 'Q1 2026', 'Q2 2026'].map((x) => ({
        x,
        values: ['-0.1'],
      })),
    };
    const { svg } = drawChart(quarters, { ...options, format: 'percent', namesPx: 1000 });
    expect(svg.match(/<text class="wide"[^>]*>Q\d/gu)).toHaveLength(3);
    expect(svg.match(/<text x[^>]*>Q\d/gu)).toHaveLength(3);
  });

  test('numbers that would run into each other in a narrow chart are left to the table', () => {
    const many = {
      ...clients,
      points: Array.from({ length: 8 }, (_, index) => ({
        x: String(index),
        values: ['663469.71'],
      })),
    };
    expect(drawChart(many, options).svg.match(/class="wide"[^>]*>€663.5K/gu)).toHaveLength(8);
    expect(drawChart(many, { ...options, width: 300 }).svg).not.toContain('>€663.5K<');
    expect(drawChart(many, { ...options, width: 700 }).svg).toContain('>€663.5K<');
  });
});

describe('niceScale', () => {
  test.each([
    [
      [60_000, 98_000],
      [0, 20_000, 40_000, 60_000, 80_000, 100_000],
    ],
    [
      [0.05, 0.23],
      [0, 0.05, 0.1, 0.15, 0.2, 0.25],
    ],
    [
      [-30, 60],
      [-40, -20, 0, 20, 40, 60],
    ],
    [[], [0, 1]],
    [
      [0, 0],
      [0, 1],
    ],
  ])('%j is labelled %j', (values, ticks) => {
    expect(niceScale(values).ticks).toEqual(ticks);
  });

  test('holds zero and every value in at most a dozen steps', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const { low, high, ticks } = niceScale(values);
        const slack = (high - low) * 1e-9;
        expect(low).toBeLessThanOrEqual(Math.min(0, ...values) + slack);
        expect(high).toBeGreaterThanOrEqual(Math.max(0, ...values) - slack);
        expect(ticks.length).toBeLessThanOrEqual(12);
        expect(high).toBeGreaterThan(low);
      }),
    );
  });
});

describe('drawSparkline', () => {
  const small = { color: 'red', heightPx: 30, width: 'fluid', unfinished: false } as const;

  test('needs two points, and is dotted towards an unfinished one', () => {
    expect(drawSparkline([1, null], small)).toBe('');
    expect(drawSparkline([1, 2, 3], small)).not.toContain('stroke-dasharray');
    expect(drawSparkline([1, 2, 3], { ...small, unfinished: true })).toContain('M100 15L200 2');
    expect(drawSparkline([5, 5], small)).toContain('M0 15L200 15');
  });
});

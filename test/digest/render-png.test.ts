import { inflateSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { drawChart } from '../../src/dashboard/chart.ts';
import { mailPalette } from '../../src/digest/mail-colors.ts';
import { createPngRenderer } from '../../src/digest/render-png.ts';
import { sampleFormatter, sampleSeries } from './sample-digest.ts';

/** Pixels that differ between two pictures of one size. */
function differing(a: Uint8Array, b: Uint8Array): number {
  const [first, second] = [pixelsOf(a), pixelsOf(b)];
  expect(first.length).toBe(second.length);
  let count = 0;
  for (let at = 0; at < first.length; at += 4) {
    if (first.readUInt32BE(at) !== second.readUInt32BE(at)) count += 1;
  }
  return count;
}

/** Decodes the RGBA pixels of a PNG. https://www.w3.org/TR/png-3/#9Filters */
function pixelsOf(png: Uint8Array): Buffer {
  const bytes = Buffer.from(png);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * 4;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const value = raw[y * (stride + 1) + 1 + x] ?? 0;
      const left = x < 4 ? 0 : (out[y * stride + x - 4] ?? 0);
      const up = y === 0 ? 0 : (out[(y - 1) * stride + x] ?? 0);
      const corner = x < 4 || y === 0 ? 0 : (out[(y - 1) * stride + x - 4] ?? 0);
      out[y * stride + x] = value + predicted(filter, { left, up, corner });
    }
  }
  return out;
}

function predicted(
  filter: number,
  { left, up, corner }: { left: number; up: number; corner: number },
): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return Math.floor((left + up) / 2);
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if ((a ?? 0) <= (b ?? 0) && (a ?? 0) <= (c ?? 0)) return left;
  return (b ?? 0) <= (c ?? 0) ? up : corner;
}

for (const kind of ['line', 'bar'] as const) {
  test(`the text of a ${kind} chart is drawn`, async () => {
    const [renderPng, fontless] = [await createPngRenderer(), await createPngRenderer([])];
    const { svg } = drawChart(sampleSeries(kind, { forecast: kind === 'line' }), {
      title: 'Expense',
      format: 'money',
      formatter: sampleFormatter,
      palette: mailPalette,
      heightPx: 190,
      width: 550,
    });
    expect(svg).not.toContain('var(');
    const [withFont, without, empty] = [
      renderPng(svg),
      fontless(svg),
      renderPng(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/gu, '')),
    ];
    // Without a font the renderer leaves text out and says nothing.
    expect(differing(without, empty)).toBe(0);
    expect(differing(withFont, empty)).toBeGreaterThan(2000);
  });
}

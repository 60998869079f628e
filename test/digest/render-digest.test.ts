import { expect, test } from 'vitest';

import type { TileData } from '../../src/dashboard/tile-data.ts';
import { renderDigest } from '../../src/digest/render-digest.tsx';
import { sampleKpi, sampleOptions } from './sample-digest.ts';

test('the subject names the digest, the day, the first number and how it moved', () => {
  expect(renderDigest(sampleOptions()).subject).toBe(
    'Morning costs – Tue 30 June 2026: €876,130 (▲ 15.9%)',
  );
});

test('without a number the subject is the title and the day', () => {
  const tiles = sampleOptions().tiles.slice(3);
  expect(renderDigest(sampleOptions({ tiles })).subject).toBe('Morning costs – Tue 30 June 2026');
});

test('a value with a line break in it does not become a header', () => {
  const [first] = sampleOptions().tiles;
  if (first === undefined) throw new Error('no tile');
  const data: TileData = sampleKpi('1\r\nBcc: everyone@evil.example\u2028\u202Ex');
  const { subject } = renderDigest(sampleOptions({ tiles: [{ ...first, data }] }));
  expect(subject).toBe('Morning costs – Tue 30 June 2026: 1 Bcc: everyone@evil.example x');
});

test('the text part has its columns one under the other', () => {
  const { text } = renderDigest(
    sampleOptions({ notes: ['Check warned: orders_have_clients, 3 rows.'] }),
  );
  expect(text).toMatchInlineSnapshot(`
    "Morning costs – Tue 30 June 2026
    As of 06:04 · release 1042 · all 24 checks passed
    Last 12 months, 1 Jul 2025 to 30 Jun 2026
    ! Check warned: orders_have_clients, 3 rows.

    Activity expense  €876,130  ▲ 15.9%  previous period €755,937
    Orders               2,808  ▲ 8.4%   previous period 2,590
    Average order      €312.40  ▼ 1.9%   previous period €318.00

    Expense by month
      (6 more before these)
      Month                         Expense
      Jul 2025                   €67,171.78
      Aug 2025                   €61,070.69
      Sept 2025                  €56,926.37
      Oct 2025                   €56,104.19
      Nov 2025                   €59,070.29
      Dec 2025                   €65,265.43
      Jan 2026                   €73,256.38
      Feb 2026                   €81,123.79
      Mar 2026                   €86,981.79
      Apr 2026                   €89,488.37
      May 2026                   €88,208.69
      Jun 2026, so far           €83,732.72
      Jun 2026, forecast   €81.2K to €86.2K
      Jul 2026, forecast   €72.9K to €82.2K
      Aug 2026, forecast   €65.1K to €77.9K
      Sept 2026, forecast  €59.4K to €75.6K
      Oct 2026, forecast     €56.9K to €77K
      Nov 2026, forecast   €57.5K to €82.7K

    Growth
      Month             Growth
      Nov 2025             12%
      Dec 2025           15.8%
      Jan 2026           18.7%
      Feb 2026             20%
      Mar 2026           19.3%
      Apr 2026           16.8%
      May 2026           13.1%
      Jun 2026, so far    9.2%

    Top five clients
      Client                                     Revenue
      Müller Bau GmbH                        €128,400.10
      Société Générale des Eaux              €112,950.00
      Žabka Polska                            €98,310.00
      Acme Ltd                                €90,120.00
      Ångström AB <script>alert(1)</script>   €75,500.55

    Latest payments
      Paid on      Client                   Amount
      29 Jun 2026  Müller Bau GmbH       €1,204.50
      28 Jun 2026  Łódź Tekstil             €98.00
      26 Jun 2026  –                €12,345,678.90

    Open dashboard: https://numbers.acme.example/dashboards/operations?period=last+12+months

    -- 
    You get this because your address is on the list of “Morning costs” of Acme Wholesale.
    Unsubscribe: mailto:numbers@acme.example?subject=Unsubscribe%20morning-costs
    "
  `);
});

test('every picture has a text in its place and is attached under its name', () => {
  const { html, attachments } = renderDigest(sampleOptions());
  const images = [...html.matchAll(/<img [^>]*>/gu)].map(([image]) => image);
  expect(images).toHaveLength(4);
  for (const image of images) expect(image).toMatch(/ alt="[^"]{20,}"/u);
  const sources = [...html.matchAll(/src="([^"]*)"/gu)].map(([, source]) => source);
  expect(sources).toEqual(attachments.map((image) => `cid:${image.cid}`));
  expect(html).toContain('alt="Expense by month: line chart of 18 months, Jan 2025 to Jun 2026.');
  for (const { png } of attachments) {
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  }
});

test('what data holds is text, not HTML', () => {
  const { html } = renderDigest(sampleOptions({ company: '<b>"Acme" & Co</b>' }));
  expect(html).toContain('Ångström AB &lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;b&gt;&quot;Acme&quot; &amp; Co&lt;/b&gt;');
});

test('it stays below what Gmail shows of a mail, needs nothing from the net, knows the dark', () => {
  const { html } = renderDigest(sampleOptions());
  expect(Buffer.byteLength(html)).toBeLessThan(60_000);
  expect(html).not.toMatch(/(?:src|url\(|<link)[^>]*https?:/u);
  expect(html).toContain('<meta name="color-scheme" content="light dark"');
  expect(html).toContain('prefers-color-scheme: dark');
  expect(html).toContain('<!--[if mso]><table');
});

test('a long table is cut, and says so', () => {
  const payments = sampleOptions().tiles.at(-1);
  if (payments?.data.kind !== 'table') throw new Error('no table');
  const rows = Array.from({ length: 500 }, (_, index) => ['2026-06-29', `client ${index}`, '1']);
  const { html, text } = renderDigest(
    sampleOptions({ tiles: [{ ...payments, data: { ...payments.data, rows } }] }),
  );
  expect(html).toContain('client 19<');
  expect(html).not.toContain('client 20<');
  expect(html).toContain('The first 20 rows; the dashboard has more.');
  expect(text).toContain('(480 more on the dashboard)');
});

test('the button leads to the dashboard as the mail shows it, and is left out without an address', () => {
  const { html, text } = renderDigest(sampleOptions());
  const address = 'https://numbers.acme.example/dashboards/operations?period=last+12+months';
  expect(html).toContain(`href="${address}"`);
  expect(text).toContain(`Open dashboard: ${address}`);
  const without = renderDigest(sampleOptions({ dashboards: undefined }));
  expect(without.html).not.toContain('Open dashboard');
});

test('a tile without rows says so instead of drawing nothing', () => {
  const tiles = sampleOptions().tiles.map((filled) => {
    if (filled.data.kind === 'kpi') return { ...filled, data: sampleKpi(null) };
    if (filled.data.kind === 'top') return { ...filled, data: { ...filled.data, items: [] } };
    if (filled.data.kind === 'table') return { ...filled, data: { ...filled.data, rows: [] } };
    return { ...filled, data: { ...filled.data, points: [], forecast: undefined } };
  });
  const { html, text, attachments } = renderDigest(sampleOptions({ tiles }));
  expect(attachments).toEqual([]);
  expect(html.match(/No rows in this period\./gu)).toHaveLength(4);
  expect(text.match(/No rows in this period\./gu)).toHaveLength(4);
});

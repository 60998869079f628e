import { drawChart } from '../dashboard/chart.ts';
import type { BarTile, Digest, LineTile } from '../dashboard/definition.ts';
import type { FilterValues } from '../dashboard/filters.ts';
import type { Formatter } from '../dashboard/format.ts';
import type { ReleaseInfo } from '../dashboard/release-info.ts';
import type { SeriesData } from '../dashboard/tile-data.ts';
import { headerText } from './header-text.ts';
import { mailPalette } from './mail-colors.ts';
import { contentWidth, MailButton, MailHead, MailNotice, renderFrame } from './mail-frame.tsx';
import { changeOf, dashboardAddress, filterLines, longDay } from './mail-parts.ts';
import type { FilledTile } from './mail-parts.ts';
import { textOfTiles } from './mail-text.ts';
import { ChartBlock, KpiRow, TableBlock, TopBlock } from './mail-tiles.tsx';
import type { ChartPictures } from './mail-tiles.tsx';
import type { MailContent, MailImage } from './mail.ts';
import type { RenderPng } from './render-png.ts';

export interface DigestOptions {
  /** The digest's file name: `morning-costs`. */
  readonly name: string;
  readonly digest: Digest;
  readonly company: string;
  /** In the order of the mail. */
  readonly tiles: readonly FilledTile[];
  readonly filters: FilterValues;
  /** The release the tiles were read from. */
  readonly release: ReleaseInfo;
  /** Sentences the reader must know: checks that warned, deliveries that are missing. */
  readonly notes: readonly string[];
  readonly formatter: Formatter;
  /** The company's day the mail is of, `YYYY-MM-DD`. */
  readonly day: string;
  /** The address of the dashboards; undefined: no button. */
  readonly dashboards: string | undefined;
  /** Where a reader asks to be taken off the list: a `mailto:` address. */
  readonly unsubscribe: string;
  readonly renderPng: RenderPng;
}

/** Width of a phone's screen less the margins of a mail, in pixels. */
const narrowWidth = 326;
/** Numbers stand in rows of so many at most. */
const kpisMax = 3;

/** The mail a digest is: a pure function of what its tiles show. */
export function renderDigest(options: DigestOptions): MailContent {
  const { digest, formatter, day, tiles, notes, renderPng } = options;
  const title = `${digest.title} – ${longDay(day, formatter.locale)}`;
  const subject = headerText([title, headline(tiles, formatter)].filter(Boolean).join(': '));
  const images: MailImage[] = [];
  const asOf = asOfLine(options);
  const lines = [asOf, ...filterLines(digest, options.filters, formatter)];
  const address = dashboardAddress(digest, options.filters, options.dashboards);
  const html = renderFrame({
    lang: formatter.locale,
    subject,
    preview: previewOf(tiles, formatter) || asOf,
    footer: <Footer {...options} />,
    children: (
      <>
        <MailHead title={title} lines={lines} />
        {notes.length === 0 ? null : <MailNotice tone="notice" lines={notes} />}
        {tileRows(tiles).map((row) => (
          <TileRow row={row} formatter={formatter} images={images} renderPng={renderPng} />
        ))}
        {address === undefined ? null : <MailButton href={address} label="Open dashboard" />}
      </>
    ),
  });
  const text = [
    title,
    ...lines,
    ...notes.map((note) => `! ${note}`),
    '',
    ...textOfTiles(tiles, formatter),
    ...(address === undefined ? [] : ['', `Open dashboard: ${address}`]),
    '',
    // What stands under this line is a signature to mail programs.
    '-- ',
    footerText(options),
    '',
  ].join('\n');
  return { subject, html, text, attachments: images };
}

/** The first number, for the subject: `€12,345 (▲ 4.2%)`. */
function headline(tiles: readonly FilledTile[], formatter: Formatter): string | undefined {
  for (const { tile, data } of tiles) {
    if (tile.kind !== 'kpi' || data.kind !== 'kpi' || data.value === null) continue;
    const change = changeOf(tile, data, formatter);
    const value = formatter.headline(data.value, tile.format);
    return change?.tone === undefined ? value : `${value} (${change.text})`;
  }
  return undefined;
}

function previewOf(tiles: readonly FilledTile[], formatter: Formatter): string {
  return tiles
    .flatMap(({ tile, data }) => {
      if (tile.kind !== 'kpi' || data.kind !== 'kpi' || data.value === null) return [];
      const change = changeOf(tile, data, formatter);
      const value = formatter.headline(data.value, tile.format);
      return [[tile.title, value, change?.text].filter((part) => part !== undefined).join(' ')];
    })
    .join(' · ');
}

function asOfLine({ release, formatter, day }: DigestOptions): string {
  const checks = release.passed + release.warned;
  const verified = release.verified
    ? checks === 0
      ? 'no checks'
      : checks === 1
        ? 'its check passed'
        : `all ${checks} checks passed`
    : `${release.warned} of ${checks} checks warned`;
  return `As of ${formatter.moment(release.at, day)} · release ${release.id} · ${verified}`;
}

/** Neighbouring numbers stand side by side, in rows of even length; everything else is on its own. */
function tileRows(tiles: readonly FilledTile[]): readonly (readonly FilledTile[])[] {
  const rows: FilledTile[][] = [];
  let run: FilledTile[] = [];
  const closeRun = (): void => {
    const perRow = Math.ceil(run.length / Math.max(1, Math.ceil(run.length / kpisMax)));
    for (let at = 0; at < run.length; at += perRow) rows.push(run.slice(at, at + perRow));
    run = [];
  };
  for (const filled of tiles) {
    if (filled.tile.kind === 'kpi') {
      run.push(filled);
      continue;
    }
    closeRun();
    rows.push([filled]);
  }
  closeRun();
  return rows;
}

interface TileRowProps {
  readonly row: readonly FilledTile[];
  readonly formatter: Formatter;
  /** Pictures drawn so far; those of this row are added. */
  readonly images: MailImage[];
  readonly renderPng: RenderPng;
}

const TileRow = ({ row, formatter, images, renderPng }: TileRowProps) => {
  const kpis = row.flatMap(({ tile, data }) =>
    tile.kind === 'kpi' && data.kind === 'kpi' ? [{ tile, data }] : [],
  );
  if (kpis.length > 0) return <KpiRow kpis={kpis} formatter={formatter} />;
  const [first] = row;
  if (first === undefined) return null;
  const { tile, data } = first;
  if (tile.kind === 'top' && data.kind === 'top') {
    return <TopBlock tile={tile} data={data} formatter={formatter} />;
  }
  if (tile.kind === 'table' && data.kind === 'table') {
    return <TableBlock tile={tile} data={data} formatter={formatter} />;
  }
  if (
    (tile.kind === 'line' || tile.kind === 'bar') &&
    (data.kind === 'line' || data.kind === 'bar')
  ) {
    const pictures = drawPictures({ tile, data, formatter, images, renderPng });
    return <ChartBlock tile={tile} data={data} pictures={pictures} formatter={formatter} />;
  }
  throw new TypeError(`a tile of kind ${tile.kind} was given data of kind ${data.kind}`);
};

interface PictureInput {
  readonly tile: LineTile | BarTile;
  readonly data: SeriesData;
  readonly formatter: Formatter;
  readonly images: MailImage[];
  readonly renderPng: RenderPng;
}

/** Draws a chart twice, so that its text can be read on a phone as well. */
function drawPictures(input: PictureInput): ChartPictures | undefined {
  const { tile, data, formatter, images, renderPng } = input;
  if (data.points.length === 0) return undefined;
  const number = images.length / 2 + 1;
  const add = (size: string, width: number, heightPx: number): string => {
    const { svg } = drawChart(data, {
      title: tile.title,
      format: tile.format,
      formatter,
      palette: mailPalette,
      heightPx,
      width,
      labelsMax: width === contentWidth ? 9 : 5,
    });
    const cid = `chart-${number}-${size}@plumbline`;
    images.push({ cid, filename: `chart-${number}-${size}.png`, png: renderPng(svg) });
    return cid;
  };
  return {
    wideCid: add('wide', contentWidth, 190),
    narrowCid: add('narrow', narrowWidth, 170),
  };
}

const Footer = ({ company, digest, unsubscribe }: DigestOptions) => (
  <>
    {`You get this because your address is on the list of “${digest.title}” of ${company}. `}
    <a href={unsubscribe} class="muted" style="color: inherit; text-decoration: underline">
      Unsubscribe
    </a>
  </>
);

function footerText({ company, digest, unsubscribe }: DigestOptions): string {
  return `You get this because your address is on the list of “${digest.title}” of ${company}.\nUnsubscribe: ${unsubscribe}`;
}

import type { Child } from 'hono/jsx';

/** What every tile needs to know of the page it is on. */
export interface TileProps {
  readonly id: string;
  readonly title: string;
  /** The address of the tile's export. */
  readonly exportAddress: string;
  /** The address of the rows under a value of the tile. */
  readonly traceAddress: (datum?: Readonly<Record<string, string | null>>) => string;
  /** Sentences about data under the tile that is late or could not be loaded. */
  readonly warnings: readonly string[];
}

interface TileCardProps {
  readonly tile: TileProps;
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly children: Child;
}

/** The frame of a chart or table: its title, its export, and what is wrong with its data. */
export const TileCard = ({ tile, title, subtitle, children }: TileCardProps) => (
  <section class="card flex flex-col p-5" aria-labelledby={`${tile.id}-title`}>
    <div class="flex items-start justify-between gap-4">
      <div class="min-w-0">
        <h2 id={`${tile.id}-title`} class="text-sm font-semibold">
          {title}
        </h2>
        {subtitle === undefined ? null : <p class="muted mt-0.5 text-xs">{subtitle}</p>}
      </div>
      <a
        class="muted rounded text-xs font-medium hover:text-primary"
        href={tile.exportAddress}
        aria-label={`Export ${title} as CSV`}
      >
        Export
      </a>
    </div>
    <TileWarnings warnings={tile.warnings} />
    {children}
  </section>
);

export const TileWarnings = ({ warnings }: { warnings: readonly string[] }) => (
  <>
    {warnings.map((warning) => (
      <p class="mt-2 text-xs text-warning">
        <span aria-hidden="true">▲ </span>
        {warning}
      </p>
    ))}
  </>
);

/** In place of what a tile cannot show. */
export const TileError = (props: { tile: TileProps; message: string; remedy: string }) => (
  <section class="card p-5" aria-labelledby={`${props.tile.id}-title`}>
    <h2 id={`${props.tile.id}-title`} class="text-sm font-semibold">
      {props.tile.title}
    </h2>
    <TileWarnings warnings={props.tile.warnings} />
    <div class="notice notice-bad mt-3 text-sm break-words">
      <p class="font-medium">This tile could not be shown.</p>
      <p class="mt-1">{props.message}</p>
      <p class="muted mt-1">{props.remedy}</p>
    </div>
  </section>
);

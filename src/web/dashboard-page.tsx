import type { Dashboard, Tile } from '../dashboard/definition.ts';
import type { SourceState } from '../dashboard/freshness.ts';
import { readSourceStates } from '../dashboard/freshness.ts';
import { relationOfSource, relationsOfTile, relationsUnder } from '../dashboard/lineage.ts';
import type { Snapshot } from '../dashboard/query.ts';
import { runTile } from '../dashboard/run-tile.ts';
import type { TileData } from '../dashboard/tile-data.ts';
import { PlumblineError } from '../errors.ts';
import { AsOf } from './as-of.tsx';
import { namedRows } from './dashboard-view.ts';
import type { DashboardView } from './dashboard-view.ts';
import { Notice, PageHead } from './elements.tsx';
import { FilterForm } from './filter-form.tsx';
import { renderPage } from './layout.tsx';
import { TileError } from './tiles/tile-card.tsx';
import type { TileProps } from './tiles/tile-card.tsx';
import { TileView } from './tiles/tile-view.tsx';
import { traceAddress } from './trace-address.ts';
import type { WebContext } from './web-project.ts';

interface DashboardInput {
  readonly context: WebContext;
  readonly snapshot: Snapshot;
  readonly view: DashboardView;
}

/** A dashboard as its address shows it. A tile that fails says so in its place. */
export async function dashboardPage({ context, snapshot, view }: DashboardInput) {
  const { dashboard, name } = view;
  const path = `/dashboards/${name}`;
  if (snapshot.release === undefined) {
    return renderPage({
      context,
      title: dashboard.title,
      path,
      children: <NoRelease title={dashboard.title} />,
    });
  }
  const states = await readSourceStates(snapshot, context.project.sources, context.now);
  const rows = [];
  for (const row of namedRows(dashboard)) {
    const tiles = [];
    for (const { id, tile } of row) {
      tiles.push({
        id,
        tile,
        outcome: await tryTile(tile, { context, snapshot, view }),
        warnings: warningsOf(tile, { context, dashboard, states }),
      });
    }
    rows.push(tiles);
  }
  const { held } = snapshot.release;
  return renderPage({
    context,
    title: dashboard.title,
    path,
    children: (
      <>
        <PageHead
          title={dashboard.title}
          subtitle={<AsOf context={context} release={snapshot.release} />}
        >
          <FilterForm
            path={path}
            filters={dashboard.filters}
            values={view.filters}
            choices={view.choices}
            address={view.address}
          />
        </PageHead>
        <div class="space-y-4">
          {dashboard.description === undefined ? null : (
            <p class="muted max-w-prose text-sm">{dashboard.description}</p>
          )}
          {held === undefined ? null : (
            <Notice tone="bad">
              Newer data is held back: {held.failed === 1 ? 'a check' : `${held.failed} checks`}{' '}
              failed at {context.formatter.moment(held.at, context.today)}. These are the numbers of
              the release before.{' '}
              <a class="link" href={`/releases/${held.id}`}>
                See why
              </a>
            </Notice>
          )}
          {view.filters.notices.map((notice) => (
            <Notice tone="warn">{notice}</Notice>
          ))}
          {rows.map((row) => (
            <div class={`grid gap-4 ${gridOf(row.map(({ tile }) => tile))}`}>
              {row.map(({ id, tile, outcome, warnings }) => {
                const props = tileProps({ id, title: tile.title, view, warnings });
                return outcome.ok ? (
                  <TileView
                    tile={props}
                    definition={tile}
                    data={outcome.data}
                    formatter={context.formatter}
                    columns={row.length}
                  />
                ) : (
                  <TileError
                    tile={props}
                    message={outcome.error.message}
                    remedy={outcome.error.remedy}
                  />
                );
              })}
            </div>
          ))}
        </div>
      </>
    ),
  });
}

const NoRelease = ({ title }: { title: string }) => (
  <>
    <PageHead title={title} />
    <section class="card p-8 text-center">
      <h2 class="font-semibold">Nothing has been released yet</h2>
      <p class="muted mx-auto mt-2 max-w-prose text-sm">
        Numbers appear here after the first run whose checks pass. Until then see what has arrived
        under{' '}
        <a class="link" href="/deliveries">
          Deliveries
        </a>{' '}
        and what held it back under{' '}
        <a class="link" href="/checks">
          Checks
        </a>
        .
      </p>
    </section>
  </>
);

type Outcome =
  | { readonly ok: true; readonly data: TileData }
  | { readonly ok: false; readonly error: PlumblineError };

/** Only what is wrong with the tile itself is its outcome; a warehouse that is gone is the page's. */
async function tryTile(tile: Tile, { snapshot, view }: DashboardInput): Promise<Outcome> {
  try {
    return { ok: true, data: await runTile(tile, { snapshot, filters: view.filters }) };
  } catch (error) {
    if (error instanceof PlumblineError && error.code !== 'warehouse-unreachable') {
      return { ok: false, error };
    }
    throw error;
  }
}

interface WarningInput {
  readonly context: WebContext;
  readonly dashboard: Dashboard;
  readonly states: readonly SourceState[];
}

/** What the reader must know of the sources under a tile. */
function warningsOf(tile: Tile, { context, dashboard, states }: WarningInput): readonly string[] {
  if (states.every((state) => !state.late && state.failing === undefined)) return [];
  const under = relationsUnder(relationsOfTile(tile, dashboard.filters), context.project.models);
  return states
    .filter((state) => under.has(relationOfSource(state.name)))
    .flatMap((state) => {
      const last =
        state.lastDelivery === undefined
          ? 'nothing has arrived yet'
          : `the last delivery is of ${context.formatter.moment(state.lastDelivery, context.today)}`;
      return [
        ...(state.late ? [`${state.name} is late: ${last}.`] : []),
        ...(state.failing === undefined
          ? []
          : [`${state.name}: its newest delivery is not in these numbers.`]),
      ];
    });
}

function tileProps(options: {
  readonly id: string;
  readonly title: string;
  readonly view: DashboardView;
  readonly warnings: readonly string[];
}): TileProps {
  const { id, title, view, warnings } = options;
  const path = `/dashboards/${view.name}`;
  const query = view.address.toString();
  return {
    id,
    title,
    warnings,
    exportAddress: `${path}/tiles/${encodeURIComponent(id)}.csv${query === '' ? '' : `?${query}`}`,
    traceAddress: (datum = {}) => traceAddress({ view, id, datum }),
  };
}

/** Numbers stand four in a row and two on a phone; charts side by side from a tablet on. */
function gridOf(tiles: readonly Tile[]): string {
  const count = Math.min(tiles.length, 4);
  if (tiles.every((tile) => tile.kind === 'kpi')) {
    return (
      ['grid-cols-1', 'grid-cols-2', 'grid-cols-2 md:grid-cols-3', 'grid-cols-2 lg:grid-cols-4'][
        count - 1
      ] ?? ''
    );
  }
  return (
    ['grid-cols-1', 'lg:grid-cols-2', 'lg:grid-cols-3', 'md:grid-cols-2 xl:grid-cols-4'][
      count - 1
    ] ?? ''
  );
}

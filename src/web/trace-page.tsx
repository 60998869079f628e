import type { Tile } from '../dashboard/definition.ts';
import type { DashboardView } from './dashboard-view.ts';
import { Notice, PageHead } from './elements.tsx';
import { renderPage } from './layout.tsx';
import type { PageInput } from './respond.ts';

interface TraceInput extends PageInput {
  readonly view: DashboardView;
  /** The tile's name in addresses. */
  readonly id: string;
  readonly tile: Tile;
}

/** The rows under a number, with the file, sheet and line each came from. */
export async function tracePage({ context, view, tile }: TraceInput) {
  return renderPage({
    context,
    title: tile.title,
    path: `/dashboards/${view.name}`,
    children: (
      <>
        <PageHead title={tile.title} />
        <Notice tone="warn">Not traceable.</Notice>
      </>
    ),
  });
}

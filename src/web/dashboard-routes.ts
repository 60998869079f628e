import type { Hono } from 'hono';

import { toCsv } from '../dashboard/csv.ts';
import { dashboardPage } from './dashboard-page.tsx';
import { findTile, isFormAddress, readView } from './dashboard-view.ts';
import type { DashboardView } from './dashboard-view.ts';
import { exportTile } from './export-tile.ts';
import type { PageInput, Respond } from './respond.ts';
import { tracePage } from './trace-page.tsx';

/** Dashboards, the exports of their tiles and the rows under their numbers. */
export function addDashboardRoutes(app: Hono, respond: Respond): void {
  app.get('/dashboards/:name', (c) =>
    respond(c, async (input) => {
      const view = await viewOf(input, c.req.param('name'));
      if (view === undefined) return undefined;
      const redundant = isFormAddress(input.address, view.dashboard);
      // What a form sends is longer than what should be bookmarked.
      if (redundant && view.filters.notices.length === 0) {
        const query = view.address.toString();
        return c.redirect(`/dashboards/${view.name}${query === '' ? '' : `?${query}`}`);
      }
      return dashboardPage({ ...input, view });
    }),
  );

  app.get('/dashboards/:name/tiles/:file{.+[.]csv}', (c) =>
    respond(c, async (input) => {
      const view = await viewOf(input, c.req.param('name'));
      const id = c.req.param('file').replace(/\.csv$/u, '');
      const tile = view === undefined ? undefined : findTile(view.dashboard, id);
      if (view === undefined || tile === undefined) return undefined;
      const { header, rows } = await exportTile(tile, {
        snapshot: input.snapshot,
        filters: view.filters,
      });
      const fileName = encodeURIComponent(`${view.name}-${id}.csv`);
      return c.body(toCsv(header, rows), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename*=UTF-8''${fileName}`,
        'cache-control': 'no-store',
      });
    }),
  );

  app.get('/dashboards/:name/trace', (c) =>
    respond(c, async (input) => {
      const view = await viewOf(input, c.req.param('name'));
      const id = input.address.get('tile') ?? '';
      const tile = view === undefined ? undefined : findTile(view.dashboard, id);
      if (view === undefined || tile === undefined) return undefined;
      return tracePage({ ...input, view, id, tile });
    }),
  );
}

async function viewOf(input: PageInput, name: string): Promise<DashboardView | undefined> {
  const dashboard = input.context.project.dashboards.get(name);
  if (dashboard === undefined) return undefined;
  return readView({ context: input.context, name, dashboard }, input.snapshot, input.address);
}

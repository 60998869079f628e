import { Hono } from 'hono';
import type pg from 'pg';

import { createFormatter } from '../dashboard/format.ts';
import type { Formatter } from '../dashboard/format.ts';
import { dayIn } from '../dashboard/period.ts';
import { createQueries } from '../dashboard/query.ts';
import type { Queries } from '../dashboard/query.ts';
import { PlumblineError } from '../errors.ts';
import { createAssets } from './assets.ts';
import type { Assets } from './assets.ts';
import { addDashboardRoutes } from './dashboard-routes.ts';
import { errorPage, notFoundPage } from './error-page.tsx';
import { addMarkedDeliveries } from './marked-delivery.ts';
import type { MarkDelivery } from './marked-delivery.ts';
import { addOperationsRoutes } from './operations-routes.ts';
import { createReadRaw } from './read-raw.ts';
import { createRespond } from './respond.ts';
import { security } from './security.ts';
import type { WebContext, WebProject } from './web-project.ts';

export interface AppOptions {
  /** Asked for at every request, so that a change of the project shows at once. */
  readonly project: () => WebProject;
  /** A pool of the reader role. */
  readonly reader: pg.Pool;
  /**
   * A pool of the loader role, for what a delivery changed: rows of `raw`, which readers may not see.
   * It is read from only. Without it the page names the command that tells the same.
   */
  readonly loader?: pg.Pool;
  /** ISO instant of "now". */
  readonly now: () => string;
  /** Further host names the pages are reached under, without port. */
  readonly hosts?: readonly string[];
  /** Makes files for the senders of deliveries; without it none are offered. */
  readonly markDelivery?: MarkDelivery;
  /** Told of every error that is not the reader's doing; default: nobody. */
  readonly onError?: (error: unknown) => void;
}

/** The pages of a project. Throws `assets-missing` when the style sheet was not built. */
export function createApp(options: AppOptions): Hono {
  const assets = createAssets();
  const contextNow = contextFactory(options, assets);
  const respond = createRespond(contextNow);
  const app = new Hono();
  app.use(security(options.hosts === undefined ? {} : { hosts: options.hosts }));
  app.get('/assets/:name', (c) => {
    const asset = assets.get(c.req.param('name'));
    if (asset === undefined) return c.text('There is no such file.\n', 404);
    return c.body(asset.body, 200, {
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });
  app.get('/', (c) => {
    const first = contextNow().project.dashboards.keys().next().value;
    return c.redirect(first === undefined ? '/sources' : `/dashboards/${first}`);
  });
  addDashboardRoutes(app, respond);
  addOperationsRoutes(app, respond);
  if (options.markDelivery !== undefined) {
    addMarkedDeliveries(app, options.markDelivery, (error) => options.onError?.(error));
  }
  app.notFound((c) => c.html(notFoundPage(contextNow()), 404));
  app.onError((error, c) => {
    options.onError?.(error);
    const known = error instanceof PlumblineError ? error : undefined;
    const status = known?.code === 'warehouse-unreachable' ? 503 : 500;
    return c.html(errorPage({ context: contextNow(), error: known }), status);
  });
  return app;
}

/** What a request needs is made of the project as it is then; results already read are kept. */
function contextFactory(options: AppOptions, assets: Assets): () => WebContext {
  const queriesByZone = new Map<string, Queries>();
  const formatters = new Map<string, Formatter>();
  return () => {
    const project = options.project();
    const { locale, currency, zone } = project;
    const now = options.now();
    return {
      project,
      now,
      today: dayIn(zone, now),
      queries: kept(queriesByZone, zone, () => createQueries({ pool: options.reader, zone })),
      // Its number formats take 5 ms to build, more than the rest of a page that was read before.
      formatter: kept(formatters, `${locale} ${currency} ${zone}`, () =>
        createFormatter({ locale, currency, zone }),
      ),
      asset: assets.address,
      marksDeliveries: options.markDelivery !== undefined,
      readRaw: options.loader === undefined ? undefined : createReadRaw(options.loader),
    };
  };
}

function kept<T>(values: Map<string, T>, key: string, create: () => T): T {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = create();
  values.set(key, value);
  return value;
}

import type { Hono } from 'hono';

import { checksPage } from './operations/checks-page.tsx';
import { deliveriesPage } from './operations/deliveries-page.tsx';
import { deliveryPage } from './operations/delivery-page.tsx';
import { lineagePage } from './operations/lineage-page.tsx';
import { rejectsPage } from './operations/rejects-page.tsx';
import { releasePage, releasesPage } from './operations/releases-page.tsx';
import { schedulePage } from './operations/schedule-page.tsx';
import { sourcesPage } from './operations/sources-page.tsx';
import type { Respond } from './respond.ts';

/** What was delivered, refused, checked, released, and what is due. */
export function addOperationsRoutes(app: Hono, respond: Respond): void {
  app.get('/sources', (c) => respond(c, sourcesPage));
  app.get('/deliveries', (c) => respond(c, deliveriesPage));
  app.get('/rejects', (c) => respond(c, rejectsPage));
  app.get('/checks', (c) => respond(c, checksPage));
  app.get('/releases', (c) => respond(c, releasesPage));
  app.get('/lineage', (c) => respond(c, lineagePage));
  app.get('/schedule', (c) => respond(c, schedulePage));
  // Ids are bigints: up to eighteen digits always are one.
  app.get('/deliveries/:id{[1-9][0-9]{0,17}}', (c) =>
    respond(c, (input) => deliveryPage(input, c.req.param('id'))),
  );
  app.get('/releases/:id{[1-9][0-9]{0,17}}', (c) =>
    respond(c, (input) => releasePage(input, c.req.param('id'))),
  );
}

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { assembleProject, createSite, startServer } from 'plumbline/runtime';
import type { ProjectParts } from 'plumbline/runtime';

import { createLog } from './create-log.ts';
import { readFunctionEnvironment } from './function-environment.ts';
import { faultFields } from './handler-fault.ts';
import { openDatabase } from './open-database.ts';

/** A proxy that has just been started may be faster than the database that wakes up. */
const wakeLimitMs = 10 * 60_000;

/**
 * A page waits for a database that was paused: some 15 s, and 30 s after a day of it
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html).
 */
const connectTimeoutMs = 45_000;

/**
 * Serves the dashboards behind the proxy until SIGTERM, as a role that reads what is released and
 * nothing else: whoever took this machine over could not read more than its pages show.
 */
export async function serveWeb(parts: ProjectParts): Promise<void> {
  const folder = dirname(fileURLToPath(import.meta.url));
  const environment = readFunctionEnvironment(process.env, folder);
  const log = createLog({ stack: environment.stack }, { job: 'web' });
  try {
    const untilMs = Date.now() + wakeLimitMs;
    const warehouse = await openDatabase({
      environment,
      checkAs: 'reader',
      log,
      untilMs,
      connectTimeoutMs,
    });
    const project = await assembleProject(parts, { dir: folder, env: () => undefined });
    const hosts = (process.env['PLUMBLINE_WEB_HOSTS'] ?? '')
      .split(',')
      .filter((name) => name !== '');
    const app = createSite({
      project: () => project,
      warehouse,
      hosts,
      onError: (error) => log.error('a page failed', faultFields(error)),
    });
    const port = Number(process.env['PLUMBLINE_WEB_PORT'] ?? '7777');
    const server = await startServer({ app, port });
    log.info('the dashboards are served', { url: server.url });
    process.once('SIGTERM', () => {
      void server
        .close()
        .then(() => warehouse.close())
        .finally(() => process.exit(0));
    });
  } catch (error) {
    log.error('the dashboards cannot be served', faultFields(error));
    // systemd starts it again in a moment.
    process.exitCode = 1;
  }
}

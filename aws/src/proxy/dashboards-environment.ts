import type { Plan } from '../plan/plan.ts';
import { pagesName } from './nginx-config.ts';
import { amazonLinux } from './proxy-machine.ts';
import type { ProxyRefs } from './proxy-refs.ts';

/**
 * The environment of the dashboards on the proxy. That of functions, and two of their own:
 * `PLUMBLINE_WEB_PORT` is where to listen on 127.0.0.1, `PLUMBLINE_WEB_HOSTS` (names parted by
 * commas) goes to `createApp({ hosts })`, which refuses requests for any other name.
 */
export function dashboardsEnvironment(
  plan: Plan,
  refs: ProxyRefs,
): Readonly<Record<string, string>> {
  return {
    NODE_ENV: 'production',
    AWS_REGION: refs.region,
    PLUMBLINE_STACK: plan.name,
    PLUMBLINE_DATABASE_HOST: refs.databaseHost,
    PLUMBLINE_DATABASE_PORT: String(amazonLinux.upstreamPort),
    PLUMBLINE_DATABASE_NAME: plan.database.databaseName,
    PLUMBLINE_LANDING_BUCKET: refs.landingBucket,
    // The pages log in by IAM authentication and ask no source anything: there is no secret to read.
    PLUMBLINE_SECRETS: '{}',
    PLUMBLINE_WEB_PORT: String(amazonLinux.dashboardsPort),
    PLUMBLINE_WEB_HOSTS: pagesName(plan, refs),
  };
}

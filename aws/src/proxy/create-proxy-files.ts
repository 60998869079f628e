import type { Plan } from '../plan/plan.ts';
import { createCertificateScript } from './certificate-script.ts';
import { dashboardsEnvironment } from './dashboards-environment.ts';
import { createHealthScript, createUpdatesScript } from './machine-scripts.ts';
import { allowListFile, createAllowList, createNginxConfig } from './nginx-config.ts';
import { amazonLinux } from './proxy-machine.ts';
import type { ProxyRefs } from './proxy-refs.ts';
import { createStartingPage, startingPageFile } from './starting-page.ts';
import { createUnits } from './systemd-units.ts';

export interface ProxyFile {
  /** Absolute, on the machine. */
  readonly path: string;
  /** `0644` */
  readonly mode: string;
  readonly content: string;
}

/** Every file that the set-up puts on the proxy. No secret is in any of them. */
export function createProxyFiles(plan: Plan, refs: ProxyRefs): readonly ProxyFile[] {
  const { configFolder, pageFolder } = amazonLinux;
  const environment = Object.entries(dashboardsEnvironment(plan, refs));
  return [
    text(`${configFolder}/nginx.conf`, createNginxConfig({ plan, refs, machine: amazonLinux })),
    text(`${configFolder}/${allowListFile}`, createAllowList(plan)),
    text(`${pageFolder}/${startingPageFile}`, createStartingPage(plan.company)),
    text(
      '/etc/plumbline/dashboards.env',
      environment.map(([name, value]) => `${name}=${quoteForSystemd(value)}\n`).join(''),
    ),
    text(
      '/etc/systemd/journald.conf.d/plumbline.conf',
      `[Journal]\nStorage=persistent\nSystemMaxUse=300M\nMaxRetentionSec=${plan.alarms.logDays}day\n`,
    ),
    ...Object.entries(createUnits(plan)).map(([name, content]) =>
      text(`/etc/systemd/system/${name}`, content),
    ),
    script('certificate', createCertificateScript(plan, refs)),
    script('health', createHealthScript(plan, refs)),
    script('updates', createUpdatesScript()),
  ];
}

const text = (path: string, content: string): ProxyFile => ({ path, mode: '0644', content });

const script = (name: string, content: string): ProxyFile => ({
  path: `/opt/plumbline/bin/${name}`,
  mode: '0755',
  content,
});

/** In an EnvironmentFile, double quotes take backslash escapes as in a shell; `$` is not expanded. */
const quoteForSystemd = (value: string): string =>
  `"${value.replaceAll(/["\\`$]/gu, String.raw`\$&`)}"`;

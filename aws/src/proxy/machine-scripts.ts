import type { Plan } from '../plan/plan.ts';
import { pagesName } from './nginx-config.ts';
import { amazonLinux } from './proxy-machine.ts';
import type { ProxyRefs } from './proxy-refs.ts';
import { quoteShell } from './quote-shell.ts';

/**
 * `/opt/plumbline/bin/health`: ends with 1 and a line for each thing that is not well, so that
 * `systemctl --failed` and the journal show it. It asks the dashboards for a page that needs no
 * database: one that did would keep a database awake that is meant to pause. Dashboards that do not
 * answer three times in a row are started anew; a crash is seen by systemd itself.
 */
export function createHealthScript(plan: Plan, refs: ProxyRefs): string {
  return `#!/bin/bash
# Made from the plan: change the settings and deploy.
set -uo pipefail
root="\${PLUMBLINE_ROOT:-}"
count="$root/run/plumbline-health.failures"
unwell=0
problem() { echo "plumbline: $1" >&2; unwell=1; }

if curl -fsS -o /dev/null --max-time 10 -H ${quoteShell(`Host: ${pagesName(plan, refs)}`)} http://127.0.0.1:${amazonLinux.dashboardsPort}/; then
  rm -f "$count"
else
  failures=$(($(cat "$count" 2>/dev/null || echo 0) + 1))
  echo "$failures" >"$count"
  problem "the dashboards do not answer ($failures in a row): journalctl -u plumbline-dashboards"
  if [ "$failures" -ge 3 ]; then
    rm -f "$count"
    systemctl restart plumbline-dashboards
  fi
fi
systemctl is-active --quiet nginx || problem "nginx is not running: journalctl -u nginx"
openssl x509 -in "$root/etc/plumbline/tls/fullchain.pem" -noout -checkend $((10 * 86400)) >/dev/null ||
  problem "the certificate ends within ten days: journalctl -u plumbline-certificate"
used="$(df --output=pcent "$root/" | tail -n 1 | tr -dc 0-9)"
[ "$used" -lt 90 ] || problem "the disk is $used % full: df -h"
exit "$unwell"
`;
}

/**
 * `/opt/plumbline/bin/updates`. A release of Amazon Linux holds its packages still, so security
 * updates are those of the newest release. Nginx and Node are restarted only when they changed, the
 * machine only when something asks for it.
 */
export function createUpdatesScript(): string {
  return `#!/bin/bash
# Made from the plan: change the settings and deploy.
set -euo pipefail
versions() { rpm -q "$1"; }
nginx="$(versions nginx)"
node="$(versions nodejs24)"
dnf --assumeyes --quiet --releasever=latest upgrade --security
# Ends with 1 when a restart is due, but also where dnf does not know the word: that must not restart.
if dnf --quiet needs-restarting --help >/dev/null && ! dnf --quiet needs-restarting --reboothint; then
  echo "plumbline: restarting the machine to finish security updates"
  systemctl reboot
  exit 0
fi
[ "$nginx" = "$(versions nginx)" ] || systemctl restart nginx
[ "$node" = "$(versions nodejs24)" ] || systemctl restart plumbline-dashboards
`;
}

import type { Plan } from '../plan/plan.ts';
import type { ProxyFile } from './create-proxy-files.ts';
import { placeholders } from './proxy-refs.ts';
import { timers } from './systemd-units.ts';

/** The variables in which user data hands the stack's references to the set-up. */
export const setupVariables = {
  databaseHost: 'PLUMBLINE_DATABASE_HOST',
  region: 'PLUMBLINE_REGION',
  webCode: 'PLUMBLINE_WEB_CODE',
  webDigest: 'PLUMBLINE_WEB_DIGEST',
  proxyAddress: 'PLUMBLINE_PROXY_ADDRESS',
  landingBucket: 'PLUMBLINE_LANDING_BUCKET',
} as const;

/** Ends a file inside the script; nothing that is generated has such a line. */
const fileEnd = 'END_OF_PLUMBLINE_FILE';

/**
 * What makes an Amazon Linux 2023 machine the proxy. It runs at every start of the machine, changes
 * only what differs, and can be run again by hand. `PLUMBLINE_ROOT` puts everything under another
 * folder, for tests.
 */
export function createSetupScript(plan: Plan, files: readonly ProxyFile[]): string {
  const certbot =
    plan.proxy.certificate.kind === 'lets-encrypt' ? ' python3.12 python3.12-pip' : '';
  return `${opening}
${packages(certbot)}
put() {
  local content path="$root$1"
  mkdir -p "$(dirname "$path")"
  content="$(cat; printf x)"
  content="\${content%x}"
${Object.entries(placeholders)
  .map(([name, value]) => `  content=\${content//${value}/"$${variableOf(name)}"}\n`)
  .join('')}  printf '%s' "$content" >"$path.new"
  chmod "$2" "$path.new"
  mv -f "$path.new" "$path"
}
${files.map(putFile).join('')}
${dashboards}
${start}`;
}

function variableOf(name: string): string {
  const known: Readonly<Record<string, string>> = setupVariables;
  return known[name] ?? name;
}

function putFile({ path, mode, content }: ProxyFile): string {
  return `put ${path} ${mode} <<'${fileEnd}'\n${content}${fileEnd}\n`;
}

const opening = `#!/bin/bash
# Sets up the Plumbline proxy; made from the plan. Safe to run again.
set -euo pipefail
umask 022
root="\${PLUMBLINE_ROOT:-}"
# shellcheck source=/dev/null
. "$root/opt/plumbline/variables"
say() { echo "plumbline: $*"; }
trap 'say "the set-up failed at line $LINENO; mend it, then run: sudo bash /opt/plumbline/setup" >&2' ERR

# The elastic address may be given to the machine while this runs, which cuts what is under way.
retry() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8; do
    if "$@"; then return 0; fi
    say "attempt $attempt of 8 failed: $1" >&2
    sleep "\${PLUMBLINE_RETRY_SECONDS:-15}"
  done
  return 1
}
`;

const packages = (certbot: string): string => `
# Under 1.5 GB of memory dnf alone can use it all up.
if [ "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)" -lt 1500000 ] && ! [ -e "$root/swapfile" ]; then
  say "adding 1 GB of swap"
  dd if=/dev/zero of="$root/swapfile" bs=1M count=1024 status=none
  chmod 600 "$root/swapfile"
  mkswap "$root/swapfile" >/dev/null
  echo '/swapfile none swap sw 0 0' >>"$root/etc/fstab"
fi
if [ -e "$root/swapfile" ]; then swapon "$root/swapfile" 2>/dev/null || true; fi

wanted=(nginx nginx-mod-stream nodejs24 openssl unzip awscli-2 dnf-plugins-core${certbot})
if ! rpm -q "\${wanted[@]}" >/dev/null 2>&1; then
  say "installing \${wanted[*]}"
  retry dnf install --assumeyes --quiet "\${wanted[@]}"
fi
id plumbline >/dev/null 2>&1 ||
  useradd --system --home-dir /nonexistent --no-create-home --shell /sbin/nologin plumbline
`;

const dashboards = `# The dashboards, in a folder named after their content; what differs from it is not run.
web="$root/opt/plumbline/web"
digest_of() {
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}
mkdir -p "$web"
if ! [ -d "$web/$PLUMBLINE_WEB_DIGEST" ]; then
  say "fetching the dashboards $PLUMBLINE_WEB_DIGEST"
  rm -rf "$web/fetched" "$web/fetched.zip"
  retry aws s3 cp --only-show-errors --region "$PLUMBLINE_REGION" "$PLUMBLINE_WEB_CODE" "$web/fetched.zip"
  unzip -q "$web/fetched.zip" -d "$web/fetched"
  chmod -R u=rwX,go=rX "$web/fetched"
  found="$(digest_of "$web/fetched")"
  if [ "$found" != "$PLUMBLINE_WEB_DIGEST" ]; then
    say "the dashboards at $PLUMBLINE_WEB_CODE have the digest $found, expected $PLUMBLINE_WEB_DIGEST: not run" >&2
    rm -rf "$web/fetched" "$web/fetched.zip"
    exit 1
  fi
  rm -f "$web/fetched.zip"
  mv "$web/fetched" "$web/$PLUMBLINE_WEB_DIGEST"
fi
ln -sfn "$PLUMBLINE_WEB_DIGEST" "$web/current.new"
mv -fT "$web/current.new" "$web/current"
find "$web" -mindepth 1 -maxdepth 1 -type d ! -name "$PLUMBLINE_WEB_DIGEST" -exec rm -rf {} +
`;

const start = `# Nobody logs in by SSH: Session Manager is the way in.
systemctl disable --now sshd >/dev/null 2>&1 || true
systemctl daemon-reload
systemctl restart systemd-journald
say "starting the dashboards and nginx"
systemctl enable --quiet plumbline-dashboards nginx ${timers.join(' ')}
systemctl restart plumbline-dashboards
# Without a certificate nginx does not start: at the least there is a temporary one afterwards.
certificate=0
"$root/opt/plumbline/bin/certificate" || certificate=1
nginx -t -q
systemctl reload-or-restart nginx
systemctl start ${timers.join(' ')}
if [ "$certificate" -ne 0 ]; then
  say "no certificate yet, browsers will warn; tried again every six hours: journalctl -u plumbline-certificate" >&2
fi
say "the proxy is set up"
`;

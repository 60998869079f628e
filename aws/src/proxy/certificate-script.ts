import type { Plan } from '../plan/plan.ts';
import { pagesName } from './nginx-config.ts';
import type { ProxyRefs } from './proxy-refs.ts';
import { quoteShell } from './quote-shell.ts';

/** Of certbot and its plug-in for Route 53; both are released together. */
const certbotVersion = '5.8.0';

/**
 * `/opt/plumbline/bin/certificate`: obtains the certificate of the pages or renews it, and changes
 * nothing when what is there is good. A new one is put in place only if its key fits and nginx takes
 * it; sessions go on. Run by a timer every six hours, and by hand whenever one likes.
 */
export function createCertificateScript(plan: Plan, refs: ProxyRefs): string {
  return `${opening(pagesName(plan, refs), plan.proxy.domain === undefined ? 'IP' : 'DNS')}
if ! [ -s "$folder/fullchain.pem" ]; then
  # So that nginx starts, and Postgres is reached, whatever the authority says.
  self_signed 30
fi
${kinds[plan.proxy.certificate.kind](plan, refs)}`;
}

const opening = (name: string, kind: 'IP' | 'DNS'): string => `#!/bin/bash
# Made from the plan: change the settings and deploy.
set -euo pipefail
umask 077
root="\${PLUMBLINE_ROOT:-}"
folder="$root/etc/plumbline/tls"
name=${quoteShell(name)}
mkdir -p "$folder" "$root/run"
work="$(mktemp -d "$root/run/plumbline-certificate.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# put_in_place CHAIN KEY: both or neither; the old ones come back if nginx refuses the new.
put_in_place() {
  if cmp -s "$1" "$folder/fullchain.pem" && cmp -s "$2" "$folder/privkey.pem"; then
    return 0
  fi
  if [ "$(openssl x509 -in "$1" -noout -pubkey)" != "$(openssl pkey -in "$2" -pubout)" ]; then
    echo "plumbline: the key does not belong to the new certificate; the old one stays" >&2
    return 1
  fi
  for file in fullchain privkey; do
    if [ -e "$folder/$file.pem" ]; then cp -p "$folder/$file.pem" "$work/$file.old"; fi
  done
  cp "$1" "$folder/fullchain.pem"
  cp "$2" "$folder/privkey.pem"
  if systemctl is-active --quiet nginx; then
    if ! nginx -t -q; then
      for file in fullchain privkey; do cp -p "$work/$file.old" "$folder/$file.pem"; done
      echo "plumbline: nginx refuses the new certificate; the old one stays" >&2
      return 1
    fi
    systemctl reload nginx
  fi
  echo "plumbline: certificate in place, $(openssl x509 -in "$1" -noout -enddate)"
}

# self_signed DAYS: browsers warn of it.
self_signed() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$1" \\
    -subj "/CN=Plumbline" -addext "subjectAltName=${kind}:$name" \\
    -keyout "$work/self.key" -out "$work/self.pem" 2>/dev/null
  put_in_place "$work/self.pem" "$work/self.key"
}
`;

const kinds: Readonly<
  Record<Plan['proxy']['certificate']['kind'], (plan: Plan, refs: ProxyRefs) => string>
> = {
  'lets-encrypt': (plan) => letsEncrypt(plan),
  acm: (plan, refs) => acm(plan, refs),
  'self-signed': () => `
if ! openssl x509 -in "$folder/fullchain.pem" -noout -checkend $((45 * 86400)) >/dev/null; then
  self_signed 397
fi
`,
};

/** DNS-01 needs no port 80: certbot puts a record into the zone by the machine's role. */
function letsEncrypt({ proxy: { certificate } }: Plan): string {
  if (certificate.kind !== 'lets-encrypt') return '';
  return `
certbot="$root/opt/certbot-${certbotVersion}"
if ! [ -x "$certbot/bin/certbot" ]; then
  rm -rf "$certbot"
  python3.12 -m venv "$certbot"
  "$certbot/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check --only-binary :all: \\
    certbot==${certbotVersion} certbot-dns-route53==${certbotVersion}
fi
# Asks the authority only when there is none yet, or when it ends within thirty days.
"$certbot/bin/certbot" certonly --quiet --non-interactive --agree-tos --email ${quoteShell(certificate.email)} \\
  --dns-route53 --cert-name plumbline --domain "$name" --key-type ecdsa --keep-until-expiring \\
  --config-dir "$root/etc/letsencrypt" --work-dir "$work" --logs-dir "$root/var/log/letsencrypt"
live="$root/etc/letsencrypt/live/plumbline"
put_in_place "$live/fullchain.pem" "$live/privkey.pem"
`;
}

/** ACM renews by itself; what it has then is fetched. The passphrase never stands in an argument. */
function acm({ proxy: { certificate } }: Plan, refs: ProxyRefs): string {
  if (certificate.kind !== 'acm') return '';
  return `
export AWS_DEFAULT_REGION=${quoteShell(refs.region)}
aws secretsmanager get-secret-value --secret-id ${quoteShell(certificate.passphraseSecret)} \\
  --query SecretString --output text | tr -d '\\n' >"$work/passphrase"
aws acm export-certificate --certificate-arn ${quoteShell(certificate.arn)} \\
  --passphrase "fileb://$work/passphrase" --output json >"$work/exported.json"
node-24 -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const [folder] = process.argv.slice(1);
  const exported = JSON.parse(readFileSync(folder + "/exported.json", "utf8"));
  writeFileSync(folder + "/chain.pem", exported.Certificate.trimEnd() + "\\n" + exported.CertificateChain);
  writeFileSync(folder + "/encrypted.pem", exported.PrivateKey);
' "$work"
openssl pkey -in "$work/encrypted.pem" -passin "file:$work/passphrase" -out "$work/key.pem"
put_in_place "$work/chain.pem" "$work/key.pem"
`;
}

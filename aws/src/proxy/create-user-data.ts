import { gzipSync, strToU8 } from 'fflate';
import { PlumblineError } from 'plumbline/runtime';

import type { Plan } from '../plan/plan.ts';
import { createProxyFiles } from './create-proxy-files.ts';
import { placeholders } from './proxy-refs.ts';
import type { ProxyRefs } from './proxy-refs.ts';
import { createSetupScript, setupVariables } from './setup-script.ts';

/**
 * EC2 takes 16 KB before it is encoded
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html); 1 KB is kept for references,
 * whose length is known only when CloudFormation fills them in.
 */
export const userDataBytesMax = 16_384 - 1_024;

const boundary = 'plumbline-user-data';

/**
 * The user data of the proxy: a few readable lines that hand over the stack's references, and the
 * set-up with all files, compressed. cloud-init runs it at every start of the machine, so a deploy
 * that changes it (which stops and starts the machine) takes effect; the machine and its certificate
 * stay. The same plan gives the same bytes on every computer: fflate is JavaScript, while zlib's
 * output differs between processors, and a difference would restart the proxy.
 *
 * Throws `project-invalid` when it is too long for EC2, which a very long allow-list can make it.
 */
export function createUserData(plan: Plan, refs: ProxyRefs): string {
  const script = createSetupScript(plan, createProxyFiles(plan, placeholders));
  const packed = Buffer.from(gzipSync(strToU8(script), { level: 9, mtime: 0 })).toString('base64');
  const variables = Object.entries(setupVariables).map(
    ([name, variable]) => `${variable}='${valueOf(refs, name)}'`,
  );
  const userData = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="${boundary}"

--${boundary}
Content-Type: text/cloud-config; charset="us-ascii"

#cloud-config
cloud_final_modules:
  - [scripts-user, always]

--${boundary}
Content-Type: text/x-shellscript; charset="us-ascii"
Content-Disposition: attachment; filename="plumbline-proxy.sh"

#!/bin/bash
# Sets up the proxy of ${plan.name}: what is below is a bash script, compressed.
set -euo pipefail
mkdir -p /opt/plumbline
cat >/opt/plumbline/variables <<'END'
${variables.join('\n')}
END
base64 --decode <<'END' | gunzip >/opt/plumbline/setup
${packed.replaceAll(/.{1,76}/gu, '$&\n')}END
bash /opt/plumbline/setup

--${boundary}--
`;
  const bytes = Buffer.byteLength(userData);
  if (bytes > userDataBytesMax) {
    throw new PlumblineError('project-invalid', {
      message: `the set-up of the proxy is ${bytes} bytes long, of which EC2 takes ${userDataBytesMax}; the allow-list has ${plan.access.allow.length} entries`,
      remedy: 'Join entries of `access.allow` into wider ranges, or shorten their notes.',
    });
  }
  return userData;
}

function valueOf(refs: ProxyRefs, name: string): string {
  const values: Readonly<Record<string, string>> = { ...refs };
  return values[name] ?? '';
}

import type { Project } from 'plumbline/runtime';

import { stackName } from '../plan/create-plan.ts';
import { loadedSources } from '../plan/source-needs.ts';

/**
 * `plumbline.aws.ts` for a project. What nobody can guess is a placeholder that is refused when the
 * file is read: the region above all, since everything there is made anew in another one.
 */
export function settingsTemplate(project: Project): string {
  const name = stackName(project.config.company);
  return `import { defineAws } from '@plumbline/aws';

// What is to be on AWS. All settings and their defaults: node_modules/plumbline/docs/aws-settings.md.
//   plumbline cost            what it costs a month, before anything is there
//   plumbline check --aws     what is still wrong or missing here
export default defineAws({
  // Where everything is, e.g. 'eu-central-1'. To move it later is to make it anew.
  region: 'FILL-IN-THE-REGION',
  // Twelve digits: credentials of another account are then refused.
  // account: '123456789012',
  // The beginning of every name. To change it later is to make everything anew.
  name: '${name}',
  // 'small': one small database instance; 'standard': Aurora that pauses, a NAT gateway.
  size: 'small',

  network: {
    // A private range, other than those of networks it is to be connected with.
    cidr: '10.40.0.0/16',
    // How functions get out: 'nat-instance', 'nat-gateway', or 'none' where no source needs it.
    egress: 'nat-instance',
  },

  landing: {
    // The bucket that partners put files into, as sources name it: s3('${name}-files/payments/*.xlsx').
    // Names of buckets are unique in the world.
    bucket: '${name}-files',
  },

  proxy: {
    // The name of the dashboards, and who vouches for it.
    // domain: 'numbers.example.com',
    // certificate: { kind: 'lets-encrypt', email: 'it@example.com', hostedZoneId: 'Z0123456789ABC' },
    // Without a domain:
    certificate: { value: 'self-signed', because: '' },
    // The machine image, pinned, so that a deploy never exchanges the machine unasked. The newest:
    //   aws ssm get-parameter --region REGION --query Parameter.Value --output text \\
    //     --name /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64
    ami: 'ami-FILL-IN',
  },

  alarms: {
    // Who is told when something fails or is late.
    mail: [],
  },
${variablesOf(project)}});
`;
}

/** The variables that sources read, to be filled in; those with a fallback as a comment. */
function variablesOf(project: Project): string {
  const settings = new Map(
    loadedSources(project)
      .flatMap(([, source]) => source.settings ?? [])
      .filter(({ kind }) => kind === 'setting')
      .map((setting) => [setting.name, setting.fallback]),
  );
  if (settings.size === 0) return '';
  const lines = [...settings].map(([name, fallback]) =>
    fallback === undefined
      ? `    ${name}: '',`
      : `    // ${name}: ${JSON.stringify(fallback).replaceAll("'", "\\'").replace(/^"|"$/g, "'")},`,
  );
  return `
  // What setting('NAME') is in sources. Secrets are not written here: the deploy takes them from .env.
  variables: {
${lines.join('\n')}
  },
`;
}

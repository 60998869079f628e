import { defineAws } from '@plumbline/aws';

/** Acme's own AWS account; `plumbline cost` tells its price, `plumbline deploy` makes it. */
export default defineAws({
  region: 'eu-central-1',
  size: 'small',
  // Unique in the world: take a name of your own, here and in sources/.
  landing: { bucket: 'acme-landing' },
  proxy: {
    domain: 'numbers.acme.example',
    certificate: {
      kind: 'lets-encrypt',
      email: 'it@acme.example',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    },
    // Amazon Linux 2023 on Graviton; docs/aws-settings.md says how to find the newest.
    ami: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64:1',
  },
  alarms: { mail: ['it@acme.example'] },
  variables: { ACTIVITY_URL: 'https://crm.acme.example/v1/activities' },
});

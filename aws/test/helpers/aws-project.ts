import { createProjectFolder } from '../../../test/helpers/project-folder.ts';
import type { ProjectFolder } from '../../../test/helpers/project-folder.ts';

const config = `import { defineConfig } from 'plumbline';
export default defineConfig({ company: 'Test & Co', zone: 'Europe/Berlin' });
`;

const payments = `import { column, csv, every, s3 } from 'plumbline';
export default csv({
  from: s3('test-landing/payments/*.csv'),
  columns: { id: column.integer({ required: true }) },
  key: ['id'],
  schedule: every.day().at('06:00'),
});
`;

const activity = `import { api, bearer, column, every, secret } from 'plumbline';
export default api({
  url: 'https://crm.test.example/v1/activities',
  auth: bearer(secret('ACTIVITY_TOKEN')),
  records: 'data',
  columns: { id: column.integer({ required: true }) },
  key: ['id'],
  schedule: every.day().at('05:30'),
});
`;

const settings = `import { defineAws } from '@plumbline/aws';
export default defineAws({
  region: 'eu-central-1',
  size: 'small',
  landing: { bucket: 'test-landing' },
  proxy: {
    certificate: { value: 'self-signed', because: 'only a trial, without a domain' },
    ami: 'ami-0123456789abcdef0',
  },
  alarms: { mail: ['it@test.example'] },
});
`;

/** A small project with settings for AWS: a source in a bucket, an API with a secret. */
export const awsProjectFiles = {
  'plumbline.config.ts': config,
  'plumbline.aws.ts': settings,
  'sources/payments.ts': payments,
  'sources/activity.ts': activity,
} as const;

/** The stack's name by the company's. */
export const awsProjectStack = 'plumbline-test-co';

export const createAwsProject = (
  files: Readonly<Record<string, string>> = {},
): Promise<ProjectFolder> => createProjectFolder({ ...awsProjectFiles, ...files });

import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Template } from '../cloud/cloud.ts';

/** The names that `cdk bootstrap` gives to its roles and bucket: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-contract.html */
const place = '${AWS::AccountId}-${AWS::Region}';
const role = (name: string): string =>
  `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-hnb659fds-${name}-role-${place}`;
const bucketName = `cdk-hnb659fds-assets-${place}`;
const bootstrapStackVersionSsmParameter = '/cdk-bootstrap/hnb659fds/version';
/** Of the manifest: that of the CDK which this package pins. */
const version = '48.0.0';

/**
 * Writes a cloud assembly of one stack that is there already, of its own template and without any code:
 * what a stack is changed with when its project is not needed. Termination protection is off in it.
 */
export async function writeAssembly(
  stackName: string,
  template: Template,
  outDir: string,
): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const body = JSON.stringify(template);
  const hash = createHash('sha256').update(body).digest('hex');
  const templateFile = 'stack.template.json';
  const objectKey = `${hash}.json`;
  const bootstrap = { requiresBootstrapStackVersion: 6, bootstrapStackVersionSsmParameter };
  const assets = {
    version,
    files: {
      [hash]: {
        source: { path: templateFile, packaging: 'file' },
        destinations: {
          here: { bucketName, objectKey, assumeRoleArn: role('file-publishing') },
        },
      },
    },
    dockerImages: {},
  };
  const manifest = {
    version,
    artifacts: {
      'stack.assets': {
        type: 'cdk:asset-manifest',
        properties: { file: 'stack.assets.json', ...bootstrap },
      },
      [stackName]: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: {
          templateFile,
          terminationProtection: false,
          validateOnSynth: false,
          assumeRoleArn: role('deploy'),
          cloudFormationExecutionRoleArn: `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${place}`,
          stackTemplateAssetObjectUrl: `s3://${bucketName}/${objectKey}`,
          ...bootstrap,
        },
        dependencies: ['stack.assets'],
        displayName: stackName,
      },
    },
  };
  const write = (file: string, text: string): Promise<void> => writeFile(join(outDir, file), text);
  await write(templateFile, body);
  await write('stack.assets.json', JSON.stringify(assets));
  await write('manifest.json', JSON.stringify(manifest));
}

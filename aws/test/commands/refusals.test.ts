import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { CommandResult } from '../../../test/helpers/command-line.ts';
import type { ProjectFolder } from '../../../test/helpers/project-folder.ts';
import { awsProjectFiles, awsProjectStack, createAwsProject } from '../helpers/aws-project.ts';
import { startCloudStub } from '../helpers/cloud-stub.ts';
import type { CloudStub } from '../helpers/cloud-stub.ts';
import { startCommandLine } from '../helpers/start-command-line.ts';
import type { CommandLine } from '../helpers/start-command-line.ts';

/** What is found before anything is created: each with exit code, message and remedy, and no change. */
let project: ProjectFolder;
let cloud: CloudStub;
let commandLine: CommandLine;

beforeAll(async () => {
  project = await createAwsProject();
  cloud = await startCloudStub();
  commandLine = startCommandLine();
  cloud.putStack('CDKToolkit');
});
afterEach(() => {
  cloud.refuse.clear();
  cloud.fail.clear();
  cloud.asked.length = 0;
});
afterAll(async () => {
  await commandLine.stop();
  await cloud.close();
  await project.remove();
});

const deploy = (env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
  commandLine.run(['deploy', '--yes', '--project', project.dir], { env: { ...cloud.env, ...env } });

interface Refused {
  readonly code: string;
  readonly exitCode: number;
  readonly says: readonly string[];
}

/** What is not as it should be when a command refuses; nothing, or one text for each. */
function faultsOf(result: CommandResult, { code, exitCode, says }: Refused): readonly string[] {
  const { stderr } = result;
  return [
    ...[`error[${code}]`, ...says]
      .filter((text) => !stderr.includes(text))
      .map((text) => `lacks: ${text}`),
    ...(result.exitCode === exitCode ? [] : [`exit code ${result.exitCode}`]),
    ...(/^\s+at /m.test(stderr) ? ['has a stack trace'] : []),
    ...cloud.changes().map((change) => `changed: ${change}`),
  ].map((fault) => `${fault} in: ${stderr}`);
}

describe('credentials', () => {
  test('none', async () => {
    const result = await deploy({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
    expect(
      faultsOf(result, {
        code: 'aws-credentials',
        exitCode: 2,
        says: ['There are no AWS credentials', 'Set AWS_PROFILE'],
      }),
    ).toEqual([]);
    expect(cloud.asked).toEqual([]);
  });

  test('a profile that is not there is named', async () => {
    const result = await deploy({ AWS_PROFILE: 'acme-prod' });
    expect(
      faultsOf(result, { code: 'aws-credentials', exitCode: 2, says: ["profile 'acme-prod'"] }),
    ).toEqual([]);
  });

  test.each([
    ['ExpiredToken', 'have expired', 'Get new ones'],
    ['SignatureDoesNotMatch', 'does not accept the credentials', 'clock of this machine'],
  ])('%s', async (code, message, remedy) => {
    cloud.refuse.set('*', { code, message: 'The security token is not right' });
    expect(
      faultsOf(await deploy(), {
        code: 'aws-credentials',
        exitCode: 2,
        says: [message, remedy],
      }),
    ).toEqual([]);
  });

  test('of another account than the settings name', async () => {
    const settings = awsProjectFiles['plumbline.aws.ts'];
    const other = await createAwsProject({
      'plumbline.aws.ts': settings.replace("region: 'eu", "account: '999988887777', region: 'eu"),
    });
    const result = await commandLine.run(['deploy', '--yes', '--project', other.dir], {
      env: cloud.env,
    });
    expect(
      faultsOf(result, {
        code: 'aws-account',
        exitCode: 2,
        says: ['are of account 111122223333', "plumbline.aws.ts, account: expected '999988887777'"],
      }),
    ).toEqual([]);
    await other.remove();
  });

  test('without a right, which is named', async () => {
    cloud.fail.set('cloudformation:DescribeStacks', {
      code: 'AccessDenied',
      message: 'User: ann is not authorized to perform: cloudformation:DescribeStacks',
    });
    expect(
      faultsOf(await deploy(), {
        code: 'aws-denied',
        exitCode: 2,
        says: ['not authorized to perform: cloudformation:DescribeStacks', 'docs/aws.md'],
      }),
    ).toEqual([]);
  });
});

test('a region that the account has not enabled is told from a wrong key', async () => {
  cloud.refuse.set('eu-central-1', {
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid',
  });
  expect(
    faultsOf(await deploy(), {
      code: 'aws-region',
      exitCode: 2,
      says: ['111122223333 has not enabled the region eu-central-1', 'enable-region'],
    }),
  ).toEqual([]);
  cloud.refuse.set('*', {
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid',
  });
  expect(
    faultsOf(await deploy(), {
      code: 'aws-credentials',
      exitCode: 2,
      says: ['does not accept'],
    }),
  ).toEqual([]);
});

test('AWS that does not answer may do so later', async () => {
  const result = await deploy({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  expect(
    faultsOf(result, { code: 'aws-unreachable', exitCode: 3, says: ['eu-central-1'] }),
  ).toEqual([]);
});

test('an account that is not prepared for the CDK', async () => {
  cloud.stacks.delete('CDKToolkit');
  expect(
    faultsOf(await deploy(), {
      code: 'aws-not-bootstrapped',
      exitCode: 2,
      says: ['no stack CDKToolkit', 'plumbline deploy --bootstrap'],
    }),
  ).toEqual([]);
  cloud.putStack('CDKToolkit');
});

test('a secret that has a value nowhere, with the file that needs it', async () => {
  expect(
    faultsOf(await deploy(), {
      code: 'setting-missing',
      exitCode: 1,
      says: ['ACTIVITY_TOKEN, which sources/activity.ts needs', '.env', '--without-secrets'],
    }),
  ).toEqual([]);
});

test.each([
  ['UPDATE_IN_PROGRESS', 'is being changed right now', 'Wait until'],
  ['UPDATE_ROLLBACK_FAILED', 'it got stuck', 'continue-update-rollback --region eu-central-1'],
  ['ROLLBACK_FAILED', 'it got stuck', 'deletion protection taken off in the console of RDS'],
  ['DELETE_FAILED', 'it got stuck', '`plumbline destroy`'],
])('a stack in %s', async (status, message, remedy) => {
  cloud.putStack(awsProjectStack, {}, status);
  expect(
    faultsOf(await deploy(), { code: 'aws-stack-state', exitCode: 3, says: [message, remedy] }),
  ).toEqual([]);
  cloud.stacks.delete(awsProjectStack);
});

test('mistakes in the settings are found before AWS is asked', async () => {
  const wrong = await createAwsProject({
    'plumbline.aws.ts': awsProjectFiles['plumbline.aws.ts'].replace('eu-central-1', 'eu-centrl-1'),
  });
  const result = await commandLine.run(['deploy', '--yes', '--project', wrong.dir], {
    env: cloud.env,
  });
  expect(
    faultsOf(result, {
      code: 'project-invalid',
      exitCode: 1,
      says: ['plumbline.aws.ts', 'did you mean eu-central-1'],
    }),
  ).toEqual([]);
  expect(cloud.asked).toEqual([]);
  await wrong.remove();
});

describe('an account without room', () => {
  afterEach(() => {
    Object.assign(cloud.concurrency, { limit: 1000, unreserved: 1000 });
    cloud.buckets.clear();
  });

  test('a new account, which may run ten functions at once', async () => {
    Object.assign(cloud.concurrency, { limit: 10, unreserved: 10 });
    expect(
      faultsOf(await deploy(), {
        code: 'aws-no-room',
        exitCode: 2,
        says: ['the account has 0 to reserve: 10 in all', 'L-B99A9384', "value: 'off'"],
      }),
    ).toEqual([]);
  });

  test.each([
    [200, 'belongs to this account', 'aws s3 rb s3://test-landing'],
    [403, 'belongs to someone else', 'unique in the world'],
  ] as const)('a bucket of the name is there: %s', async (status, message, remedy) => {
    cloud.buckets.set('test-landing', status);
    expect(
      faultsOf(await deploy(), {
        code: 'aws-no-room',
        exitCode: 2,
        says: ['landing.bucket', message, remedy],
      }),
    ).toEqual([]);
  });
});

test.each(['status', 'logs', 'destroy'])('%s of a stack that is not there', async (command) => {
  const flags = command === 'destroy' ? ['--yes', '--name', awsProjectStack] : ['--aws'];
  const result = await commandLine.run([command, ...flags, '--project', project.dir], {
    env: cloud.env,
  });
  expect(
    faultsOf(result, {
      code: 'aws-not-deployed',
      exitCode: 1,
      says: [`no stack ${awsProjectStack} in eu-central-1`, 'plumbline deploy'],
    }),
  ).toEqual([]);
});

test('interrupted before anything was begun, nothing was changed', async () => {
  const deploying = commandLine.run(
    ['deploy', '--yes', '--without-secrets', '--project', project.dir],
    { env: cloud.env },
  );
  while (!cloud.asked.includes('cloudformation:DescribeStacks')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  commandLine.interrupt();
  const { exitCode, stdout } = await deploying;
  expect(exitCode).toBe(130);
  expect(stdout).toContain('Interrupted: nothing was changed.');
  expect(cloud.changes()).toEqual([]);
});

test('Ctrl-C while logs are followed ends them well', async () => {
  cloud.putStack(awsProjectStack, { Outputs: outputs });
  const following = commandLine.run(['logs', '--aws', '--follow', '--project', project.dir], {
    env: cloud.env,
  });
  while (!cloud.asked.includes('logs:FilterLogEvents')) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  commandLine.interrupt();
  expect((await following).exitCode).toBe(0);
  cloud.stacks.delete(awsProjectStack);
});

const outputs = Object.fromEntries(
  Object.entries({
    ProxyAddress: '198.51.100.7',
    DatabaseEndpoint: 'db.internal',
    DatabaseName: 'plumbline',
    LandingBucket: 'test-landing',
    MigrateFunction: 'migrate',
    ReleaseFunction: 'release',
    IngestFunctions: '{"payments":"p"}',
    DigestFunctions: '{}',
    AlarmTopic: 'topic',
    UserSecrets: '{}',
    SecretNames: '{}',
  }).map(([name, Value]) => [name, { Value }]),
);

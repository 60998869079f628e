import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { CommandResult } from '../../../test/helpers/command-line.ts';
import type { ProjectFolder } from '../../../test/helpers/project-folder.ts';
import { awsProjectFiles, awsProjectStack, createAwsProject } from '../helpers/aws-project.ts';
import { startCloudStub } from '../helpers/cloud-stub.ts';
import type { CloudStub } from '../helpers/cloud-stub.ts';
import { startCommandLine } from '../helpers/start-command-line.ts';
import type { CommandLine } from '../helpers/start-command-line.ts';

/**
 * The life of a stack, in order, by the real command line and the real CDK against a stub of AWS. It
 * proves what is asked of AWS and what is said of its answers; not that AWS makes what is asked.
 */
let project: ProjectFolder;
let cloud: CloudStub;
let commandLine: CommandLine;

const migrate = `${awsProjectStack}-migrate`;
const status = {
  ok: true,
  release: { id: 3, at: '2026-11-20T05:31:07.204Z', verified: true },
  sources: [
    {
      name: 'payments',
      lastDelivery: '2026-11-20T05:00:00.000Z',
      fresh: true,
      nextRun: '2026-11-21T05:00:00Z',
      rows: 1200,
    },
  ],
  checks: { passed: 2, warned: 0, failed: [] },
};

beforeAll(async () => {
  project = await createAwsProject({ '.env': 'ACTIVITY_TOKEN=of-the-tests\n' });
  cloud = await startCloudStub();
  commandLine = startCommandLine();
  cloud.putStack('CDKToolkit');
  cloud.functions.set(migrate, (event) =>
    JSON.stringify(event) === '{"kind":"status"}' ? status : { sources: ['payments'], jobs: [] },
  );
});
afterAll(async () => {
  await commandLine.stop();
  await cloud.close();
  await project.remove();
});

function plumbline(...args: string[]): Promise<CommandResult> {
  cloud.asked.length = 0;
  // CDK's own rules take four seconds a time; a test of the stack has them.
  const env = { ...cloud.env, CDK_VALIDATION: 'false' };
  return commandLine.run([...args, '--project', project.dir], { env });
}

test('--dry-run goes through all of it and changes nothing', async () => {
  const result = await plumbline('deploy', '--dry-run');
  expect(result.stderr).toBe('');
  expect(result.stdout).toContain(
    '111122223333 in eu-central-1, as arn:aws:iam::111122223333:user/ann',
  );
  expect(result.stdout).toMatch(/Changes {2}\d+ added, 0 changed, 0 replaced, 0 removed/);
  expect(result.stdout).toMatch(/Price {2}about \$\d+\.\d\d a month/);
  expect(result.stdout).toContain("is 'self-signed': only a trial, without a domain");
  expect(result.stdout).toContain('ACTIVITY_TOKEN: from the environment or .env');
  expect(result.stdout).toContain('Nothing was changed');
  expect(result.stdout).not.toContain('of-the-tests');
  expect(result.exitCode).toBe(0);
  expect(cloud.changes()).toEqual([]);
});

test('where nobody can be asked, --yes is needed, and nothing is begun without it', async () => {
  const result = await plumbline('deploy');
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain('run `plumbline deploy --yes`');
  expect(cloud.asked).toEqual([]);
});

test('--yes deploys by the CDK, fills in the secret, migrates, and says what is next', async () => {
  const result = await plumbline('deploy', '--yes');
  expect(result.stderr).toBe('');
  expect(result.exitCode).toBe(0);
  expect(cloud.stacks.get(awsProjectStack)).toMatchObject({
    status: 'CREATE_COMPLETE',
    isProtected: true,
  });
  expect(cloud.changes()).toContain('cloudformation:ExecuteChangeSet');
  expect(cloud.secrets.get(`${awsProjectStack}/ACTIVITY_TOKEN`)).toBe('of-the-tests');
  expect(cloud.invoked).toEqual([{ name: migrate, event: { kind: 'migrate' } }]);
  expect(result.stdout).toMatch(/✓ Warehouse +migrated/);
  expect(result.stdout).toContain('Confirm the mail that AWS sent to it@test.example');
  expect(result.stdout).toContain('Nobody gets in yet');
  expect(result.stdout).toMatch(/aws lambda invoke .*plumbline-test-co-ingest-\w+/);
  // No escape sequence reaches a pipe, no value of a secret anything.
  expect(result.stdout).not.toContain('\u001B');
  const log = await readFile(join(project.dir, '.plumbline', 'aws', 'cdk.log'), 'utf8');
  expect(log).toContain('CREATE_COMPLETE');
  expect(result.stdout + log).not.toContain('of-the-tests');
});

test('deployed again nothing differs', async () => {
  const result = await plumbline('diff');
  expect(result.stdout).toContain('Changes  none');
  expect(result.exitCode).toBe(0);
  expect(cloud.changes()).toEqual([]);
});

test('a change shows as such; one that would replace the database is refused', async () => {
  const file = join(project.dir, 'plumbline.aws.ts');
  const settings = awsProjectFiles['plumbline.aws.ts'];
  await writeFile(
    file,
    settings.replace("size: 'small',", "size: 'small', functions: { memoryMb: 2048 },"),
  );
  const changed = await plumbline('diff', '--json');
  const kinds = changed.json() as { changes: { type: string; kind: string }[] };
  expect(kinds.changes.map(({ kind }) => kind)).toContain('changed');
  expect(kinds.changes.filter(({ kind }) => kind === 'replaced')).toEqual([]);
  await writeFile(
    file,
    settings.replace("size: 'small',", "size: 'small', database: { databaseName: 'other' },"),
  );
  const refused = await plumbline('deploy', '--yes');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('error[aws-data-endangered]');
  expect(refused.stderr).toMatch(/would be replaced for its DBName/);
  expect(refused.stdout).toContain('A new, empty one takes its place.');
  expect(cloud.changes()).toEqual([]);
  await writeFile(file, settings);
});

test('status tells of the stack, its alarms, its queues and its warehouse', async () => {
  const well = await plumbline('status', '--aws', '--json');
  expect(well.json()).toMatchObject({
    ok: true,
    stack: { name: awsProjectStack, status: 'CREATE_COMPLETE' },
    alarms: [],
    warehouse: { release: { id: 3 } },
  });
  expect(well.exitCode).toBe(0);
  cloud.alarms.push({ name: `${awsProjectStack}-SourcesLate`, reason: 'A source is late.' });
  for (const queue of cloudQueues(cloud)) cloud.queues.set(queue, 2);
  const shown = await plumbline('status', '--aws');
  expect(shown.exitCode).toBe(1);
  expect(shown.stdout).toContain(`Stack ${awsProjectStack}, CREATE_COMPLETE`);
  expect(shown.stdout).toContain('A source is late.');
  expect(shown.stdout).toMatch(/2 events could not be worked off/);
  expect(shown.stdout).toMatch(/payments +1,200 .*fresh/);
  expect(shown.stdout).toMatch(/Next \(Europe\/Berlin\)[\s\S]*activity/);
  cloud.alarms.length = 0;
  cloud.queues.clear();
  const answers = cloud.functions.get(migrate);
  cloud.functions.set(migrate, () => {
    throw new Error('no connection within 90 s');
  });
  const dark = await plumbline('status', '--aws');
  expect(dark.exitCode).toBe(1);
  expect(dark.stdout).toContain(`Stack ${awsProjectStack}, CREATE_COMPLETE`);
  expect(dark.stdout).toMatch(/The warehouse does not answer.*no connection within 90 s/);
  if (answers !== undefined) cloud.functions.set(migrate, answers);
});

/** Every queue by the name that the stub gives it. */
const cloudQueues = (stub: CloudStub): readonly string[] =>
  Object.entries(stub.stacks.get(awsProjectStack)?.template.Resources ?? {})
    .filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
    .map(([id]) => `${awsProjectStack}-${id}`);

test('logs are the lines of the functions, made readable', async () => {
  const now = Date.now();
  const group = `/aws/lambda/${awsProjectStack}-ingest-payments`;
  const line = (level: string, message: string, more: object = {}) =>
    JSON.stringify({ time: 't', level, message, stack: 's', ...more });
  cloud.logs.set(group, [
    { timestamp: now - 7_200_000, message: line('info', 'too long ago') },
    { timestamp: now - 3000, message: line('info', 'loaded', { rows: 12 }) },
    { timestamp: now - 2000, message: line('error', 'the database does not answer') },
    { timestamp: now - 1000, message: '{"_aws":{},"RowsLoaded":12}' },
  ]);
  const all = await plumbline('logs', '--aws');
  expect(all.stdout).toMatch(/payments {2}loaded {2}rows=12\n/);
  expect(all.stdout).not.toContain('too long ago');
  expect(all.stdout).not.toContain('RowsLoaded');
  const errors = await plumbline(
    'logs',
    '--aws',
    'payments',
    '--errors',
    '--since',
    '1d',
    '--json',
  );
  expect(errors.json()).toMatchObject([{ job: 'payments', level: 'error' }]);
  const unknown = await plumbline('logs', '--aws', 'paymnts');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain("Did you mean 'payments'?");
  expect((await plumbline('logs', '--aws', '--since', 'soon')).stderr).toContain('--since');
});

test('a secret of a source that is gone stays, and is deleted only when that is said', async () => {
  const file = join(project.dir, 'sources', 'activity.ts');
  const name = `${awsProjectStack}/ACTIVITY_TOKEN`;
  await rm(file);
  const kept = await plumbline('diff');
  expect(kept.stdout).toMatch(
    /ACTIVITY_TOKEN +stays as plumbline-test-co\/ACTIVITY_TOKEN with its value.*--replace-data/,
  );
  expect(kept.stdout).toMatch(/changed +SecretACTIVITYTOKEN\w* +AWS::SecretsManager::Secret/);
  expect(kept.stdout).not.toContain('holds data');
  const dropped = await plumbline('deploy', '--dry-run', '--replace-data');
  expect(dropped.stdout).toMatch(
    /SecretACTIVITYTOKEN\w* holds data. It is deleted at once and for/,
  );
  await writeFile(file, awsProjectFiles['sources/activity.ts']);
  const back = await plumbline('diff');
  expect(back.stdout).toContain('Changes  none');
  expect(cloud.secrets.get(name)).toBe('of-the-tests');
});

test('a deployment that fails tells the reason that CloudFormation gave', async () => {
  await appendFile(join(project.dir, 'sources', 'payments.ts'), '\n// changed\n');
  const topic = Object.keys(cloud.stacks.get(awsProjectStack)?.template.Resources ?? {})[0] ?? '';
  cloud.failAt(topic, 'The quota of VPCs is used up');
  await writeFile(
    join(project.dir, 'plumbline.aws.ts'),
    awsProjectFiles['plumbline.aws.ts'].replace('it@test.example', 'ops@test.example'),
  );
  const result = await plumbline('deploy', '--yes', '--json');
  expect(result.exitCode).toBe(3);
  expect(result.json()).toMatchObject({
    ok: false,
    error: {
      code: 'aws-deploy-failed',
      message: expect.stringContaining('The quota of VPCs is used up'),
    },
  });
  expect(result.stdout).toContain('UPDATE_ROLLBACK_COMPLETE');
});

test('a migration that fails says that the stack is there, and how to go on', async () => {
  const works = cloud.functions.get(migrate);
  cloud.functions.set(migrate, () => {
    throw new Error('the database is on fire');
  });
  const result = await plumbline('deploy', '--yes');
  expect(result.exitCode).toBe(3);
  expect(result.stderr).toContain('is deployed, but its warehouse could not be migrated');
  expect(result.stderr).toContain('the database is on fire');
  if (works !== undefined) cloud.functions.set(migrate, works);
});

test('destroy says what goes and stays, and wants the name of the stack', async () => {
  const unnamed = await plumbline('destroy', '--yes');
  expect(unnamed.exitCode).toBe(2);
  expect(unnamed.stderr).toContain(`--yes --name ${awsProjectStack}`);
  const other = await plumbline('destroy', '--yes', '--name', 'plumbline-other');
  expect(other.exitCode).toBe(2);
  expect(other.stderr).toContain("the stack of this project is 'plumbline-test-co'");
  const dry = await plumbline('destroy', '--dry-run');
  expect(dry.stdout).toMatch(/Stays {2}the bucket .*with every file and kept copy/);
  expect(dry.stdout).toMatch(/Stays {2}a last snapshot of the database/);
  expect(dry.exitCode).toBe(0);
  expect(cloud.changes()).toEqual([]);
  expect(cloud.stacks.has(awsProjectStack)).toBe(true);
});

test('destroy takes the protection off, removes the stack, and tells what is left', async () => {
  const result = await plumbline('destroy', '--yes', '--name', awsProjectStack);
  expect(result.stderr).toBe('');
  expect(result.exitCode).toBe(0);
  expect(result.stdout).toMatch(/✓ Unprotected +deletion protection is off/);
  expect(result.stdout).toContain('What is left costs until it is removed');
  expect(cloud.stacks.has(awsProjectStack)).toBe(false);
  // What is stuck can only be deleted, and is.
  cloud.putStack(awsProjectStack, { Resources: {} }, 'DELETE_FAILED');
  const stuck = await plumbline('destroy', '--yes', '--name', awsProjectStack);
  expect(stuck).toMatchObject({ exitCode: 0, stderr: '' });
  expect(cloud.stacks.has(awsProjectStack)).toBe(false);
  const again = await plumbline('destroy', '--yes', '--name', awsProjectStack);
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('error[aws-not-deployed]');
});

test('interrupted it says in what state things are; CloudFormation goes on, and so does deploy', async () => {
  const { finish } = cloud.hold(awsProjectStack);
  const deploying = plumbline('deploy', '--yes');
  while (!cloud.asked.includes('cloudformation:ExecuteChangeSet')) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  commandLine.interrupt();
  const { exitCode, stdout } = await deploying;
  expect(exitCode).toBe(130);
  expect(stdout).toContain('CloudFormation goes on by itself');
  expect(stdout).toContain('CREATE_IN_PROGRESS');
  const early = await plumbline('deploy', '--yes');
  expect(early.stderr).toContain('is being changed right now: CREATE_IN_PROGRESS');
  finish();
  expect((await plumbline('deploy', '--yes')).exitCode).toBe(0);
  expect(cloud.invoked.slice(-2)).toEqual([
    { name: migrate, event: { kind: 'migrate' } },
    { name: `${awsProjectStack}-release`, event: { kind: 'release', cause: 'deploy' } },
  ]);
});

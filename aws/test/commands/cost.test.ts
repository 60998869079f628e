import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { createProjectFolder } from '../../../test/helpers/project-folder.ts';
import type { ProjectFolder } from '../../../test/helpers/project-folder.ts';
import { startCommandLine } from '../helpers/start-command-line.ts';
import type { CommandLine } from '../helpers/start-command-line.ts';

const folders: ProjectFolder[] = [];
let commandLine: CommandLine;
beforeAll(() => {
  commandLine = startCommandLine();
});
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});
afterAll(() => commandLine.stop());

const files = {
  'plumbline.config.ts': `import { defineConfig } from 'plumbline';
export default defineConfig({ company: 'North Star', zone: 'America/New_York' });
`,
  'sources/tax.ts': `import { column, csv, every, folder, http, setting } from 'plumbline';
export default csv({
  from: folder('data/tax/*.csv'),
  columns: { id: column.integer({ required: true }) },
  schedule: every.month().onDay(30).at('09:00'),
});
`,
  'sources/rates.ts': `import { column, csv, every, http, setting } from 'plumbline';
export default csv({
  from: http(setting('RATES_URL')),
  columns: { id: column.integer({ required: true }) },
  schedule: every.day().at('02:30'),
});
`,
};

async function projectFolder(): Promise<string> {
  const folder = await createProjectFolder(files);
  folders.push(folder);
  return folder.dir;
}

test('cost shows both sizes of a project that has no settings for AWS', async () => {
  const dir = await projectFolder();
  const { stdout, stderr, exitCode } = await commandLine.run(['cost', '--project', dir]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('North Star on AWS, a month in us-east-1: small, nat-instance');
  expect(stdout).toContain('North Star on AWS, a month in us-east-1: standard, nat-gateway');
  expect(stdout).toMatch(/database {4}RDS instance db\.t4g\.micro +730 hours +0\.016 +11\.68/);
  expect(stdout).toMatch(/small +none .* does not work: sources\/rates\.ts reads from outside AWS/);
  expect(stdout).toContain('There is no plumbline.aws.ts yet');

  const json = await commandLine.run(['cost', '--project', dir, '--load', 'light', '--json']);
  const value = json.json() as {
    plans: { size: string; lines: { cents: number }[]; totalCents: number }[];
    modes: unknown[];
  };
  expect(value.plans.map(({ size }) => size)).toEqual(['small', 'standard']);
  expect(value.modes).toHaveLength(6);
  for (const { lines, totalCents } of value.plans) {
    expect(lines.reduce((sum, { cents }) => sum + cents, 0)).toBe(totalCents);
  }
});

test('init --aws, then check --aws: what is to be filled in, found at once; then nothing', async () => {
  const dir = await projectFolder();
  const written = await commandLine.run(['init', '--aws', '--project', dir]);
  expect(written).toMatchObject({ exitCode: 0, stderr: '' });
  expect(written.stdout).toContain(
    "sources/tax.ts reads a folder; from: s3('<bucket>/tax/*.csv', { local: 'data/tax/*.csv' })",
  );
  const path = join(dir, 'plumbline.aws.ts');
  const template = await readFile(path, 'utf8');
  expect(template).toContain("RATES_URL: '',");

  const again = await commandLine.run(['init', '--aws', '--project', dir]);
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toContain('--force');
  expect(await readFile(path, 'utf8')).toBe(template);

  const unfilled = await commandLine.run(['check', '--aws', '--project', dir]);
  expect(unfilled.exitCode).toBe(1);
  for (const place of ['region', 'proxy.certificate.because', 'proxy.ami', 'alarms.mail']) {
    expect(unfilled.stderr).toContain(`plumbline.aws.ts, ${place}: `);
  }
  const priced = await commandLine.run(['cost', '--project', dir]);
  expect(priced.exitCode).toBe(0);
  expect(priced.stdout + priced.stderr).toContain('not right yet in region, proxy, alarms');

  await writeFile(
    path,
    template
      .replace('FILL-IN-THE-REGION', 'eu-central-1')
      .replace("because: ''", "because: 'a trial without a domain'")
      .replace('ami-FILL-IN', 'ami-0123456789abcdef0')
      .replace('mail: []', "mail: ['it@north.example']"),
  );
  const incomplete = await commandLine.run(['check', '--aws', '--project', dir]);
  expect(incomplete.exitCode).toBe(1);
  expect(incomplete.stderr).toContain('sources/tax.ts, from: reads a folder');
  expect(incomplete.stderr).toContain(
    "variables.RATES_URL: sources/rates.ts reads setting('RATES_URL')",
  );

  await writeFile(
    path,
    (await readFile(path, 'utf8')).replace("RATES_URL: ''", "RATES_URL: 'https://r.example/a.csv'"),
  );
  await writeFile(
    join(dir, 'sources/tax.ts'),
    files['sources/tax.ts']
      .replace('folder, http, setting', 's3')
      .replace(
        "folder('data/tax/*.csv')",
        "s3('tax-files/tax/*.csv', { local: 'data/tax/*.csv' })",
      ),
  );
  const right = await commandLine.run(['check', '--aws', '--project', dir]);
  expect(right.stderr).toBe('');
  expect(right.exitCode).toBe(0);
  expect(right.stdout).toContain('cron(0 9 30 1,3-12 ? *)');
  expect(right.stdout).toContain('cron(0 3 ? 3 SUN *)');
  expect(right.stdout).toContain(
    "Given up: proxy.certificate is 'self-signed', because: a trial without a domain",
  );
});

test.each([
  [['--size', 'large'], "--size is 'large'; expected small or standard"],
  [['--load', 'hevy'], 'did you mean heavy'],
])('cost %j is refused', async (args, message) => {
  const dir = await projectFolder();
  const { exitCode, stderr } = await commandLine.run(['cost', '--project', dir, ...args]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

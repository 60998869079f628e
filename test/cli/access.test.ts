import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { connectClient } from '../../src/warehouse/connections.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { createProjectFolder } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

/** Roles are the cluster's: a name of the test's own. */
const user = `bi_${randomBytes(5).toString('hex')}`;
let folder: ProjectFolder;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;

const plumbline = (args: readonly string[], env = {}): Promise<CommandResult> =>
  runPlumbline(['access', ...args, '--project', folder.dir], {
    env: { DATABASE_URL: database.url, ...env },
  });

const declare = (users: string): Promise<void> =>
  folder.write({
    'plumbline.config.ts': `import { defineConfig } from 'plumbline';
export default defineConfig({ company: 'Test', access: {
  allow: [{ cidr: '203.0.113.0/24', note: 'office' }], users: { ${users} } } });
`,
  });

async function logIn(password: string): Promise<unknown> {
  const url = new URL(database.url);
  url.username = user;
  url.password = password;
  const client = await connectClient({ connectionString: url.href }, 'test');
  const { rows } = await client.query('select current_user::text as name');
  await client.end();
  return rows[0]?.name;
}

beforeAll(async () => {
  database = await createEmptyDatabase();
  folder = await createProjectFolder({ 'models/marts/one.sql': 'select 1 as one' });
  await declare(`${user}: { schemas: ['marts'] }`);
}, 120_000);
afterAll(async () => {
  await database.drop();
  const url = new URL(database.url);
  url.pathname = '/postgres';
  const admin = await connectClient({ connectionString: url.href }, 'test');
  await admin.query(`drop role if exists ${user}`);
  await admin.end();
  await folder.remove();
});

test('the plan is shown, and only --apply does it; the password is shown once', async () => {
  const shown = await plumbline([]);
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout).toMatch(new RegExp(`${user} +marts +5 +cannot log in yet`));
  expect(shown.stdout).toMatch(/203\.0\.113\.0\/24 +office/);
  expect(shown.stdout).toContain(`+ ${user} reads schema marts`);
  expect(shown.stdout).toContain('Nothing was changed. Apply it with');
  await expect(logIn('whatever-it-is')).rejects.toThrow('password authentication failed');
  expect((await plumbline(['--sql'])).stdout).toContain(`create role "${user}" login`);

  const applied = await plumbline(['--apply']);
  expect(applied.exitCode).toBe(0);
  const [, password = ''] = new RegExp(`${user} +(\\S{32})$`, 'm').exec(applied.stdout) ?? [];
  expect(await logIn(password)).toBe(user);
  expect(applied.stdout).toContain(`psql 'postgresql://${user}@127.0.0.1:`);

  const after = await plumbline([]);
  expect(after.stdout).toContain('lets in these and nobody else');
  expect(after.stdout + (await plumbline(['--apply'])).stdout).not.toContain(password);
});

test('--rotate gives a new password, its own or one of a file or variable', async () => {
  const rotated = await plumbline(['--rotate', user, '--json']);
  const { passwords } = rotated.json() as { passwords: Record<string, string> };
  expect(await logIn(passwords[user] ?? '')).toBe(user);

  const file = join(folder.dir, 'passwords');
  await writeFile(file, `${user}=out-of-the-file-it-came\n`, { mode: 0o600 });
  const fromFile = await plumbline(['--rotate', user, '--password-file', file]);
  expect(fromFile.stdout).toContain(`The password given is now that of ${user}`);
  expect(fromFile.stdout).not.toContain('out-of-the-file');
  expect(await logIn('out-of-the-file-it-came')).toBe(user);

  const variable = `PLUMBLINE_PASSWORD_${user.toUpperCase()}`;
  await plumbline(['--rotate', user], { [variable]: 'out-of-the-environment' });
  expect(await logIn('out-of-the-environment')).toBe(user);
  const weak = await plumbline(['--rotate', user, '--json'], { [variable]: 'weak-one' });
  expect([weak.exitCode, weak.stdout]).toEqual([2, expect.not.stringContaining('weak-one')]);
  expect(await logIn('out-of-the-environment')).toBe(user);
});

test('wrong usage says what is meant', async () => {
  const misspelt = await plumbline(['--rotate', `${user}x`]);
  expect([misspelt.exitCode, misspelt.stderr]).toEqual([
    2,
    expect.stringContaining(`Did you mean \`--rotate ${user}\``),
  ]);
  const pointless = await plumbline(['--password-file', 'x']);
  expect([pointless.exitCode, pointless.stderr]).toEqual([
    2,
    expect.stringContaining('Add --apply or --rotate USER'),
  ]);
  const absent = await plumbline(['--rotate', user, '--password-file', '/not/there']);
  expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringContaining('ENOENT')]);
  await declare(`${user}: { schemas: ['clean'] }`);
  const pending = await plumbline(['--rotate', user]);
  expect([pending.exitCode, pending.stderr]).toEqual([
    2,
    expect.stringContaining(`plumbline access --apply --rotate ${user}`),
  ]);
});

test('who is declared no more is locked out', async () => {
  await declare('');
  const { steps } = (await plumbline(['--json'])).json() as { steps: { text: string }[] };
  expect(steps.map((step) => step.text).join('\n')).toContain('declared no more');
  expect(await logIn('out-of-the-environment')).toBe(user);
  const applied = (await plumbline(['--apply', '--json'])).json();
  expect(applied).toMatchObject({ applied: true, passwords: {}, passwordsOf: [] });
  await expect(logIn('out-of-the-environment')).rejects.toThrow(/not permitted|password/);
});

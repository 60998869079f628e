import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { startMailCatcher } from '../digest/mail-catcher.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';

/** A project as `init` writes it, loaded and released. */
let parent: string;
let dir: string;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'plumbline-digest-'));
  dir = join(parent, 'north-star');
  database = await createEmptyDatabase();
  await runPlumbline(['init', dir]);
  await plumbline(['run']);
});
afterAll(async () => {
  await database.drop();
  await rm(parent, { recursive: true });
});

const plumbline = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  runPlumbline([...args, '--project', dir], {
    cwd: parent,
    env: { DATABASE_URL: database.url, ...env },
  });

test('without a name it lists the digests and when each is due', async () => {
  const result = await runPlumbline(['digest', '--json', '--project', dir]);
  expect(result.json()).toEqual([
    {
      digest: 'morning-sales',
      title: 'Sales of the last 30 days',
      schedule: 'every day at 08:00',
      next: expect.stringMatching(/^20\d\d-.*Z$/u),
      recipients: ['sales@example.com'],
    },
  ]);
  expect(result.exitCode).toBe(0);
});

test('it is written to the outbox, in one line that says where', async () => {
  const result = await plumbline(['digest', 'morning-sales', '--date', '2026-06-30']);
  expect(result.stderr).toBe('');
  expect(result.stdout).toBe('outbox: north-star/.plumbline/outbox/2026-06-30-morning-sales.eml\n');
  expect(result.exitCode).toBe(0);
  const file = join(parent, result.stdout.slice('outbox: '.length).trim());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const mail = await simpleParser(await readFile(file));
  expect(mail.subject).toMatch(/^Sales of the last 30 days – Tue 30 June 2026: /u);
});

test('--out writes that file; --json says what it is', async () => {
  const result = await plumbline(['digest', 'morning-sales', '--out', 'sales.eml', '--json']);
  expect(result.json()).toEqual({
    ok: true,
    digest: 'morning-sales',
    state: 'written',
    subject: expect.stringMatching(/^Sales of the last 30 days – /u),
    recipients: ['sales@example.com'],
    file: join(parent, 'sales.eml'),
  });
  expect((await readFile(join(parent, 'sales.eml'))).length).toBeGreaterThan(5000);
});

test('with a mail server it is sent, and the password is nowhere', async () => {
  const server = await startMailCatcher({
    smtp: {
      allowInsecureAuth: true,
      onAuth: (auth, _, done) =>
        auth.password === 'canary-right'
          ? done(null, { user: auth.username })
          : done(new Error(`${auth.password} is wrong`)),
    },
  });
  onTestFinished(() => server.close());
  const url = (password: string): string => `smtp://mailer:${password}@127.0.0.1:${server.port}`;
  const sent = await plumbline(['digest', 'morning-sales'], { SMTP_URL: url('canary-right') });
  expect(sent).toMatchObject({ stdout: 'sent to sales@example.com\n', stderr: '', exitCode: 0 });
  expect(server.mails).toHaveLength(1);
  const failed = await plumbline(['digest', 'morning-sales', '--debug'], {
    SMTP_URL: url('canary-wrong'),
  });
  expect(failed.exitCode).toBe(3);
  expect(failed.stderr).toContain(`not sent: sales@example.com: 127.0.0.1:${server.port}`);
  expect(failed.stdout + failed.stderr).not.toContain('canary');
  expect(server.mails).toHaveLength(1);
});

test('it is held while newer data fails its checks, exit code 1', async () => {
  const check = join(dir, 'checks', 'never.sql');
  await writeFile(check, 'select client from marts.sales_daily\n');
  expect((await plumbline(['run'])).exitCode).toBe(1);
  const result = await plumbline(['digest', 'morning-sales']);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(
    /^held: A check of the newest data failed: never\.\n {2}notice: north-star\/\.plumbline\/outbox\/\d{4}-\d\d-\d\d-morning-sales-held\.eml\n$/u,
  );
});

test('a day that is none is wrong usage', async () => {
  const result = await plumbline(['digest', 'morning-sales', '--date', 'yesterday']);
  expect(result.stderr).toContain("--date is 'yesterday'; expected a day such as 2026-06-30.");
  expect(result.exitCode).toBe(2);
});

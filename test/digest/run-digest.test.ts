import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { runDigest } from '../../src/digest/run-digest.ts';
import type { DigestResult, RunDigestOptions } from '../../src/digest/run-digest.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { addDelivery, addRelease, costs, costsProject, createCosts } from './digest-project.ts';
import { startMailCatcher } from './mail-catcher.ts';
import type { CatcherOptions, MailCatcher } from './mail-catcher.ts';

const occurrence = '2026-06-30T06:00:00Z';
let database: TestDatabase;
let dir: string;

beforeAll(async () => {
  database = await createDatabase();
  await createCosts(database);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.warehouse.pool('owner').query(
    `truncate plumbline.outbox, plumbline.check_result, plumbline.release, plumbline.horizon,
              plumbline.batch, plumbline.delivery cascade`,
  );
  dir = await mkdtemp(join(tmpdir(), 'plumbline-outbox-'));
  return () => rm(dir, { recursive: true });
});

function run(changes: Partial<RunDigestOptions> = {}): Promise<DigestResult> {
  return runDigest({
    name: 'morning-costs',
    digest: costs,
    project: costsProject,
    mail: { from: 'Acme <numbers@acme.example>', smtp: undefined, dashboards: undefined },
    warehouse: database.warehouse,
    outboxDir: join(dir, 'outbox'),
    occurrence,
    now: () => '2026-06-30T06:00:01Z',
    pause: () => Promise.resolve(),
    timeouts: { connectMs: 3000, answerMs: 3000 },
    ...changes,
  });
}

/** A released, fresh and verified warehouse. */
async function beReady(): Promise<void> {
  await addDelivery(database, { source: 'payments', landedAt: '2026-06-29T04:00:00Z' });
  await addRelease(database, { at: '2026-06-30T04:04:00Z', checks: { a: 'passed', b: 'passed' } });
}

async function outbox(): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await database.warehouse
    .pool('reader')
    .query<Record<string, unknown>>(
      'select recipient, state, reason from plumbline.outbox order by occurrence, id',
    );
  return rows;
}

async function catcher(options?: CatcherOptions): Promise<{
  mail: RunDigestOptions['mail'];
  server: MailCatcher;
}> {
  const server = await startMailCatcher(options);
  onTestFinished(() => server.close());
  const mail = { from: 'numbers@acme.example', smtp: server.url, dashboards: undefined };
  return { mail, server };
}

const recipients = (mails: readonly ParsedMail[]): readonly string[] =>
  mails.map((mail) => [mail.to].flat()[0]?.text ?? '');

describe('without a mail server', () => {
  test('it is a file that only its owner can read', async () => {
    await beReady();
    const result = await run();
    const file = join(dir, 'outbox', '2026-06-30-morning-costs.eml');
    expect(result).toEqual({
      ok: true,
      digest: 'morning-costs',
      state: 'written',
      subject: 'Morning costs – Tue 30 June 2026: €30,516 (▼ 0.6%)',
      recipients: ['ops@acme.example', 'boss@acme.example'],
      file,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir, 'outbox'))).toEqual(['2026-06-30-morning-costs.eml']);
    const mail = await simpleParser(await readFile(file));
    expect(mail.subject).toBe(result.subject);
    expect(recipients([mail])).toEqual(['ops@acme.example, boss@acme.example']);
    expect(mail.text).toContain('all 2 checks passed');
    expect(await outbox()).toEqual([
      { recipient: 'ops@acme.example', state: 'written', reason: null },
      { recipient: 'boss@acme.example', state: 'written', reason: null },
    ]);
  });

  test('--out writes that file and nothing else', async () => {
    await beReady();
    const out = join(dir, 'new', 'costs.eml');
    expect(await run({ out, day: '2026-05-31' })).toMatchObject({
      state: 'written',
      file: out,
      subject: expect.stringContaining('Sun 31 May 2026') as string,
    });
    expect(await readdir(dir)).toEqual(['new']);
    expect(await outbox()).toEqual([]);
  });

  test('a place that cannot be written to is named', async () => {
    await beReady();
    await expect(run({ out: dir })).rejects.toMatchObject({
      code: 'mail-unwritable',
      message: expect.stringContaining(dir) as string,
    });
  });
});

describe('it is held', () => {
  const cases: Record<string, { arrange: () => Promise<unknown>; reason: RegExp }> = {
    'before the first release': {
      arrange: () => Promise.resolve(),
      reason: /^Nothing has been released yet\.$/u,
    },
    'while newer data failed a check': {
      arrange: async () => {
        await beReady();
        await addRelease(database, {
          at: '2026-06-30T05:00:00Z',
          state: 'held',
          checks: { orders_have_clients: 'failed', other: 'passed' },
        });
      },
      reason: /^A check of the newest data failed: orders_have_clients\.$/u,
    },
    'when the first release failed': {
      arrange: () =>
        addRelease(database, {
          at: '2026-06-30T05:00:00Z',
          state: 'held',
          error: 'marts.costs: invalid input syntax for type numeric: "98765"',
        }),
      reason: /^The newest data could not be released\. marts\.costs: .*"98765"$/u,
    },
    'when a source under it is late': {
      arrange: async () => {
        await addDelivery(database, { source: 'payments', landedAt: '2026-06-12T04:00:00Z' });
        await addRelease(database, { at: '2026-06-30T04:04:00Z' });
      },
      reason:
        /^payments is late: its last delivery is of 12 Jun 2026, 06:00, older than 15 days\.$/u,
    },
    'when nothing of a source under it has come': {
      arrange: () => addRelease(database, { at: '2026-06-30T04:04:00Z' }),
      reason: /^payments is missing: nothing of it has been released\.$/u,
    },
    'when what has come is not released yet': {
      arrange: async () => {
        await addDelivery(database, { source: 'payments', landedAt: '2026-06-12T04:00:00Z' });
        await addRelease(database, { at: '2026-06-12T04:04:00Z' });
        await addDelivery(database, {
          source: 'payments',
          landedAt: '2026-06-30T05:00:00Z',
          released: false,
        });
      },
      reason: /^payments is late: /u,
    },
  };
  for (const [when, { arrange, reason }] of Object.entries(cases)) {
    test(`${when}, and the notice has no number of the data in it`, async () => {
      await arrange();
      const result = await run();
      const file = join(dir, 'outbox', '2026-06-30-morning-costs-held.eml');
      expect(result).toMatchObject({ ok: false, state: 'held', file });
      expect(result.reason).toMatch(reason);
      expect(result.subject).toBe('Morning costs – Tue 30 June 2026: held back');
      const mail = await simpleParser(await readFile(file));
      const shown = `${mail.text ?? ''}${String(mail.html)}`;
      // Amounts have a currency or decimals; 98765 stands in the database's own words.
      expect(shown).not.toMatch(/€|98765|30,516|\d\.\d\d\b/u);
      expect(mail.attachments).toEqual([]);
      expect((await outbox()).map((row) => row['state'])).toEqual(['held', 'held']);
    });
  }

  test('when a tile cannot be computed', async () => {
    await beReady();
    const tiles = costs.tiles.with(2, {
      kind: 'table',
      title: 'Broken',
      sql: `select amount, 'value 4711'::int from marts.costs`,
    });
    const result = await run({ digest: { ...costs, tiles } });
    expect(result).toMatchObject({
      ok: false,
      state: 'held',
      reason: expect.stringMatching(/^“Broken” could not be computed\. .*value 4711/u) as string,
    });
    const mail = await simpleParser(await readFile(result.file ?? ''));
    expect(mail.text).toContain('- “Broken” could not be computed.');
    expect(mail.text).not.toContain('4711');
  });

  test('and nothing is written to --out', async () => {
    const result = await run({ out: join(dir, 'costs.eml') });
    expect(result).toMatchObject({ ok: false, state: 'held' });
    expect(result.file).toBeUndefined();
    expect(await readdir(dir)).toEqual([]);
  });

  test('until its data has come: then the same occurrence goes out', async () => {
    const { mail, server } = await catcher();
    expect(await run({ mail })).toMatchObject({ state: 'held' });
    expect(await run({ mail })).toMatchObject({ state: 'held' });
    expect(server.mails.map((each) => each.subject)).toEqual([
      'Morning costs – Tue 30 June 2026: held back',
      'Morning costs – Tue 30 June 2026: held back',
    ]);
    await beReady();
    expect(await run({ mail })).toMatchObject({ state: 'sent', ok: true });
    expect(server.mails).toHaveLength(4);
    expect(new Set(server.mails.map((each) => each.messageId)).size).toBe(4);
  });
});

test('a source that is not under it may be late; a check that warns and a refused delivery are said', async () => {
  await beReady();
  await addDelivery(database, { source: 'tax', landedAt: '2026-01-01T00:00:00Z' });
  await addDelivery(database, {
    source: 'payments',
    landedAt: '2026-06-30T05:00:00Z',
    state: 'rejected',
    released: false,
  });
  await addRelease(database, {
    at: '2026-06-30T05:01:00Z',
    checks: { a: 'passed', orders_have_clients: 'warned' },
  });
  const result = await run();
  expect(result.state).toBe('written');
  const mail = await simpleParser(await readFile(result.file ?? ''));
  expect(mail.text).toContain('1 of 2 checks warned');
  expect(mail.text).toContain('! Check warned: orders_have_clients, 3 rows.');
  expect(mail.text).toContain('! payments: its newest delivery is not in these numbers.');
});

describe('with a mail server', () => {
  beforeEach(beReady);

  test('each recipient gets a mail of their own', async () => {
    const { mail, server } = await catcher();
    const result = await run({ mail });
    expect(result).toMatchObject({ ok: true, state: 'sent' });
    expect(result.file).toBeUndefined();
    expect(recipients(server.mails)).toEqual(['ops@acme.example', 'boss@acme.example']);
    expect(server.mails[0]?.attachments.map((image) => image.contentType)).toEqual([
      'image/png',
      'image/png',
    ]);
    const { rows } = await database.warehouse.pool('reader').query<Record<string, unknown>>(
      `select state, message_id, subject, sent_at is not null as dated, release_id is not null as released
         from plumbline.outbox order by id`,
    );
    expect(rows).toEqual(
      server.mails.map((each) => ({
        state: 'sent',
        message_id: each.messageId,
        subject: each.subject,
        dated: true,
        released: true,
      })),
    );
  });

  test('the same occurrence again, and twice at once, is one mail', async () => {
    const { mail, server } = await catcher();
    const results = await Promise.all([run({ mail }), run({ mail }), run({ mail })]);
    results.push(await run({ mail }));
    expect(results.map((result) => result.state)).toEqual(['sent', 'sent', 'sent', 'sent']);
    expect(recipients(server.mails)).toEqual(['ops@acme.example', 'boss@acme.example']);
  });

  test('the next occurrence is another mail', async () => {
    const { mail, server } = await catcher();
    await run({ mail });
    await run({ mail, occurrence: '2026-07-01T06:00:00Z', day: '2026-06-30' });
    expect(server.mails).toHaveLength(4);
  });

  test('a refusal that passes is tried again, one that lasts is not', async () => {
    const pauses: number[] = [];
    const pause = (ms: number): Promise<void> => {
      pauses.push(ms);
      return Promise.resolve();
    };
    // The first recipient: 451, 451, taken. The second: 550.
    const { mail, server } = await catcher({
      recipient: (attempt) => (attempt < 2 ? 451 : attempt === 2 ? 'take' : 550),
    });
    expect(await run({ mail, pause })).toMatchObject({
      ok: false,
      state: 'failed',
      reason: expect.stringMatching(/^boss@acme\.example: 127\.0\.0\.1:\d+: .*550/u) as string,
    });
    expect(pauses).toEqual([2000, 15_000]);
    expect(recipients(server.mails)).toEqual(['ops@acme.example']);
    expect((await outbox()).map((row) => row['state'])).toEqual(['sent', 'failed']);
  });

  test('what was refused goes out when the occurrence is run again', async () => {
    const { mail, server } = await catcher({ answer: (attempt) => (attempt < 2 ? 554 : 'take') });
    expect(await run({ mail })).toMatchObject({ state: 'failed' });
    expect(await run({ mail })).toMatchObject({ state: 'sent' });
    expect(recipients(server.mails)).toEqual(['ops@acme.example', 'boss@acme.example']);
  });

  test('a server that dies after the content: unknown, and no second mail', async () => {
    const { mail, server } = await catcher({
      answer: (attempt) => (attempt === 0 ? 'cut' : 'take'),
    });
    expect(await run({ mail })).toMatchObject({ ok: false, state: 'unknown' });
    expect(await run({ mail })).toMatchObject({ ok: false, state: 'unknown' });
    expect(server.attempts).toHaveLength(2);
    expect(recipients(server.mails)).toEqual(['boss@acme.example']);
    expect((await outbox()).map((row) => row['state'])).toEqual(['unknown', 'sent']);
  });

  test('a process that died while sending: unknown at the next look, and no second mail', async () => {
    await database.warehouse.pool('loader').query(
      `insert into plumbline.outbox (digest, occurrence, recipient, state)
       values ('morning-costs', $1, 'ops@acme.example', 'sending'),
              ('morning-costs', '2026-06-29T06:00:00Z', 'boss@acme.example', 'sending'),
              ('other', $1, 'boss@acme.example', 'sending')`,
      [occurrence],
    );
    const warnings: string[] = [];
    const { mail, server } = await catcher();
    const result = await run({ mail, warn: (message) => warnings.push(message) });
    expect(result).toMatchObject({ ok: false, state: 'unknown' });
    expect(warnings.toSorted()).toEqual([
      expect.stringContaining(
        'the mail of 2026-06-29T06:00:00Z to boss@acme.example may or may not',
      ),
      expect.stringContaining(
        'the mail of 2026-06-30T06:00:00Z to ops@acme.example may or may not',
      ),
    ]);
    expect(recipients(server.mails)).toEqual(['boss@acme.example']);
    const { rows } = await database.warehouse
      .pool('reader')
      .query<{ state: string }>(`select state from plumbline.outbox where digest = 'other'`);
    expect(rows).toEqual([{ state: 'sending' }]);
  });

  for (const when of ['recipient', 'answer'] as const) {
    test(`killed while the server answers the ${when === 'answer' ? 'content' : 'recipient'}: no second mail`, async () => {
      let child: ChildProcess | undefined;
      const { mail, server } = await catcher({
        [when]: () => {
          if (child === undefined) return 'take';
          child.kill('SIGKILL');
          child = undefined;
          return when === 'answer' ? 'take' : 'cut';
        },
      });
      const script = fileURLToPath(new URL('send-child.ts', import.meta.url));
      child = spawn(
        process.execPath,
        ['--import', 'tsx', script, database.url, mail.smtp ?? '', occurrence],
        { stdio: 'inherit' },
      );
      await once(child, 'exit');
      expect(await outbox()).toEqual([
        { recipient: 'ops@acme.example', state: 'sending', reason: null },
      ]);
      expect(await run({ mail })).toMatchObject({ ok: false, state: 'unknown' });
      expect((await outbox()).map((row) => row['state'])).toEqual(['unknown', 'sent']);
      // The server had taken the whole content of the first before the process died.
      expect(recipients(server.mails)).toEqual(
        when === 'answer' ? ['ops@acme.example', 'boss@acme.example'] : ['boss@acme.example'],
      );
    });
  }

  test('an unreachable server is tried three times in all, not for each recipient', async () => {
    const { port, close } = await startMailCatcher();
    await close();
    let pauses = 0;
    const smtp = `smtp://mailer:canary-password@127.0.0.1:${port}`;
    const result = await run({
      mail: { from: 'numbers@acme.example', smtp, dashboards: undefined },
      pause: () => {
        pauses += 1;
        return Promise.resolve();
      },
    });
    expect(result).toMatchObject({ ok: false, state: 'failed' });
    expect(pauses).toBe(2);
    expect(JSON.stringify([result, await outbox()])).not.toContain('canary');
  });

  test('an address that would be two is refused before anything leaves', async () => {
    const { mail, server } = await catcher();
    const to = ['ops@acme.example\r\nBcc: everyone@evil.example'];
    await expect(run({ mail, digest: { ...costs, to } })).rejects.toMatchObject({
      code: 'mail-invalid',
    });
    await expect(
      run({ mail: { ...mail, from: 'a@acme.example, b@evil.example' } }),
    ).rejects.toMatchObject({ code: 'mail-invalid' });
    expect(server.attempts).toEqual([]);
    expect(await outbox()).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { readProject } from '../../../src/project/read-project.ts';
import { runProject } from '../../../src/run/run-project.ts';
import { previousOccurrence } from '../../../src/schedule/calendar.ts';
import { connectClient } from '../../../src/warehouse/connections.ts';
import { startMailCatcher } from '../../../test/digest/mail-catcher.ts';
import { createDatabase } from '../../../test/helpers/database.ts';
import { startMotoStore } from '../../../test/helpers/s3-store.ts';
import type { S3Bucket } from '../../../test/helpers/s3-store.ts';
import { stubBucket } from '../../../test/helpers/s3-stub.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import {
  type AcmeOnAws,
  masterUser,
  startAcmeOnAws,
  tableauPassword,
} from '../helpers/acme-on-aws.ts';
import { createAuthority } from '../helpers/certificates.ts';
import { callsOf, isCovered, rightsOf } from '../helpers/rights.ts';
import type { InvocationResult, Lambda } from '../helpers/runtime-api.ts';
import { synthesized } from '../helpers/synthesized.ts';

/** Everything here is one story: what a function left is what the next one finds. */
const today = new Date().toISOString().slice(0, 10);
const zone = 'Europe/Berlin';
let acme: AcmeOnAws;

beforeAll(async () => {
  acme = await startAcmeOnAws(today);
}, 300_000);
afterAll(async () => acme.close());

// Every connection of an invocation is closed again; Postgres takes a moment to end its session.
afterEach(async () => {
  await vi.waitFor(
    async () => {
      const open = await acme.query(
        `select usename, state, query from pg_stat_activity where usename ~ '^plumbline_(owner|loader|reader)$'`,
      );
      if (open.length > 0) throw new Error(`left open: ${JSON.stringify(open)}`);
    },
    { timeout: 20_000, interval: 50 },
  );
});

const payloadOf = (result: InvocationResult): unknown =>
  result.kind === 'response' ? result.payload : result;

/** The firing of a job's schedule that is the last one before now. */
async function firingOf(
  job: string,
): Promise<{ kind: string; job: string; scheduledTime: string }> {
  const project = await readProject(acme.dir);
  const { schedule } = project.sources.get(job) ?? project.digests.get(job) ?? {};
  if (schedule === undefined) throw new Error(`${job} has no schedule`);
  const scheduledTime = previousOccurrence(schedule, {
    atOrBefore: new Date().toISOString(),
    zone,
  });
  return { kind: 'schedule', job, scheduledTime: scheduledTime ?? '' };
}

/** What a function told of late sources so far. */
const lateIn = (lambda: Lambda): readonly unknown[] =>
  lambda.logs().flatMap(({ SourcesLate }) => (SourcesLate === undefined ? [] : [SourcesLate]));

const releases = (): number =>
  acme.stubs.invoked.filter(({ functionName }) => functionName === 'acme-release').length;

const runsOf = (job: string) =>
  acme.query(
    `select state, trigger, attempts, occurrence is not null as scheduled from plumbline.run where job = $1 order by id`,
    [job],
  );

describe('before the first deploy has migrated', () => {
  it('a load waits for nothing and says what to do', async () => {
    const lambda = await acme.start('ingest-payments');
    const result = await lambda.invoke({ kind: 'run', job: 'payments' });
    expect(result).toMatchObject({ kind: 'error', type: 'warehouse-unreachable' });
    await lambda.close();
  });
});

describe('migrate', () => {
  let migrate: Lambda;
  beforeAll(async () => {
    migrate = await acme.start('migrate');
  });

  it('makes roles, tables and schedules, and changes nothing the second time', async () => {
    const first = payloadOf(await migrate.invoke({ kind: 'migrate' }));
    expect(first).toMatchObject({
      sources: ['activity', 'operating-costs', 'partner-orders', 'payments', 'tax'],
      jobs: expect.arrayContaining(['morning-costs', 'payments']),
      versions: { node: process.versions.node },
    });
    expect(first).toMatchObject({
      access: { steps: expect.arrayContaining([expect.stringContaining('tableau')]) },
    });
    // Whoever has just deployed gets no mail: nothing is late, and something has run.
    expect(lateIn(migrate)).toEqual([0]);
    // The password of a user is set anew each time, which is no step.
    const again = payloadOf(await migrate.invoke({ kind: 'migrate' }));
    expect(again).toMatchObject({ access: { steps: [] } });
  });

  it('lets the roles log in by tokens of AWS', async () => {
    const roles = await acme.query(
      `select rolname, rolcanlogin, pg_has_role(oid, 'rds_iam', 'member') as iam from pg_roles where rolname ~ '^plumbline_(owner|loader|reader)$'`,
    );
    expect(roles).toHaveLength(3);
    expect(roles.every(({ rolcanlogin, iam }) => rolcanlogin === true && iam === true)).toBe(true);
  });

  it('reads the master password again when it was rotated meanwhile', async () => {
    const { password } = acme.postgres;
    const username = masterUser;
    acme.stubs.setSecret('admin', JSON.stringify({ username, password: 'of-yesterday' }));
    acme.stubs.rotateAfterRead('admin', JSON.stringify({ username, password }));
    expect(await migrate.invoke({ kind: 'status' })).toMatchObject({
      kind: 'response',
      payload: { ok: false, release: null, versions: { node: process.versions.node } },
    });
  });

  it('never writes a password or a token', () => {
    const said = migrate.lines.join('\n');
    expect(said).not.toContain(acme.postgres.password);
    expect(said).not.toContain(tableauPassword);
    expect(said).not.toMatch(/X-Amz-Signature|of-yesterday/);
  });
});

describe('a load by schedule', () => {
  it('loads at the first firing, asks for a release, and does nothing at a second firing', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    const firing = await firingOf('partner-orders');
    const before = releases();
    expect(payloadOf(await lambda.invoke(firing))).toMatchObject({
      job: 'partner-orders',
      outcome: 'loaded',
      occurrence: firing.scheduledTime.replace('.000', ''),
      rows: { read: expect.any(Number) },
    });
    expect(releases()).toBe(before + 1);
    expect(acme.stubs.invoked.at(-1)).toMatchObject({
      type: 'Event',
      payload: { kind: 'release', cause: { job: 'partner-orders' } },
    });
    expect(payloadOf(await lambda.invoke(firing))).toMatchObject({
      outcome: 'nothing-due',
      reason: expect.stringContaining('was run for'),
    });
    expect(await runsOf('partner-orders')).toEqual([
      { state: 'succeeded', trigger: expect.any(String), attempts: 1, scheduled: true },
    ]);
    expect(releases()).toBe(before + 1);
  });

  it('keeps every delivery in the bucket, and nothing on the disk', async () => {
    const kept = acme.s3.keys().filter((key) => key.startsWith('landing/'));
    const [{ count } = {}] = await acme.query(
      `select count(distinct sha256)::int as count from plumbline.delivery`,
    );
    expect(kept).toHaveLength(Number(count));
    expect(await readdir(path.join(acme.temporaryDir, 'plumbline', 'landing'))).toEqual([]);
    expect(kept.every((key) => /^landing\/[0-9a-f]{64}$/.test(key))).toBe(true);
  });

  it('by hand finds nothing new, and asks for a release in any case, as it makes one locally', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    const before = releases();
    expect(payloadOf(await lambda.invoke({ kind: 'run', job: 'partner-orders' }))).toMatchObject({
      outcome: 'loaded',
      rows: { inserted: 0, changed: 0 },
    });
    expect(releases()).toBe(before + 1);
    expect(await runsOf('partner-orders')).toContainEqual({
      state: 'succeeded',
      trigger: 'manual',
      attempts: 1,
      scheduled: false,
    });
  });

  it('asks for a release when it brought nothing, so that one that was lost is made', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    await acme.query(
      `delete from plumbline.run where job = 'partner-orders' and trigger <> 'manual'`,
    );
    const before = releases();
    expect(payloadOf(await lambda.invoke(await firingOf('partner-orders')))).toMatchObject({
      outcome: 'loaded',
      rows: { inserted: 0, changed: 0 },
    });
    expect(releases()).toBe(before + 1);
  });

  it('happens once when the event comes twice at the same time', async () => {
    const firing = await firingOf('operating-costs');
    const two = await Promise.all([
      acme.start('ingest-operating-costs'),
      acme.start('ingest-operating-costs'),
    ]);
    const answers = (await Promise.all(two.map((lambda) => lambda.invoke(firing)))).map(payloadOf);
    const outcomes = answers.map((answer) => (answer as { outcome: string }).outcome);
    expect(outcomes.toSorted()).toEqual(['loaded', 'nothing-due']);
    expect(await runsOf('operating-costs')).toHaveLength(1);
    const [{ twice } = {}] = await acme.query(
      `select count(*)::int as twice from (select sha256 from plumbline.delivery where source = 'operating-costs' group by slot, sha256 having count(*) > 1) d`,
    );
    expect(twice).toBe(0);
  });

  it('is gone on with when the invocation was killed at its deadline', async () => {
    const firing = await firingOf('payments');
    const lambda = await acme.start('ingest-payments');
    let gets = 0;
    let kill = (): void => undefined;
    acme.faultRequests(({ kind, key }) => {
      if (kind !== 'get' || !key.startsWith('payments/')) return undefined;
      gets += 1;
      if (gets !== 4) return undefined;
      kill();
      return 'silent';
    });
    const killed = await lambda.invoke(firing, {
      requestId: 'the-same-event',
      onStarted: (started) => void ({ kill } = started),
    });
    acme.faultRequests(undefined);
    expect(killed).toMatchObject({ kind: 'exit' });
    expect(await runsOf('payments')).toMatchObject([{ state: 'running', attempts: 1 }]);
    const before = releases();
    // Near its end, as when Lambda tries again: what is left of the lease is waited for.
    await acme.query(
      `update plumbline.run set lease_until = now() + interval '1 second' where job = 'payments'`,
    );
    expect(payloadOf(await lambda.invoke(firing, { requestId: 'the-same-event' }))).toMatchObject({
      outcome: 'loaded',
    });
    expect(await runsOf('payments')).toMatchObject([{ state: 'succeeded', attempts: 2 }]);
    expect(releases()).toBe(before + 1);
  });

  it('does nothing in a week that does not count, and says so', async () => {
    const lambda = await acme.start('ingest-payments');
    const { scheduledTime } = await firingOf('payments');
    const offWeek = new Date(Date.parse(scheduledTime) - 7 * 86_400_000).toISOString();
    expect(
      payloadOf(await lambda.invoke({ kind: 'schedule', job: 'payments', scheduledTime: offWeek })),
    ).toMatchObject({
      outcome: 'nothing-due',
      reason: expect.stringContaining('is no occurrence of'),
    });
    expect(await runsOf('payments')).toHaveLength(1);
    expect(lambda.logs()).toContainEqual(expect.objectContaining({ message: 'nothing is due' }));
  });

  it('stops before the time limit and goes on by itself until it is through', async () => {
    // So near is the limit from the start that each invocation takes one delivery.
    const lambda = await acme.start('ingest-tax', { PLUMBLINE_MARGIN_SECONDS: '120' });
    const before = releases();
    let event: unknown = await firingOf('tax');
    let turns = 0;
    for (;;) {
      const answer = payloadOf(await lambda.invoke(event));
      turns += 1;
      expect(answer).toMatchObject({ outcome: expect.stringMatching(/^(?:continues|loaded)$/) });
      if ((answer as { outcome: string }).outcome === 'loaded') break;
      expect(releases()).toBe(before);
      expect(await runsOf('tax')).toMatchObject([{ state: 'queued', attempts: 0 }]);
      const next = acme.stubs.invoked.at(-1);
      expect(next).toMatchObject({
        functionName: 'acme-ingest-tax',
        payload: { kind: 'continue', job: 'tax' },
      });
      event = next?.payload;
    }
    expect(turns).toBeGreaterThan(5);
    expect(await runsOf('tax')).toMatchObject([{ state: 'succeeded', attempts: 1 }]);
    expect(releases()).toBe(before + 1);
  });
});

describe('what a load comes to', () => {
  it('is a result, not an error, when a delivery is refused for its content', async () => {
    const key = 'payments/broken.xlsx';
    acme.s3.put(key, 'no workbook at all', new Date());
    const lambda = await acme.start('ingest-payments');
    expect(payloadOf(await lambda.invoke({ kind: 'run', job: 'payments' }))).toMatchObject({
      outcome: 'refused',
    });
    expect(lambda.logs()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'a delivery was rejected',
        delivery: 'broken.xlsx',
        error: expect.objectContaining({ code: 'format-error' }),
      }),
    );
    acme.s3.remove(key);
  });

  it('tells how many of all sources are late, whichever of them it loaded', async () => {
    // Of the four others with a freshness three have delivered by now; the fourth is not expected
    // so soon after the first deployment.
    const lambda = await acme.start('ingest-tax');
    await lambda.invoke({ kind: 'run', job: 'tax' });
    await acme.query(
      `update plumbline.job set since = since - interval '1 year' where name = 'activity'`,
    );
    await lambda.invoke({ kind: 'run', job: 'tax' });
    expect(lateIn(lambda)).toEqual([0, 1]);
  });

  it('is tried again when the release cannot be asked for, and then asked for', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    await acme.query(`delete from plumbline.run where job = 'partner-orders'`);
    // Without its last line: another delivery, though every row of it is known.
    const [first] = acme.s3.keys().filter((key) => key.startsWith('partner-orders/'));
    const lines =
      acme.s3
        .read(first ?? '')
        ?.toString('latin1')
        .trimEnd()
        .split('\n') ?? [];
    const shorter = Buffer.from(`${lines.slice(0, -1).join('\n')}\n`, 'latin1');
    acme.s3.put('partner-orders/once-more.csv', shorter, new Date());
    const firing = await firingOf('partner-orders');
    const before = releases();
    acme.stubs.failInvocations(1);
    expect(await lambda.invoke(firing)).toMatchObject({
      kind: 'error',
      type: 'function-not-invoked',
      message: expect.stringMatching(
        /^partner-orders: The function acme-release could not be started.* What to do: /,
      ),
    });
    expect(await runsOf('partner-orders')).toMatchObject([{ state: 'queued', attempts: 1 }]);
    expect(payloadOf(await lambda.invoke(firing))).toMatchObject({ outcome: 'loaded' });
    expect(releases()).toBe(before + 1);
    acme.s3.remove('partner-orders/once-more.csv');
  });

  it('is an end, not a loop, when it stops at the same place and has loaded nothing', async () => {
    const lambda = await acme.start('ingest-tax', { PLUMBLINE_MARGIN_SECONDS: '120' });
    const keys = ['tax/one-more.csv', 'tax/two-more.csv'];
    for (const key of keys)
      acme.s3.put(key, acme.s3.read('tax/vat-2026-01.csv') ?? 'x', new Date());
    const event = { kind: 'continue', job: 'tax', trigger: 'manual', from: 'two-more.csv' };
    const before = acme.stubs.invoked.length;
    const result = await lambda.invoke(event);
    for (const key of keys) acme.s3.remove(key);
    expect(result).toMatchObject({ kind: 'error', type: 'function-time' });
    expect(acme.stubs.invoked).toHaveLength(before);
  });
});

describe('secrets', () => {
  it('one that was never filled in is an error that names the command', async () => {
    const arn = acme.stubs.setSecret('ACTIVITY_TOKEN', undefined);
    const lambda = await acme.start('ingest-activity');
    expect(await lambda.invoke({ kind: 'run', job: 'activity' })).toMatchObject({
      kind: 'error',
      type: 'setting-missing',
      message: expect.stringContaining(`put-secret-value --secret-id ${arn}`),
    });
  });

  it('one that is refused is read again, and used when it was rotated', async () => {
    acme.stubs.setSecret('ACTIVITY_TOKEN', 'wrong-token-of-yesterday');
    const lambda = await acme.start('ingest-activity');
    const firing = await firingOf('activity');
    expect(await lambda.invoke(firing)).toMatchObject({ kind: 'error', type: 'source-denied' });
    // It waits for Lambda's next try.
    expect(await runsOf('activity')).toMatchObject([{ state: 'queued', attempts: 1 }]);
    acme.stubs.setSecret('ACTIVITY_TOKEN', acme.activity.token);
    expect(payloadOf(await lambda.invoke(firing))).toMatchObject({ outcome: 'loaded' });
    expect(await runsOf('activity')).toMatchObject([{ state: 'succeeded', attempts: 2 }]);
    const said = lambda.lines.join('\n');
    expect(said).not.toContain(acme.activity.token);
    expect(said).not.toContain('wrong-token-of-yesterday');
  });

  it('is read once while it is fresh', async () => {
    const lambda = await acme.start('ingest-activity');
    const before = acme.stubs.read.length;
    for (let turn = 0; turn < 3; turn += 1) {
      await lambda.invoke({ kind: 'run', job: 'activity' });
    }
    expect(acme.stubs.read.length).toBe(before + 1);
  });
});

describe('the database', () => {
  it('is waited for while it starts', async () => {
    const lambda = await acme.start('ingest-tax');
    acme.faultConnections((index) => (['reset', 'starting', 'starting'] as const)[index]);
    expect(payloadOf(await lambda.invoke({ kind: 'run', job: 'tax' }))).toMatchObject({
      outcome: 'loaded',
    });
    acme.faultConnections(undefined);
    const waits = lambda
      .logs()
      .filter(({ message }) => message === 'the database does not answer yet');
    expect(waits).toHaveLength(3);
    expect(waits[1]).toMatchObject({ reason: expect.stringContaining('starting up') });
  });

  it('is given up in time when it does not come, for Lambda to try again', async () => {
    const lambda = await acme.start('ingest-tax');
    acme.faultConnections(() => 'starting');
    const result = await lambda.invoke({ kind: 'run', job: 'tax' }, { timeoutMs: 6000 });
    acme.faultConnections(undefined);
    expect(result).toMatchObject({
      kind: 'error',
      type: 'warehouse-unreachable',
      message: expect.stringMatching(/^tax: .*starting up.* What to do: /),
    });
  });

  it('is refused when another authority vouches for it', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'plumbline-ca-'));
    const file = path.join(dir, 'other.pem');
    await writeFile(file, (await createAuthority()).ca);
    const lambda = await acme.start('ingest-tax', { PLUMBLINE_DATABASE_CA: file });
    const logins = acme.front.logins.length;
    expect(await lambda.invoke({ kind: 'run', job: 'tax' })).toMatchObject({
      kind: 'error',
      type: 'warehouse-unreachable',
      message: expect.stringMatching(/self-signed|unable to verify/i),
    });
    // No token has left the function.
    expect(acme.front.logins).toHaveLength(logins);
    await rm(dir, { recursive: true });
  });

  it('lets functions in by tokens alone', () => {
    const byToken = acme.front.logins.filter(({ user }) => user.startsWith('plumbline_'));
    expect(byToken.length).toBeGreaterThan(10);
    expect(byToken.every(({ token }) => token?.includes('X-Amz-Signature'))).toBe(true);
  });
});

describe('a release', () => {
  it('makes the marts of a local run on the same data, to the cent', async () => {
    const release = await acme.start('release');
    expect(
      payloadOf(await release.invoke({ kind: 'release', cause: { job: 'tax' } })),
    ).toMatchObject({
      released: true,
      failed: [],
    });
    const local = await runLocally();
    const marts = await martsOf((sql) => acme.query(sql));
    expect(Object.keys(marts).length).toBeGreaterThan(9);
    expect(marts).toEqual(local);
    expect(Object.values(marts).every((rows) => rows.length > 0)).toBe(true);
  });

  it('says how many sources are late, in the embedded metric format', async () => {
    const release = await acme.start('release');
    await release.invoke({ kind: 'release' });
    expect(release.logs()).toContainEqual(
      expect.objectContaining({
        Stack: 'plumbline-acme',
        SourcesLate: 0,
        _aws: expect.objectContaining({
          CloudWatchMetrics: [
            {
              Namespace: 'Plumbline',
              Dimensions: [['Stack']],
              Metrics: expect.arrayContaining([{ Name: 'SourcesLate', Unit: 'Count' }]),
            },
          ],
        }),
      }),
    );
  });
});

// A store not written by those who wrote its client.
const moto = await startMotoStore();
afterAll(async () => moto?.close());

describe.skipIf(moto === undefined)('the same functions with their files in moto', () => {
  // The users of a database are known by its name: this one takes it for a while.
  const aside = 'plumbline_aside';
  const rename = async (from: string, to: string): Promise<void> => {
    const client = await acme.postgres.connect('postgres');
    await client.query(`alter database ${from} rename to ${to}`);
    await client.end();
  };
  let env: Readonly<Record<string, string>>;
  let bucket: S3Bucket | undefined;
  beforeAll(async () => {
    bucket = await moto?.createBucket(true, stubBucket);
    for (const key of acme.s3.keys().filter((each) => !each.startsWith('landing/'))) {
      await bucket?.put(key, acme.s3.read(key) ?? '');
    }
    await rename(acme.postgres.database, aside);
    const client = await acme.postgres.connect('postgres');
    await client.query(`create database ${acme.postgres.database} owner ${masterUser}`);
    await client.end();
    env = { AWS_ENDPOINT_URL_S3: bucket?.origin ?? '' };
    const migrate = await acme.start('migrate', env);
    // What went wrong with it is seen by the first load.
    await migrate.invoke({ kind: 'migrate' });
  });
  afterAll(async () => {
    await rename(acme.postgres.database, 'plumbline_moto');
    await rename(aside, acme.postgres.database);
    // A migration keeps users out of every database but its own: this one lets them in again.
    const migrate = await acme.start('migrate');
    await migrate.invoke({ kind: 'migrate' });
  });

  it.each(['partner-orders', 'operating-costs', 'payments', 'tax', 'activity'])(
    '%s is loaded at the first firing, not at the second, and finds nothing new by hand',
    async (job) => {
      const lambda = await acme.start(`ingest-${job}`, env);
      const firing = await firingOf(job);
      expect(payloadOf(await lambda.invoke(firing))).toMatchObject({ outcome: 'loaded' });
      expect(payloadOf(await lambda.invoke(firing))).toMatchObject({ outcome: 'nothing-due' });
      expect(payloadOf(await lambda.invoke({ kind: 'run', job }))).toMatchObject({
        outcome: 'loaded',
        rows: { inserted: 0, changed: 0 },
      });
    },
  );

  it('keep each delivery there once, and a release makes the same marts of them', async () => {
    const release = await acme.start('release', env);
    expect(payloadOf(await release.invoke({ kind: 'release' }))).toMatchObject({ released: true });
    const kept = await acme.query('select distinct sha256 from plumbline.delivery');
    expect(await bucket?.keys('landing/')).toHaveLength(kept.length);
    const before = await acme.postgres.connect(aside);
    const query: Query = async (sql) => (await before.query<Record<string, unknown>>(sql)).rows;
    expect(await martsOf((sql) => acme.query(sql))).toEqual(await martsOf(query));
    await before.end();
  });
});

type Query = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** Every row of every mart, as Postgres writes it. */
async function martsOf(query: Query): Promise<Record<string, readonly unknown[]>> {
  const names = await query(
    `select relname as name from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v', 'm') order by 1`,
  );
  const marts: Record<string, readonly unknown[]> = {};
  for (const { name } of names) {
    const rows = await query(
      `select to_jsonb(t)::text as row from marts.${String(name)} t order by 1`,
    );
    marts[String(name)] = rows.map(({ row }) => row);
  }
  return marts;
}

/** The same data, from folders, by the code that runs on a laptop. */
async function runLocally(): Promise<Record<string, readonly unknown[]>> {
  const database = await createDatabase();
  try {
    const project = await readProject(acme.dir);
    const env: Readonly<Record<string, string>> = {
      ACTIVITY_URL: acme.activity.url,
      ACTIVITY_TOKEN: acme.activity.token,
    };
    const result = await runProject({
      open: {
        project,
        warehouse: database.warehouse,
        landingDir: path.join(acme.dir, 'landing'),
        env: (name) => env[name],
      },
      recorded: false,
      now: () => new Date().toISOString(),
      signal: new AbortController().signal,
    });
    expect(result.ok).toBe(true);
    return await martsOf(async (sql) => {
      const { rows } = await database.warehouse.pool('owner').query<Record<string, unknown>>(sql);
      return rows;
    });
  } finally {
    await database.drop();
  }
}

describe('a database user', () => {
  const login = (password: string) => {
    const { ca, database } = acme.postgres;
    const { port } = acme.front;
    const config = { host: 'localhost', port, user: 'tableau', password, database, ssl: { ca } };
    return connectClient(config, 'the database');
  };

  it('logs in with the password of its secret, reads its schemas and nothing else', async () => {
    const client = await login(tableauPassword);
    try {
      const { rows } = await client.query<{ count: number }>(
        'select count(*)::int as count from marts.sales_wide',
      );
      expect(rows[0]?.count).toBeGreaterThan(100);
      await expect(client.query('select from raw.payments')).rejects.toThrow(/permission denied/);
      await client.query('set default_transaction_read_only = off');
      const create = client.query('create table marts.mine ()');
      await expect(create).rejects.toThrow(/permission denied/);
    } finally {
      await client.end();
    }
    await expect(login('a guess')).rejects.toThrow(/password authentication failed/);
  });
});

describe('a digest', () => {
  it('reaches a mail server once, however often its schedule fires', async () => {
    const catcher = await startMailCatcher();
    acme.stubs.setSecret('SMTP_URL', catcher.url);
    const digest = await acme.start('digest-morning-costs');
    const firing = await firingOf('morning-costs');
    expect(payloadOf(await digest.invoke(firing))).toMatchObject({ outcome: 'sent' });
    expect(payloadOf(await digest.invoke(firing))).toMatchObject({ outcome: 'nothing-due' });
    expect(catcher.mails).toHaveLength(1);
    const [mail] = catcher.mails;
    expect(mail?.subject).toContain('Morning costs');
    expect(mail?.attachments.some(({ contentType }) => contentType === 'image/png')).toBe(true);
    await catcher.close();
  });

  it('without a mail server is an error, never a file nobody sees', async () => {
    const digest = await acme.start('digest-morning-costs', { PLUMBLINE_SECRETS: '{}' });
    expect(await digest.invoke({ kind: 'run', job: 'morning-costs' })).toMatchObject({
      kind: 'error',
      type: 'setting-missing',
      message: expect.stringContaining('SMTP_URL'),
    });
  });
});

describe('files that are put into the bucket', () => {
  const about = (key: string, eventName = 'ObjectCreated:Put') => ({
    eventName,
    s3: { bucket: { name: 'acme-landing' }, object: { key } },
  });

  it('are loaded; what cannot be read is reported by itself', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    const [first] = acme.s3.keys().filter((key) => key.startsWith('partner-orders/'));
    const key = 'partner-orders/Bestellungen für März+1.csv';
    acme.s3.put(key, acme.s3.read(first ?? '') ?? '', new Date());
    const encoded = 'partner-orders/Bestellungen+f%C3%BCr+M%C3%A4rz%2B1.csv';
    const before = (await runsOf('partner-orders')).length;
    const result = await lambda.invoke({
      Records: [
        {
          messageId: 'test',
          body: JSON.stringify({ Event: 's3:TestEvent', Bucket: 'acme-landing' }),
        },
        { messageId: 'broken', body: '{' },
        {
          messageId: 'two',
          body: JSON.stringify({ Records: [about(encoded), about('tax/x.csv')] }),
        },
      ],
    });
    expect(payloadOf(result)).toEqual({ batchItemFailures: [{ itemIdentifier: 'broken' }] });
    const runs = await runsOf('partner-orders');
    expect(runs).toHaveLength(before + 1);
    expect(runs.at(-1)).toMatchObject({ trigger: 'upload', state: 'succeeded' });
    const delivered = await acme.query(
      `select name from plumbline.delivery where slot like '%März+1%' or name like '%März+1%'`,
    );
    expect(delivered).toHaveLength(1);
  });

  it('all come again when the database cannot be reached, which is an error that raises the alarm', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    acme.faultConnections(() => 'starting');
    const wanted = [about('partner-orders/a.csv')];
    const result = await lambda.invoke(
      {
        Records: [
          { messageId: 'one', body: JSON.stringify({ Records: wanted }) },
          { messageId: 'marker', body: JSON.stringify({ Records: [about('partner-orders/')] }) },
        ],
      },
      { timeoutMs: 6000 },
    );
    acme.faultConnections(undefined);
    expect(result).toMatchObject({ kind: 'error', type: 'warehouse-unreachable' });
  });

  it('that were removed change nothing', async () => {
    const lambda = await acme.start('ingest-partner-orders');
    const before = acme.front.connections();
    const body = JSON.stringify({
      Records: [about('partner-orders/a.csv', 'ObjectRemoved:Delete')],
    });
    const result = await lambda.invoke({ Records: [{ messageId: 'gone', body }] });
    expect(payloadOf(result)).toEqual({ batchItemFailures: [] });
    expect(acme.front.connections()).toBe(before);
  });
});

describe('an API in the private network', () => {
  it('is not asked from AWS unless the settings allow it', async () => {
    const lambda = await acme.start('ingest-activity', { PLUMBLINE_NETWORK: '' });
    expect(await lambda.invoke({ kind: 'run', job: 'activity' })).toMatchObject({
      kind: 'error',
      type: 'address-refused',
    });
  });
});

describe('what is wrong from the start', () => {
  it('is reported as an error of the initialization', async () => {
    const lambda = await acme.start('ingest-tax', { PLUMBLINE_STACK: '' });
    expect(await lambda.invoke({ kind: 'run', job: 'tax' })).toMatchObject({
      kind: 'init-error',
      message: expect.stringContaining('PLUMBLINE_STACK is not set'),
    });
  });

  it('an event for another function is refused with what is expected', async () => {
    const lambda = await acme.start('ingest-tax');
    for (const event of [{ kind: 'run', job: 'payments' }, { kind: 'release' }, null, 'tax']) {
      expect(await lambda.invoke(event)).toMatchObject({
        kind: 'error',
        type: 'event-invalid',
        message: expect.stringContaining('{"kind":"run","job":"tax"}'),
      });
    }
  });
});

describe('the dashboards on the proxy', () => {
  it('are served from the same build, as a role that only reads', async () => {
    const { folder, env } = acme.web;
    const child = spawn(process.execPath, ['index.mjs'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        ...env,
        PLUMBLINE_WEB_PORT: '0',
        PLUMBLINE_WEB_HOSTS: 'numbers.acme.example',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const url = await new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = JSON.parse(line) as { url?: string };
        if (said.url !== undefined) resolve(said.url);
      });
    });
    const logins = acme.front.logins.length;
    const page = await fetch(`${url}/dashboards/sales`);
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toContain('Top ten clients');
    const [, style] = /href="(\/assets\/styles-[^"]+)"/.exec(html) ?? [];
    expect((await fetch(`${url}${style ?? ''}`)).status).toBe(200);
    const users = new Set(acme.front.logins.slice(logins).map(({ user }) => user));
    expect([...users]).toEqual(['plumbline_reader']);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });
});

describe('the role of each function', () => {
  it('lets it do everything it has done here, and log in as nobody it never was', async () => {
    const { plan } = await readPlan(acme.dir);
    const { template } = await synthesized(plan);
    const all = callsOf(acme);
    expect([...new Set(all.map(({ action }) => action))].toSorted()).toEqual([
      'lambda:InvokeFunction',
      'rds-db:connect',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ]);
    const byCaller = Map.groupBy(all, ({ caller }) => caller);
    const callers = [...plan.functions.map(({ id }) => id), 'proxy'];
    expect([...byCaller.keys()].toSorted()).toEqual(callers.toSorted());
    for (const [caller, calls] of byCaller) {
      const rights = rightsOf(template, plan, caller);
      const denied = calls.filter((call) => !isCovered(template, rights, call));
      expect(denied).toEqual([]);
      const asUsers = rights
        .filter(({ actions }) => actions.includes('rds-db:connect'))
        .flatMap(({ resources }) => resources.map((arn) => arn.replace(/^.*\//, '')));
      const used = new Set(
        calls.flatMap(({ action, resource }) => (action === 'rds-db:connect' ? [resource] : [])),
      );
      expect({ caller, users: asUsers.toSorted() }).toEqual({
        caller,
        users: [...used].toSorted(),
      });
    }
  });
});

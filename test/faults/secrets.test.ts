import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readProject } from '../../src/project/read-project.ts';
import { connectClient } from '../../src/warehouse/connections.ts';
import { createApp } from '../../src/web/app.ts';
import { type CommandResult, runPlumbline } from '../helpers/command-line.ts';
import {
  type Answer,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../helpers/scripted-server.ts';
import { createFaultProject, type FaultProject } from './fault-project.ts';

/** One for each way a secret is used; with characters that are written otherwise in addresses and JSON. */
const canaries = {
  token: 'canary-token+/Zq"7=',
  key: 'canary-key/%41&b',
  password: 'canary-password:@x',
  path: 'canary-path-0815',
  database: 'canary-database-4711',
  smtp: 'canary-smtp-2001',
};

/** What must be found nowhere: each secret as it is, and as it is written on the way. */
const forms = Object.values(canaries).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').replaceAll('=', ''),
  Buffer.from(`user:${secret}`).toString('base64').replaceAll('=', ''),
]);

const leaksIn = (text: string): string[] => forms.filter((form) => text.includes(form));

/** Answers with everything it was sent, as careless servers do when something is wrong. */
function echo({ path, query, headers }: Seen): Answer {
  const sent = [path, ...query.values(), headers.authorization, headers['x-key']].filter(
    (each) => each !== undefined,
  );
  const said = `${sent.join(' ')} ${path}?${query} ${JSON.stringify(headers)}`;
  switch (/\w+$/u.exec(path)?.[0]) {
    case 'denied':
      return { status: 401, body: said };
    case 'refused':
      return { status: 400, body: said };
    case 'gone':
      return { status: 404, body: said };
    case 'broken':
      return { status: 500, headers: { 'retry-after': '0' }, body: said };
    case 'moved':
      return { status: 302, headers: { location: `${path}/gone?${query}` } };
    case 'encoded':
      return { headers: { 'content-encoding': encodeURIComponent(sent.join()) }, body: said };
    case 'cut':
      return { cut: 'length', body: said };
    case 'typed':
      return { headers: { 'content-type': `text/${encodeURIComponent(sent.join())}` }, body: said };
    case 'keys':
      return { body: Object.fromEntries(sent.map((each) => [each, each])) };
    default:
      return { headers: { 'content-length': '10' }, body: 'id\n1\n2\nxy\n' };
  }
}

const ways = ['denied', 'refused', 'gone', 'broken', 'moved', 'encoded', 'cut'];
/** For a file these would be its content. */
const waysOfApis = [...ways, 'typed', 'keys'];

const head = "import { api, basic, bearer, column, csv, header, http, secret } from 'plumbline';\n";
const columns = 'columns: { id: column.integer({ required: true }) }';

/** Sources that send secrets in every way there is, to a server that fails in every way. */
function sources(origin: string): Record<string, string> {
  const files: Record<string, string> = {};
  const auths = [
    "bearer(secret('TOKEN'))",
    "basic('user', secret('PASSWORD'))",
    "header('X-Key', secret('TOKEN'))",
  ];
  for (const [index, way] of [...waysOfApis, 'down'].entries()) {
    const base = way === 'down' ? 'http://127.0.0.1:1' : origin;
    files[`sources/api-${way}.ts`] = `${head}export default api({
  url: '${base}/${way}', auth: ${auths[index % auths.length]}, query: { key: secret('KEY') },
  records: 'data', retries: 1, timeoutMs: 500, ${columns} });\n`;
  }
  for (const way of [...ways, 'down']) {
    const address = `secret('EXPORT_${way.toUpperCase()}')`;
    files[`sources/file-${way}.ts`] = `${head}export default csv({
  from: http(${address}, { headers: { 'X-Key': secret('TOKEN') }, timeoutMs: 500 }), ${columns} });\n`;
    files[`sources/hidden-${way}.ts`] = `${head}export default api({
  url: ${address}, records: 'data', retries: 1, timeoutMs: 500, ${columns} });\n`;
  }
  files['sources/sound.ts'] =
    `${head}export default csv({ from: http(secret('EXPORT_SOUND')), ${columns} });\n`;
  return files;
}

const digest = `import { digest, every, kpi } from 'plumbline';
export default digest({ title: 'Rows', to: ['a@example.com'], schedule: every.day().at('08:00'),
  tiles: [kpi({ title: 'Rows', sql: 'select count(*) as n from clean.sound' })] });\n`;
const dashboard = `import { dashboard, kpi } from 'plumbline';
export default dashboard({ title: 'Rows', rows: [[
  kpi({ title: 'Rows', sql: 'select count(*) as n from clean.sound' }),
  kpi({ title: 'Wrong', sql: 'select 1 / 0 as n from clean.sound' })]] });\n`;

let server: ScriptedServer;
let project: FaultProject;
/** A mail is tried again for a while: it does so beside the other tests. */
let mailing: Promise<CommandResult>;
const role = `canary_${process.pid}`;

async function asAdmin(sql: string): Promise<void> {
  const client = await connectClient({ connectionString: project.url }, 'the test server');
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  server = await startScriptedServer(echo);
  project = await createFaultProject({
    ...sources(server.origin),
    'digests/rows.ts': digest,
    'dashboards/rows.ts': dashboard,
  });
  await asAdmin(`create role ${role} login superuser password '${canaries.database}'`);
  const database = new URL(project.url);
  database.username = role;
  database.password = canaries.database;
  const secretPath = (base: string, way: string): string =>
    `${base.replace('//', `//user:${encodeURIComponent(canaries.password)}@`)}/${canaries.path}/${way}?sig=${encodeURIComponent(canaries.key)}`;
  await project.write({
    '.env': [
      `DATABASE_URL=${database.href}`,
      `SMTP_URL=smtp://me:${canaries.smtp}@127.0.0.1:1`,
      `TOKEN='${canaries.token}'`,
      `KEY='${canaries.key}'`,
      `PASSWORD='${canaries.password}'`,
      ...[...ways, 'sound'].map(
        (way) => `EXPORT_${way.toUpperCase()}='${secretPath(server.origin, way)}'`,
      ),
      `EXPORT_DOWN='${secretPath('http://127.0.0.1:1', 'down')}'`,
    ].join('\n'),
  });
  mailing = runPlumbline(['digest', 'rows', '--debug', '--project', project.dir]);
});
afterAll(async () => {
  await mailing;
  await server.close();
  // Roles are the whole server's: this one goes with what it owns in this database.
  await asAdmin(
    `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`,
  );
  await project.end();
});

describe('a secret that is sent to servers that fail is shown nowhere', () => {
  test.each([
    'run',
    'run --debug',
    'run --json --debug',
    'status',
    'status --json --debug',
    'rejects --debug',
    'check --debug',
    'schedule --json',
    'doctor',
    'doctor --json --debug',
  ])('%s', async (line) => {
    const args = line.split(' ');
    const { stdout, stderr } = await runPlumbline([...args, '--project', project.dir]);
    expect(stdout + stderr).not.toBe('');
    expect(leaksIn(stdout + stderr)).toEqual([]);
  });

  test('digest rows --debug', async () => {
    const { stdout, stderr, exitCode } = await mailing;
    expect(exitCode).not.toBe(0);
    expect(leaksIn(stdout + stderr)).toEqual([]);
  });

  test('every source did fail, and its secrets did arrive', async () => {
    const { json } = await project.run();
    const failed = json.sources?.filter((source) => !source.balanced).map(({ name }) => name);
    expect(failed).toHaveLength(waysOfApis.length + 1 + 2 * (ways.length + 1));
    const seen = server.requests.map(({ path, query, headers }) =>
      JSON.stringify([path, decodeURIComponent(String(query)), headers]),
    );
    for (const canary of [canaries.token, canaries.key, canaries.path]) {
      expect(seen.some((request) => request.includes(JSON.stringify(canary).slice(1, -1)))).toBe(
        true,
      );
    }
  });

  test('in the warehouse', async () => {
    const tables = await project.query<{ name: string }>(
      "select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'plumbline'::regnamespace and c.relkind in ('r', 'v')",
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await project.query<{ row: string }>(
        `select to_jsonb(t)::text as row from ${name} t`,
      );
      expect({
        name,
        leaks: leaksIn(JSON.stringify(rows.map(({ row }) => JSON.parse(row) as unknown))),
      }).toEqual({ name, leaks: [] });
    }
  });

  test('on the disk', async () => {
    const dir = join(project.dir, '.plumbline');
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name !== 'credentials.json');
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      expect({ name: file.name, leaks: leaksIn(file.name + text) }).toEqual({
        name: file.name,
        leaks: [],
      });
    }
  });

  test('on the pages', async () => {
    const { config, ...parts } = await readProject(project.dir);
    const app = createApp({
      project: () => ({ ...config, ...parts }),
      reader: project.warehouse.pool('reader'),
      now: () => new Date().toISOString(),
    });
    const ids = await project.query<{ id: string }>('select id from plumbline.delivery');
    const pages = [
      'sources',
      'deliveries',
      'rejects',
      'checks',
      'releases',
      'lineage',
      'schedule',
      'dashboards/rows',
      'releases/1',
    ];
    for (const page of [...pages, ...ids.map(({ id }) => `deliveries/${id}`)]) {
      const response = await app.request(`/${page}`, { headers: { host: 'localhost:7777' } });
      expect(response.status).toBe(200);
      expect({ page, leaks: leaksIn(await response.text()) }).toEqual({ page, leaks: [] });
    }
  });
});

describe('a secret in a setting that is wrong is not quoted', () => {
  const asking = (env: Record<string, string>, ...args: string[]) =>
    runPlumbline([...args, '--debug', '--project', project.dir], { env });

  test.each([
    ['a warehouse that is down', `postgres://me:${canaries.database}@127.0.0.1:1/db`],
    ['a port that is none', `postgres://me:${canaries.database}@127.0.0.1:port/db`],
    ['no address at all', `me:${canaries.database}@127.0.0.1/db`],
  ])('DATABASE_URL: %s', async (_, url) => {
    const { stdout, stderr, exitCode } = await asking({ DATABASE_URL: url }, 'status');
    expect(exitCode).toBe(3);
    expect(leaksIn(stdout + stderr)).toEqual([]);
  });

  test('a password that Postgres does not accept', async () => {
    const url = new URL(project.url);
    url.username = role;
    url.password = `${canaries.database}-not`;
    const { stdout, stderr, exitCode } = await asking({ DATABASE_URL: url.href }, 'status');
    expect(exitCode).toBe(3);
    expect(leaksIn(stdout + stderr)).toEqual([]);
  });

  test('SMTP_URL: no address at all', async () => {
    const { stdout, stderr, exitCode } = await asking(
      { SMTP_URL: `me:${canaries.smtp}@mail` },
      'digest',
      'rows',
    );
    expect(exitCode).not.toBe(0);
    expect(leaksIn(stdout + stderr)).toEqual([]);
  });

  test('addresses in plumbline.config.ts', async () => {
    await project.write({
      'plumbline.config.ts': `export default { company: 'T',
  warehouse: { url: 'postgre://me:${canaries.database}@127.0.0.1/db' },
  mail: { smtp: 'smtpp://me:${canaries.smtp}@mail' } };\n`,
    });
    for (const args of [['check'], ['check', '--json']]) {
      const { stdout, stderr, exitCode } = await asking({}, ...args);
      expect(exitCode).toBe(1);
      expect(stdout + stderr).toContain('warehouse.url');
      expect(leaksIn(stdout + stderr)).toEqual([]);
    }
  });
});

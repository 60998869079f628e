import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  type ActivityServer,
  startActivityServer,
} from '../../../examples/acme/company/activity-server.ts';
import {
  activityPath,
  makeCompany,
  writeCompany,
} from '../../../examples/acme/company/generate.ts';
import {
  type S3Fault,
  type S3Request,
  type S3Stub,
  startS3Stub,
  stubBucket,
} from '../../../test/helpers/s3-stub.ts';
import { bundleProject } from '../../src/bundle/bundle-project.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import { type AwsStubs, startAwsStubs } from './aws-stubs.ts';
import type { Lambda } from './runtime-api.ts';
import { startLambda } from './runtime-api.ts';
import { type DatabaseFront, type FrontFault, startDatabaseFront } from './tls-postgres-front.ts';
import { startTlsPostgres, type TlsPostgres } from './tls-postgres.ts';

/** The example company as it is on AWS: built functions, a bucket, secrets and a TLS Postgres. */
export interface AcmeOnAws {
  /** A copy of the example; its files lie in the bucket and, for a local run, in `data/`. */
  readonly dir: string;
  /** Where functions write what does not last. */
  readonly temporaryDir: string;
  readonly postgres: TlsPostgres;
  readonly front: DatabaseFront;
  readonly s3: S3Stub;
  readonly stubs: AwsStubs;
  readonly activity: ActivityServer;
  /** The dashboards as they are started on the proxy, and the environment they are given there. */
  readonly web: { readonly folder: string; readonly env: Readonly<Record<string, string>> };
  /** A new execution environment of a function of the plan; ended with everything else. */
  start(id: string, env?: Readonly<Record<string, string>>): Promise<Lambda>;
  /** Lets the database misbehave: what it gives for the index of a connection from now on, from 0. */
  faultConnections(fault: ((index: number) => FrontFault | undefined) | undefined): void;
  /** Lets the bucket misbehave from now on. */
  faultRequests(fault: ((request: S3Request) => S3Fault | undefined) | undefined): void;
  /** All rows as the superuser. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** A copy of the example without its data: an ordinary checkout of it. */
export async function copyAcme(dir: string): Promise<void> {
  await cp(path.resolve('examples/acme'), dir, {
    recursive: true,
    filter: (source) => !/acme\/(?:data|\.plumbline)(?:\/|$)/.test(source),
  });
}

/** Of the database user that the example's settings declare, as Secrets Manager makes one. */
export const tableauPassword = 'Xk3vRw9QpLm2Zt7YbNc4Hs8JfGd6Va1UeKo5Ti0';

/** Starts it; `until` is the last day of the company's data. About ten seconds, most of them bundling. */
export async function startAcmeOnAws(until: string): Promise<AcmeOnAws> {
  const root = await mkdtemp(path.join(tmpdir(), 'plumbline-aws-'));
  const dir = path.join(root, 'acme');
  await copyAcme(dir);
  const from = `${Number(until.slice(0, 4)) - 1}${until.slice(4, 7)}-01`;
  await writeCompany(dir, makeCompany({ seed: 7, from, until, scale: 0.02 }));
  await mkdir(path.join(root, 'tmp'));
  let onRequest: ((request: S3Request) => S3Fault | undefined) | undefined;
  const [postgres, s3, stubs, activity] = await Promise.all([
    startTlsPostgres({ trustsFront: true }),
    startS3Stub({ isVersioned: true, fault: (request) => onRequest?.(request) }),
    startAwsStubs(),
    startActivityServer(activityPath(dir)),
  ]);
  await putFiles(s3, path.join(dir, 'data'));
  const code = await bundleProject({
    ...(await readPlan(dir)),
    outDir: path.join(root, 'code'),
  });
  let fault: ((index: number) => FrontFault | undefined) | undefined;
  let faultsFrom = 0;
  const front = await startDatabaseFront({
    postgresPort: postgres.port,
    certificate: await postgres.authority.issue(['localhost']),
    fault: (index) => fault?.(index - faultsFrom),
  });
  const caFile = path.join(root, 'ca.pem');
  await writeFile(caFile, postgres.ca);
  const admin = stubs.setSecret(
    'admin',
    JSON.stringify({ username: masterUser, password: postgres.password }),
  );
  const tableau = stubs.setSecret(
    'tableau',
    JSON.stringify({ username: 'tableau', password: tableauPassword }),
  );
  const token = stubs.setSecret('ACTIVITY_TOKEN', activity.token);
  const smtp = stubs.setSecret('SMTP_URL', 'smtp://127.0.0.1:1');
  const base: Readonly<Record<string, string>> = {
    ...stubs.env,
    AWS_ENDPOINT_URL_S3: s3.origin,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    // The example's API is on this machine; on AWS such an address is refused.
    PLUMBLINE_NETWORK: 'open',
    PLUMBLINE_DATABASE_HOST: 'localhost',
    PLUMBLINE_DATABASE_PORT: String(front.port),
    PLUMBLINE_DATABASE_NAME: postgres.database,
    PLUMBLINE_DATABASE_CA: caFile,
    PLUMBLINE_LANDING_BUCKET: stubBucket,
    PLUMBLINE_STACK: 'plumbline-acme',
    PLUMBLINE_SECRETS: '{}',
    ACTIVITY_URL: activity.url,
    TMPDIR: path.join(root, 'tmp'),
  };
  const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'ingest-activity': { PLUMBLINE_SECRETS: JSON.stringify({ ACTIVITY_TOKEN: token }) },
    'digest-morning-costs': { PLUMBLINE_SECRETS: JSON.stringify({ SMTP_URL: smtp }) },
    migrate: { PLUMBLINE_ADMIN_SECRET: admin, PLUMBLINE_USER_SECRETS: JSON.stringify({ tableau }) },
  };
  await setUpAsRds(postgres);
  const lambdas: Lambda[] = [];
  return {
    dir,
    temporaryDir: path.join(root, 'tmp'),
    postgres,
    front,
    s3,
    stubs,
    activity,
    web: { folder: code.web, env: { ...base, AWS_ACCESS_KEY_ID: 'proxy' } },
    start: async (id, env = {}) => {
      const folder = code.functions.get(id);
      if (folder === undefined) throw new Error(`no function ${id}`);
      const release = id.startsWith('ingest-')
        ? { PLUMBLINE_RELEASE_FUNCTION: 'acme-release' }
        : {};
      const lambda = await startLambda({
        folder,
        functionName: `acme-${id}`,
        // Each signs as itself, so that what it asked for can be held against its role.
        env: { ...base, AWS_ACCESS_KEY_ID: id, ...release, ...own[id], ...env },
      });
      lambdas.push(lambda);
      return lambda;
    },
    faultConnections: (next) => {
      faultsFrom = front.connections();
      fault = next;
    },
    faultRequests: (next) => void (onRequest = next),
    query: async (sql, values = []) => {
      const client = await postgres.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    close: async () => {
      for (const lambda of lambdas) await lambda.close();
      await Promise.all([front.close(), s3.close(), stubs.close(), activity.stop()]);
      await postgres.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function putFiles(s3: S3Stub, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const key = path.relative(folder, file).split(path.sep).join('/');
    if (/\.(?:csv|xlsx)$/.test(key)) s3.put(key, await readFile(file), (await stat(file)).mtime);
  }
}

/** Of RDS: no superuser, and the owner of the database it was made with. */
export const masterUser = 'acme_master';

/** Makes of a Postgres what RDS makes: a master user, and the role whose members log in with tokens. */
async function setUpAsRds(postgres: TlsPostgres): Promise<void> {
  const superuser = await postgres.connect();
  try {
    const password = superuser.escapeLiteral(postgres.password);
    await superuser.query(
      `create role ${masterUser} login createrole createdb password ${password}`,
    );
    await superuser.query('create role rds_iam');
    await superuser.query(`grant rds_iam to ${masterUser} with admin option`);
    await superuser.query(`alter database ${postgres.database} owner to ${masterUser}`);
  } finally {
    await superuser.end();
  }
}

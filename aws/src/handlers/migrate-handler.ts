import type { Context } from 'aws-lambda';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import {
  applyAccess,
  assembleProject,
  createMissingRawTables,
  openWarehouseByRole,
  planAccess,
  PlumblineError,
  prepareWarehouse,
  readStatus,
  recordJobs,
  roleName,
  scheduledJobs,
  systemClock,
} from 'plumbline/runtime';
import type { Project, Role, Status, Warehouse } from 'plumbline/runtime';
import { z } from 'zod';

import { createHandler } from './invocation.ts';
import type { FunctionParts, Invocation } from './invocation.ts';
import { placeOf, serverConfig, whenUp } from './open-database.ts';
import { parseEvent } from './parse-event.ts';
import { createSecretReader } from './read-secret.ts';
import { sayLate } from './say-late.ts';

export interface Versions {
  /** Of Postgres: `17.6`. */
  readonly postgres: string;
  /** Of Node in the function. */
  readonly node: string;
}

export interface MigrateAnswer {
  readonly versions: Versions;
  /** Tables of sources that are there now. */
  readonly sources: readonly string[];
  /** Jobs whose schedule is known from now on. */
  readonly jobs: readonly string[];
  /** What was given to database users and taken from them, and what people should know; a sentence each. */
  readonly access: { readonly steps: readonly string[]; readonly notes: readonly string[] };
}

export interface MigrateParts extends FunctionParts {
  /** Of the project's models. */
  readonly schemas: readonly string[];
}

/** What `plumbline status --json` gives, and what it runs on. */
export type StatusAnswer = Status & { readonly versions: Versions };

/**
 * The function that prepares the warehouse after each deploy: roles, schema, tables, schedules. It
 * alone knows the master user, and is invoked by the deploy, which waits for it.
 */
export function createMigrateHandler(
  parts: MigrateParts,
): (event: unknown, context: Context) => Promise<MigrateAnswer | StatusAnswer> {
  return createHandler(parts, async (value, invocation) => {
    const event = parseEvent(value, { job: parts.job, kinds: ['migrate', 'status'] });
    invocation.log.info('an event came', { event: event.kind });
    const project = await assembleProject(invocation.parts, { dir: '/tmp', env: () => undefined });
    return event.kind === 'migrate'
      ? migrateWarehouse(invocation, project, parts.schemas)
      : status(invocation, project);
  });
}

async function migrateWarehouse(
  invocation: Invocation,
  project: Project,
  schemas: readonly string[],
): Promise<MigrateAnswer> {
  const { environment, log } = invocation;
  const place = placeOf(environment);
  const { config, version } = await asMaster(invocation, async (master) => ({
    config: master,
    version: await prepareWarehouse({ config: master, place, login: 'iam' }),
  }));
  log.info('roles, schema and grants are up to date', { postgres: version });
  const warehouse = await openAs(invocation, config);
  try {
    const contracts = [...project.sources].map(([name, { contract }]) => [name, contract] as const);
    await withClient(warehouse, 'owner', (client) => createMissingRawTables(client, contracts));
    const jobs = scheduledJobs(project);
    const now = systemClock.now();
    await withClient(warehouse, 'loader', (client) => recordJobs(client, { jobs, now }));
    log.info('tables and schedules are up to date', {
      sources: contracts.length,
      jobs: jobs.length,
    });
    const access = await letUsersIn(invocation, { config, project, schemas });
    // Alarms go by it: from now on it is known that something runs, and that nothing is late.
    await sayLate(invocation, { project, warehouse }, 'reader');
    return {
      versions: { postgres: version, node: process.versions.node },
      sources: contracts.map(([name]) => name),
      jobs: jobs.map(({ name }) => name),
      access,
    };
  } finally {
    await warehouse.close();
  }
}

/** Makes the database users as `access` declares them; their passwords are those of the stack's secrets. */
async function letUsersIn(
  { environment, log }: Invocation,
  {
    config,
    project,
    schemas,
  }: {
    readonly config: ClientConfig;
    readonly project: Project;
    readonly schemas: readonly string[];
  },
): Promise<MigrateAnswer['access']> {
  const { access } = project.config;
  const read = createSecretReader(environment.region);
  const passwords = new Map<string, string>();
  for (const { name } of access.users) {
    const arn = environment.userSecrets.get(name);
    const found = arn === undefined ? undefined : parseJson(await read(arn));
    const { data } = passwordSchema.safeParse(found);
    if (data === undefined) {
      throw new PlumblineError('secret-unreadable', {
        message: `The password of the database user ${name} is in no secret of the stack.`,
        remedy: 'Run `plumbline deploy`, which makes one for each user.',
      });
    }
    passwords.set(name, data.password);
  }
  // The pg client of the master user: to make roles takes no role of plumbline.
  const client = new Client(config);
  // One that breaks while idle says so again at the next query; unheard it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const changes = await planAccess(client, access, schemas);
    const { steps } = await applyAccess(client, changes, passwords);
    const texts = steps.map(({ text }) => text);
    log.info('database users are as declared', { users: access.users.length, steps: texts });
    return { steps: texts, notes: changes.notes };
  } finally {
    await client.end().catch(() => undefined);
  }
}

const passwordSchema = z.object({ password: z.string().min(1) });

async function status(invocation: Invocation, project: Project): Promise<StatusAnswer> {
  const warehouse = await asMaster(invocation, (config) => openAs(invocation, config));
  try {
    const now = systemClock.now();
    const found = await readStatus({ project, warehouse }, now);
    await sayLate(invocation, { project, warehouse }, 'reader');
    const postgres = /^PostgreSQL (\S+)/.exec(warehouse.description)?.[1] ?? '';
    return { ...found, versions: { postgres, node: process.versions.node } };
  } finally {
    await warehouse.close();
  }
}

/** Connections of the master user that act as a role from their first statement on. */
function openAs({ environment }: Invocation, master: ClientConfig): Promise<Warehouse> {
  return openWarehouseByRole({
    config: (role: Role) => ({ ...master, options: `-c role=${roleName(role)}` }),
    place: placeOf(environment),
    checkAs: 'reader',
  });
}

async function withClient<T>(
  warehouse: Warehouse,
  role: Role,
  work: (client: Awaited<ReturnType<Warehouse['connect']>>) => Promise<T>,
): Promise<T> {
  const client = await warehouse.connect(role);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** As RDS writes it: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
const masterSchema = z.object({ username: z.string().min(1), password: z.string().min(1) });

const wakeLimitMs = 90_000;

/** Works as the master user. When the password is refused, it may just have been rotated: once more with a fresh one. */
async function asMaster<T>(
  invocation: Invocation,
  work: (config: ClientConfig) => Promise<T>,
): Promise<T> {
  const { environment, log } = invocation;
  const untilMs = Date.now() + Math.min(wakeLimitMs, invocation.remainingMs() / 2);
  const attempt = async (): Promise<T> => {
    const config = { ...serverConfig(environment), ...(await readMaster(invocation)) };
    return whenUp(() => work(config), { log, untilMs });
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isRefusedLogin(error)) throw error;
    log.warn('the master password was refused; it is read anew');
    return attempt();
  }
}

/** SQLSTATE 28P01, invalid_password. */
function isRefusedLogin(error: unknown): boolean {
  const cause = error instanceof PlumblineError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === '28P01';
}

async function readMaster({
  environment,
}: Invocation): Promise<{ readonly user: string; readonly password: string }> {
  const { adminSecret, region } = environment;
  if (adminSecret === undefined || adminSecret === '') {
    throw new PlumblineError('setting-missing', {
      message: "The function's variable PLUMBLINE_ADMIN_SECRET is not set.",
      remedy: 'Run `plumbline deploy`, which sets it.',
    });
  }
  const parsed = masterSchema.safeParse(parseJson(await createSecretReader(region)(adminSecret)));
  if (!parsed.success) {
    throw new PlumblineError('secret-unreadable', {
      message: `The master user's secret ${adminSecret} is not of the form that RDS writes.`,
      remedy: 'It must be JSON with username and password; restore an earlier version of it.',
    });
  }
  return { user: parsed.data.username, password: parsed.data.password };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}

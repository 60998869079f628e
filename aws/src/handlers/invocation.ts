import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Context } from 'aws-lambda';
import { assembleProject } from 'plumbline/runtime';
import type { Environment, ProjectAtWork, ProjectParts, Role } from 'plumbline/runtime';

import { createLog } from './create-log.ts';
import type { Log } from './create-log.ts';
import { createSecrets } from './create-secrets.ts';
import type { Secrets } from './create-secrets.ts';
import { readFunctionEnvironment } from './function-environment.ts';
import type { FunctionEnvironment } from './function-environment.ts';
import { asHandlerFault, faultFields } from './handler-fault.ts';
import { createLandingArchive } from './landing-archive.ts';
import { openDatabase } from './open-database.ts';
import { createSecretReader } from './read-secret.ts';

/** What a function is, from its start on. */
export interface FunctionParts {
  /** The source or digest; `release` and `migrate` for those. */
  readonly job: string;
  /** What of the project the function needs; its code is in the same bundle. */
  readonly parts: ProjectParts;
  /** Of sources that are not among the parts, by name: how old their last delivery may be. */
  readonly freshness?: Readonly<Record<string, string>>;
}

export interface FunctionSetup extends FunctionParts {
  readonly environment: FunctionEnvironment;
  readonly secrets: Secrets;
}

/**
 * Reads what the function is told, once, while it is loaded: what is missing then is an error of the
 * initialization.
 */
export function setUpFunction(parts: FunctionParts): FunctionSetup {
  const folder = process.env['LAMBDA_TASK_ROOT'] ?? dirname(fileURLToPath(import.meta.url));
  const environment = readFunctionEnvironment(process.env, folder);
  const read = createSecretReader(environment.region);
  return { ...parts, environment, secrets: createSecrets({ arns: environment.secrets, read }) };
}

/** One event being worked on. */
export interface Invocation extends FunctionSetup {
  readonly log: Log;
  readonly requestId: string;
  readonly functionName: string;
  readonly remainingMs: () => number;
}

/** Work on one event, with a log around it and errors as someone reads them in the dead-letter queue. */
export function createHandler<R>(
  given: FunctionParts,
  work: (event: unknown, invocation: Invocation) => Promise<R>,
): (event: unknown, context: Context) => Promise<R> {
  const setup = setUpFunction(given);
  const { job } = given;
  return async (event, context) => {
    const { awsRequestId: requestId, functionName } = context;
    const log = createLog({ stack: setup.environment.stack }).with({ requestId, job });
    const remainingMs = (): number => context.getRemainingTimeInMillis();
    const began = Date.now();
    try {
      return await work(event, { ...setup, log, requestId, functionName, remainingMs });
    } catch (error) {
      const seconds = (Date.now() - began) / 1000;
      log.error('the function failed', { ...faultFields(error), seconds });
      throw asHandlerFault(error, { job });
    }
  };
}

export interface OpenOptions {
  readonly checkAs: Role;
  /** Whether deliveries are kept: the function loads. */
  readonly archives: boolean;
}

/** A project open for one event; everything is closed again before the handler returns. */
export interface OpenedProject extends ProjectAtWork {
  readonly close: () => Promise<void>;
}

/** A database that sleeps is waited for this long, and no longer than for half of the time there is. */
const wakeLimitMs = 90_000;

/** All that a function may write to; what it keeps lies in the bucket. */
const temporaryDir = (): string => join(tmpdir(), 'plumbline');

/** Reads the secrets, puts the project together and opens its warehouse. */
export async function openInvocation(
  invocation: Invocation,
  { checkAs, archives }: OpenOptions,
): Promise<OpenedProject> {
  const { environment, log, parts, secrets } = invocation;
  const values = await secrets.values();
  const env: Environment = (name) => {
    const value = values.get(name) ?? process.env[name];
    return value === '' ? undefined : value;
  };
  const untilMs = Date.now() + Math.min(wakeLimitMs, invocation.remainingMs() / 2);
  const warehouse = await openDatabase({ environment, checkAs, log, untilMs });
  try {
    const project = await assembleProject(parts, { dir: temporaryDir(), env });
    const archive = createLandingArchive({
      bucket: environment.landingBucket,
      region: environment.region,
    });
    return {
      project,
      env,
      warehouse,
      landingDir: join(temporaryDir(), 'landing'),
      ...(archives && { archive }),
      close: () => warehouse.close(),
    };
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PlumblineError } from 'plumbline/runtime';

/** What a function is told by its environment; the stack writes it. No secret is in it, only where they are. */
export interface FunctionEnvironment {
  /** The plan's name: prefix of everything in the account, and dimension of the metrics. */
  readonly stack: string;
  readonly region: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    /** Certificates of the authorities that may vouch for the server, PEM. */
    readonly ca: string;
  };
  readonly landingBucket: string;
  /** ARN of the secret by the variable that a project's file names. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Name of the function that makes releases. */
  readonly releaseFunction: string | undefined;
  /** ARN of the master user's secret; the function that migrates has it. */
  readonly adminSecret: string | undefined;
  /** ARN by database user; the function that migrates has them. */
  readonly userSecrets: ReadonlyMap<string, string>;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads it once, as the function starts. `folder` is that of the code, where `rds-ca.pem` lies unless
 * `PLUMBLINE_DATABASE_CA` names another file. Throws `setting-missing`, which Lambda reports as an
 * error of the initialization.
 */
export function readFunctionEnvironment(variables: Variables, folder: string): FunctionEnvironment {
  const needed = (name: string): string => {
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    throw new PlumblineError('setting-missing', {
      message: `The function's variable ${name} is not set.`,
      remedy: 'Run `plumbline deploy`, which sets it; do not edit the function by hand.',
    });
  };
  const port = Number(variables['PLUMBLINE_DATABASE_PORT'] ?? '5432');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new PlumblineError('setting-missing', {
      message: `The function's variable PLUMBLINE_DATABASE_PORT is '${variables['PLUMBLINE_DATABASE_PORT'] ?? ''}'; expected a port from 1 to 65535.`,
      remedy: 'Run `plumbline deploy`, which sets it.',
    });
  }
  const given = variables['PLUMBLINE_DATABASE_CA'];
  const caFile = given === undefined || given === '' ? join(folder, 'rds-ca.pem') : given;
  return {
    stack: needed('PLUMBLINE_STACK'),
    region: needed('AWS_REGION'),
    database: {
      host: needed('PLUMBLINE_DATABASE_HOST'),
      port,
      name: needed('PLUMBLINE_DATABASE_NAME'),
      ca: readCa(caFile),
    },
    landingBucket: needed('PLUMBLINE_LANDING_BUCKET'),
    secrets: readMap(variables, 'PLUMBLINE_SECRETS'),
    releaseFunction: variables['PLUMBLINE_RELEASE_FUNCTION'],
    adminSecret: variables['PLUMBLINE_ADMIN_SECRET'],
    userSecrets: readMap(variables, 'PLUMBLINE_USER_SECRETS'),
  };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlumblineError('setting-missing', {
      message: `The certificates of the database's authority are not there: ${file} cannot be read.`,
      remedy: 'Run `plumbline deploy`, which puts rds-ca.pem beside the code.',
      cause,
    });
  }
}

function readMap(variables: Variables, name: string): ReadonlyMap<string, string> {
  const text = variables[name];
  if (text === undefined || text === '') return new Map();
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return new Map(Object.entries(value).map(([key, arn]) => [key, String(arn)]));
    }
  } catch {
    // Said below; the text is not, as someone may have put a secret there.
  }
  throw new PlumblineError('setting-missing', {
    message: `The function's variable ${name} is no JSON object of names and ARNs.`,
    remedy: 'Run `plumbline deploy`, which sets it.',
  });
}

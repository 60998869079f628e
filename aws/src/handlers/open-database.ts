import { setTimeout as wait } from 'node:timers/promises';

import { Signer } from '@aws-sdk/rds-signer';
import type { ClientConfig } from 'pg';
import { openWarehouseByRole, PlumblineError, roleName } from 'plumbline/runtime';
import type { Role, Warehouse } from 'plumbline/runtime';

import type { Log } from './create-log.ts';
import type { FunctionEnvironment } from './function-environment.ts';

/** A connection that is not there by then is tried again, by whoever waits for a database that wakes up. */
const triedAgainMs = 10_000;

/** Host, port and database for messages. */
export const placeOf = ({ database }: FunctionEnvironment): string =>
  `${database.host}:${database.port}/${database.name}`;

/** TLS and nothing else, with a certificate of RDS' own authority for the very name that was asked for. */
export function serverConfig({ database }: FunctionEnvironment): ClientConfig {
  return {
    host: database.host,
    port: database.port,
    database: database.name,
    ssl: { ca: database.ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    connectionTimeoutMillis: triedAgainMs,
  };
}

/**
 * How a role logs in: with a token of AWS made for each connection. Nothing is kept that could be
 * stolen, and there is nothing to rotate.
 */
export function roleConfig(environment: FunctionEnvironment, role: Role): ClientConfig {
  const { database, region } = environment;
  const username = roleName(role);
  const signer = new Signer({ hostname: database.host, port: database.port, username, region });
  return {
    ...serverConfig(environment),
    user: username,
    password: () => signer.getAuthToken(),
  };
}

export interface OpenDatabaseOptions {
  readonly environment: FunctionEnvironment;
  /** The role that looks whether the warehouse is up to date. */
  readonly checkAs: Role;
  readonly log: Log;
  /** Milliseconds since 1970 after which no further try begins. */
  readonly untilMs: number;
  /** How long each connection may take; longer where later ones are not tried again. Default 10 s. */
  readonly connectTimeoutMs?: number;
}

/**
 * Opens the warehouse; one that sleeps (0 ACU) or is being failed over is waited for. Throws what
 * `openWarehouseByRole` throws.
 */
export function openDatabase(options: OpenDatabaseOptions): Promise<Warehouse> {
  const { environment, checkAs, connectTimeoutMs = triedAgainMs } = options;
  const config = (role: Role): ClientConfig => ({
    ...roleConfig(environment, role),
    connectionTimeoutMillis: connectTimeoutMs,
  });
  const place = placeOf(environment);
  return whenUp(() => openWarehouseByRole({ config, place, checkAs }), options);
}

const firstPauseMs = 500;
const longestPauseMs = 8000;

/**
 * Tries again, in growing steps, while the server cannot be reached: refused, reset, timed out or
 * 57P03 ("the database system is starting up"). Past `untilMs` the last error is thrown; Lambda's own
 * retry goes on a minute later.
 */
export async function whenUp<T>(
  open: () => Promise<T>,
  { log, untilMs }: Pick<OpenDatabaseOptions, 'log' | 'untilMs'>,
): Promise<T> {
  const began = Date.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.7, longestPauseMs)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof PlumblineError) || !mayWakeUp(error) || Date.now() + pauseMs > untilMs)
        throw error;
      log.info('the database does not answer yet', {
        reason: error.message,
        waitedSeconds: Math.round((Date.now() - began) / 1000),
      });
      await wait(pauseMs);
    }
  }
}

/** A certificate that is not trusted will not be in a minute either: that is someone else's server. */
function mayWakeUp({ code, retryable, cause }: PlumblineError): boolean {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code === 'warehouse-unreachable' && retryable && !/CERT|TLS|SIGNATURE/.test(reason);
}

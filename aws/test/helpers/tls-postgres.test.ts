import { Signer } from '@aws-sdk/rds-signer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectClient } from '../../../src/warehouse/connections.ts';
import { createAuthority } from './certificates.ts';
import { startDatabaseFront, type DatabaseFront } from './tls-postgres-front.ts';
import { startTlsPostgres, type TlsPostgres } from './tls-postgres.ts';

let postgres: TlsPostgres;
let front: DatabaseFront;

beforeAll(async () => {
  postgres = await startTlsPostgres({ trustsFront: true });
  const admin = await postgres.connect();
  await admin.query('create role plumbline_reader login');
  await admin.end();
  front = await startDatabaseFront({
    postgresPort: postgres.port,
    certificate: await postgres.authority.issue(['localhost']),
  });
});
afterAll(async () => {
  await front.close();
  await postgres.stop();
});

const signerFor = (username: string, port: number): Signer =>
  new Signer({
    hostname: 'localhost',
    port,
    username,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'no secret at all' },
  });

describe('the Postgres of these tests', () => {
  it('takes a password over TLS, with a certificate of its own authority only', async () => {
    const client = await postgres.connect();
    const { rows } = await client.query(
      'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()',
    );
    await client.end();
    expect(rows).toMatchObject([{ ssl: true }]);
    const { ca } = await createAuthority();
    const { user, password, port, database } = postgres;
    const config = { host: 'localhost', port, user, password, database, ssl: { ca } };
    await expect(connectClient(config, 'it')).rejects.toThrow(/self-signed|unable to verify/i);
  });

  it('lets a role in by a token that was made for it, and by no other', async () => {
    const { ca, database } = postgres;
    const token = await signerFor('plumbline_reader', front.port).getAuthToken();
    const config = {
      host: 'localhost',
      port: front.port,
      user: 'plumbline_reader',
      database,
      ssl: { ca },
    };
    const client = await connectClient({ ...config, password: token }, 'it');
    expect((await client.query('select current_user as user')).rows).toEqual([
      { user: 'plumbline_reader' },
    ]);
    await client.end();
    const other = await signerFor('plumbline_owner', front.port).getAuthToken();
    for (const password of [other, 'guess', token.replace(`:${front.port}`, ':5432')]) {
      await expect(connectClient({ ...config, password }, 'it')).rejects.toThrow(
        /PAM authentication failed/,
      );
    }
    await expect(connectClient({ ...config, password: token, ssl: false }, 'it')).rejects.toThrow(
      /no encryption/,
    );
  });
});

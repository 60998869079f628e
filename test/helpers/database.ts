import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { inject } from 'vitest';

import { connectClient } from '../../src/warehouse/connections.ts';
import { roleName } from '../../src/warehouse/role.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';

/** A migrated database of a test's own. */
export interface TestDatabase {
  /** As the superuser. */
  readonly url: string;
  readonly warehouse: Warehouse;
  /** Closes the warehouse and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

async function asAdmin(sql: string): Promise<void> {
  const admin = await connectClient({ connectionString: inject('postgresUrl') }, 'the test server');
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}

async function createFrom(template: string): Promise<{ name: string; url: string }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(`create database ${name} template ${template}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

/** A copy of a database nobody is connected to, in which the roles have their rights. */
export async function cloneDatabase(
  template = 'template_plumbline',
): Promise<Omit<TestDatabase, 'warehouse'> & { readonly name: string }> {
  const { name, url } = await createFrom(template);
  // The database's own rights are not copied with it.
  await asAdmin(`grant create on database ${name} to ${roleName('owner')}`);
  return { name, url, drop: () => asAdmin(`drop database ${name} with (force)`) };
}

/** Clones the migrated template; about 50 ms. */
export async function createDatabase(): Promise<TestDatabase> {
  const { name, url } = await createFrom('template_plumbline');
  const warehouse = await openWarehouse({ projectDir: tmpdir(), url });
  return {
    url,
    warehouse,
    drop: async () => {
      await warehouse.close();
      await asAdmin(`drop database ${name} with (force)`);
    },
  };
}

/** A database without any schema of ours, for tests of migrations and of the first start. */
export async function createEmptyDatabase(): Promise<Omit<TestDatabase, 'warehouse'>> {
  const { name, url } = await createFrom('template0');
  return { url, drop: () => asAdmin(`drop database ${name} with (force)`) };
}

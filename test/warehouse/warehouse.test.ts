import { expect, test } from 'vitest';

import { createDatabase } from '../helpers/database.ts';

test('a cloned database is migrated and each role acts as itself', async () => {
  const database = await createDatabase();
  const users: string[] = [];
  for (const role of ['owner', 'loader', 'reader'] as const) {
    const { rows } = await database.warehouse
      .pool(role)
      .query<{ current_user: string }>('select current_user');
    users.push(rows[0]?.current_user ?? '');
  }
  expect(users).toEqual(['plumbline_owner', 'plumbline_loader', 'plumbline_reader']);
  await database.drop();
});

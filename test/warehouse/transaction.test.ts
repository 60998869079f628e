import { expect, test } from 'vitest';

import { inTransaction, retryTransaction } from '../../src/warehouse/transaction.ts';
import { createDatabase } from '../helpers/database.ts';

const failure = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

test('work that throws leaves nothing behind, and the client is usable', async () => {
  const database = await createDatabase();
  const client = await database.warehouse.connect('owner');
  const work = inTransaction(client, async () => {
    await client.query('create table raw.t (a int)');
    throw new Error('half way');
  });
  await expect(work).rejects.toThrow('half way');
  const { rows } = await client.query("select to_regclass('raw.t') as t");
  expect(rows).toEqual([{ t: null }]);
  await client.end();
  await database.drop();
});

test('the error of the work is thrown, not that of a rollback on a dead connection', async () => {
  const client = {
    query: async (text: string) => {
      if (text === 'rollback') throw new Error('connection is gone');
    },
  };
  const work = inTransaction(client, () => Promise.reject(new Error('the cause')));
  await expect(work).rejects.toThrow('the cause');
});

test.each(['40001', '40P01'])('%s is tried three times', async (code) => {
  let calls = 0;
  const work = retryTransaction(async () => {
    calls += 1;
    throw failure(code);
  });
  await expect(work).rejects.toThrow(code);
  expect(calls).toBe(3);
});

test('what succeeds the second time succeeds; another fault is thrown at once', async () => {
  let calls = 0;
  const flaky = async (): Promise<string> => {
    calls += 1;
    if (calls === 1) throw failure('40001');
    return 'done';
  };
  expect(await retryTransaction(flaky)).toBe('done');
  calls = 5;
  const broken = retryTransaction(async () => {
    calls += 1;
    throw failure('23505');
  });
  await expect(broken).rejects.toThrow('23505');
  expect(calls).toBe(6);
});

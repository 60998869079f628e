import { describe, expect, it } from 'vitest';

import { createSecrets } from '../../src/handlers/create-secrets.ts';

const arns = new Map([['TOKEN', 'arn:token']]);

/** Secrets over values that a test sets, by a clock that it moves. */
function secretsOver(first: string | undefined) {
  const world = { value: first, nowMs: 0, reads: 0 };
  const secrets = createSecrets({
    arns,
    nowMs: () => world.nowMs,
    read: async () => {
      world.reads += 1;
      return world.value;
    },
  });
  return { world, secrets };
}

describe('secrets', () => {
  it('are read once in five minutes', async () => {
    const { world, secrets } = secretsOver('a');
    await secrets.values();
    world.value = 'b';
    world.nowMs = 299_999;
    expect((await secrets.values()).get('TOKEN')).toBe('a');
    expect(world.reads).toBe(1);
    world.nowMs = 300_000;
    expect((await secrets.values()).get('TOKEN')).toBe('b');
    expect(world.reads).toBe(2);
  });

  it('say after a refresh whether there is a reason to try again', async () => {
    const { world, secrets } = secretsOver('a');
    await secrets.values();
    expect(await secrets.refresh()).toBe(false);
    world.value = 'b';
    expect(await secrets.refresh()).toBe(true);
    expect((await secrets.values()).get('TOKEN')).toBe('b');
  });

  it.each([
    ['plain', 'plain'],
    ['with a line break\n', 'with a line break'],
    ['{"TOKEN":"from the console"}', 'from the console'],
    ['{"OTHER":"x"}', '{"OTHER":"x"}'],
    ['{not json', '{not json'],
  ])('may be written as %j', async (written, value) => {
    expect((await secretsOver(written).secrets.values()).get('TOKEN')).toBe(value);
  });

  it.each([undefined, '', ' \n', '{"TOKEN":""}'])(
    'are missed when they are %j',
    async (written) => {
      await expect(secretsOver(written).secrets.values()).rejects.toMatchObject({
        code: 'setting-missing',
        message: 'The secret TOKEN has no value yet.',
        remedy: expect.stringContaining('put-secret-value --secret-id arn:token'),
      });
    },
  );
});

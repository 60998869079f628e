import { describe, expect, it } from 'vitest';

import { PlumblineError } from '../../../src/errors.ts';
import { asHandlerFault } from '../../src/handlers/handler-fault.ts';

const faultOf = (error: unknown): Error => asHandlerFault(error, { job: 'payments' });

describe('a fault as it is kept with the event in the dead-letter queue', () => {
  it('has its code as its type, and says which job, what, and what to do', () => {
    const error = new PlumblineError('function-time', { message: 'It takes too long' });
    expect(faultOf(error)).toMatchObject({
      name: 'function-time',
      message: expect.stringMatching(
        /^payments: It takes too long\. What to do: Give the function more memory/,
      ),
    });
  });

  it.each([
    ['warehouse-unreachable', 'Cannot connect to Postgres at db:5432/plumbline: it sleeps'],
    ['source-denied', 'The server answered 401'],
  ] as const)('tells nobody to edit what a function has not: %s', (code, message) => {
    const { message: said } = faultOf(new PlumblineError(code, { message }));
    expect(said).not.toMatch(/DATABASE_URL|\.env|in the environment/);
    expect(said).toMatch(/What to do: \S/);
  });

  it('keeps the remedy that was written for it', () => {
    const remedy = 'Fill it in: `aws secretsmanager put-secret-value --secret-id x`.';
    const error = new PlumblineError('setting-missing', { message: 'No value.', remedy });
    expect(faultOf(error).message).toBe(`payments: No value. What to do: ${remedy}`);
  });

  it('says of anything else where to look', () => {
    expect(faultOf(new TypeError('x is not a function'))).toMatchObject({
      name: 'internal',
      message: expect.stringContaining('plumbline logs --aws'),
    });
    expect(faultOf('text').message).toContain('payments: text.');
  });
});

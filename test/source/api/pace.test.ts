import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { createPace, readSaidLimit } from '../../../src/source/api/pace.ts';

/** A clock that moves only when somebody sleeps. */
function manualClock() {
  const clock = { ms: 1000 };
  return {
    clock,
    effects: {
      clockMs: () => clock.ms,
      sleep: async (ms: number) => {
        clock.ms += ms;
      },
    },
  };
}

const { signal } = new AbortController();

it('sends no more requests than allowed in any span, and none later than needed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 40 }),
      async (requests, pauses) => {
        const { clock, effects } = manualClock();
        const pace = createPace({ requests, per: '1 second' }, effects);
        const sent: number[] = [];
        for (const pause of pauses) {
          clock.ms += pause;
          const asked = clock.ms;
          await pace.turn(signal);
          const oldest = sent.at(-requests);
          expect(clock.ms).toBe(Math.max(asked, oldest === undefined ? 0 : oldest + 1000));
          sent.push(clock.ms);
        }
      },
    ),
  );
});

it('waits until a limit that the server said is reached ends', async () => {
  const { clock, effects } = manualClock();
  const pace = createPace(undefined, effects);
  await pace.turn(signal);
  pace.hold(2500);
  await pace.turn(signal);
  expect(clock.ms).toBe(3500);
});

it.each([
  [{ ratelimit: 'limit=100, remaining=0, reset=30' }, { remaining: 0, resetMs: 30_000 }],
  [{ ratelimit: '"default";r=7;t=12' }, { remaining: 7, resetMs: 12_000 }],
  [
    { 'ratelimit-remaining': '0', 'ratelimit-reset': '5' },
    { remaining: 0, resetMs: 5000 },
  ],
  [
    { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '1772366460' },
    { remaining: 3, resetMs: 60_000 },
  ],
  [{ 'x-rate-limit-reset': '1772366460000' }, { remaining: undefined, resetMs: 60_000 }],
  [{ 'x-ratelimit-reset': '1' }, { remaining: undefined, resetMs: 1000 }],
  [{ 'x-ratelimit-reset': 'soon' }, { remaining: undefined, resetMs: undefined }],
  [{}, { remaining: undefined, resetMs: undefined }],
])('reads what a server says of its limit: %o', (headers, limit) => {
  expect(readSaidLimit(headers, '2026-03-01T12:00:00Z')).toEqual(limit);
});

import { expect, it } from 'vitest';

import { systemClock } from '../../src/schedule/clock.ts';

it('tells the time as an ISO instant', () => {
  const before = Date.now();
  const now = Date.parse(systemClock.now());
  expect(now).toBeGreaterThanOrEqual(before);
  expect(systemClock.now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
});

it('sleeps at least as long as asked', async () => {
  const start = performance.now();
  await systemClock.sleep(5, new AbortController().signal);
  expect(performance.now() - start).toBeGreaterThan(4);
});

it('wakes when the signal aborts, before or during the sleep', async () => {
  const hourMs = 3_600_000;
  const aborting = new AbortController();
  const sleep = systemClock.sleep(hourMs, aborting.signal);
  aborting.abort();
  await expect(sleep).resolves.toBeUndefined();
  await expect(systemClock.sleep(hourMs, aborting.signal)).resolves.toBeUndefined();
});

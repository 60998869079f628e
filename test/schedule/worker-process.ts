/**
 * A worker in a process of its own, for tests that kill it:
 *
 *     node worker-process.ts URL NAME hang|finish
 *
 * Prints `NAME JOB OCCURRENCE` when it has begun a run.
 */
import { tmpdir } from 'node:os';

import { systemClock } from '../../src/schedule/clock.ts';
import { every } from '../../src/schedule/every.ts';
import { createWorker } from '../../src/schedule/worker.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';

const [, , url, name = '', mode] = process.argv;
const warehouse = await openWarehouse({ projectDir: tmpdir(), url });
createWorker({
  connect: () => warehouse.connect('loader'),
  jobs: ['activity', 'costs', 'payments'].map((job) => ({
    name: job,
    schedule: every.day().at('00:00'),
  })),
  zone: 'UTC',
  clock: systemClock,
  name,
  leaseMs: 2000,
  pollMs: 200,
  runDue: async (due) => {
    for (const { job, occurrence } of due) console.log(`${name} ${job} ${occurrence}`);
    if (mode === 'hang') await new Promise<never>(() => undefined);
    return new Map(due.map(({ job }) => [job, { ok: true, result: null }]));
  },
}).start();

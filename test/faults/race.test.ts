import { expect, test } from 'vitest';

import { createLoaderProcesses } from './loader-processes.ts';
import { runScene } from './run-scene.ts';
import { mustEqual, sweep } from './sweep.ts';
import { useScene } from './use-scene.ts';

const loaders = 8;
const { scene } = useScene(0);

const names = ['orders', 'sales', 'activity'] as const;

test(`${loaders} loaders at once load every delivery once`, async () => {
  const hit = await sweep({
    fault: `${loaders} loaders racing`,
    file: 'test/faults/race.test.ts',
    scene: scene(),
    points: { short: 50, full: 100 },
    makeFault: async ({ ground, index, day }) => {
      // All on one source; now and then on all of them, one after the other.
      const name = names[(Math.floor(index / 3) + day) % names.length];
      const only = index % 10 === 9 || name === undefined ? names : [name];
      const runs = Array.from({ length: loaders }, () =>
        runScene(ground.at(), { only, release: false }),
      );
      const results = await Promise.all(runs);
      const where = only.join(', ');
      mustEqual(
        where,
        results.flatMap((result) => result.errors),
        [],
      );
      return { place: where, where };
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

test(`${loaders} processes at once load every delivery once`, async () => {
  const processes = createLoaderProcesses({ waiting: loaders });
  try {
    const hit = await sweep({
      fault: `${loaders} processes racing`,
      file: 'test/faults/race.test.ts',
      scene: scene(),
      points: { short: 3, full: 15 },
      lanes: 1,
      makeFault: async ({ ground }) => {
        const runs = Array.from({ length: loaders }, () =>
          processes.next().run(ground.at(), { release: false }),
        );
        const results = await Promise.all(runs);
        const errors = results.map((result) => result?.errors);
        mustEqual(
          'processes',
          errors,
          results.map(() => []),
        );
        return { place: 'all', where: 'processes' };
      },
    });
    expect(hit).toBeGreaterThan(0);
  } finally {
    processes.end();
  }
}, 3_600_000);

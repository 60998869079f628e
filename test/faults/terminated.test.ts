import { expect, test } from 'vitest';

import type { Verdict } from '../helpers/postgres-proxy.ts';
import { runScene } from './run-scene.ts';
import { countSteps, type Step } from './scene.ts';
import { describeStep, drawStep, mustEqual, type Point, sweep } from './sweep.ts';
import { useScene } from './use-scene.ts';

const lanes = 2;
const { scene, proxy: proxyOf } = useScene(lanes);

/** Ends the backend as an administrator does, before it gets the message or while it works on it. */
async function terminateAt(step: Step, { ground, lane, random }: Point) {
  const proxy = proxyOf(lane);
  const count = countSteps();
  const isBefore = random() < 0.5;
  let ending: Promise<unknown> | undefined;
  proxy.watch(async ({ phase, from, backend }): Promise<Verdict> => {
    const nth = count(phase, from);
    const isHere = phase === step.phase && from === step.from && nth === step.nth;
    if (ending !== undefined || !isHere || backend === undefined) return 'pass';
    ending = ground.query('select pg_terminate_backend($1, 10000)', [backend]);
    if (isBefore) await ending;
    return 'pass';
  });
  const result = await runScene(ground.at(proxy.address));
  await ending;
  return ending === undefined ? undefined : result;
}

test('backends terminated at any step: the run goes on, and comes to what an undisturbed run gives', async () => {
  const hit = await sweep({
    fault: 'backend terminated',
    file: 'test/faults/terminated.test.ts',
    scene: scene(),
    points: { short: 50, full: 200 },
    lanes,
    makeFault: async (point) => {
      const step = drawStep(scene(), point, ['landing']);
      const result = await terminateAt(step, point);
      if (result === undefined) return undefined;
      const where = describeStep(step);
      mustEqual(
        where,
        result.sources.flatMap((source) => source.errors),
        [],
      );
      return { place: step.phase, where };
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

import { afterAll, beforeAll, expect, test } from 'vitest';

import { createLoaderProcesses, type LoaderProcesses } from './loader-processes.ts';
import { countSteps, type Step } from './scene.ts';
import { describeStep, drawStep, type Point, sweep } from './sweep.ts';
import { useScene } from './use-scene.ts';

const lanes = 2;
const { scene, proxy: proxyOf } = useScene(lanes);
let processes: LoaderProcesses;

beforeAll(() => {
  processes = createLoaderProcesses({ waiting: lanes });
});
afterAll(() => processes.end());

/** Runs a loader and kills it at the step; false when it was not reached. */
async function killAt(step: Step, { ground, lane, random }: Point): Promise<boolean> {
  const proxy = proxyOf(lane);
  const loader = processes.next();
  const count = countSteps();
  // Before the message is passed on, in the middle of it, or a moment after.
  const moment = random();
  const afterMs = random() * 3;
  let killed = false;
  const isHere = (phase: Step['phase'], from: Step['from']): boolean => {
    const nth = count(phase, from);
    return !killed && phase === step.phase && from === step.from && nth === step.nth;
  };
  const killLater = (): void => {
    killed = true;
    setTimeout(loader.kill, afterMs);
  };
  proxy.watch(({ phase, from, bytes }) => {
    if (!isHere(phase, from)) return 'pass';
    if (moment > 0.6) {
      killLater();
      return 'pass';
    }
    killed = true;
    loader.kill();
    return { cutAfter: moment < 0.3 ? 0 : Math.floor((moment / 0.6) * bytes.length) };
  });
  const result = await loader.run(ground.at(proxy.address), {
    onLanding: () => {
      if (!isHere('landing', 'client')) return;
      if (moment > 0.5) return killLater();
      killed = true;
      loader.kill();
    },
  });
  return killed && result === undefined;
}

test('a loader killed at any step and started again comes to what an undisturbed run gives', async () => {
  const hit = await sweep({
    fault: 'kill -9 of a loader',
    file: 'test/faults/kill.test.ts',
    scene: scene(),
    points: { short: 50, full: 500 },
    lanes,
    makeFault: async (point) => {
      const step = drawStep(scene(), point);
      const killed = await killAt(step, point);
      return killed ? { place: step.phase, where: describeStep(step) } : undefined;
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

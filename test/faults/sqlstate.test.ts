import { expect, test } from 'vitest';

import type { Phase } from '../helpers/load-phases.ts';
import type { InjectedError, Verdict } from '../helpers/postgres-proxy.ts';
import { runScene, type SceneResult } from './run-scene.ts';
import { days } from './scene-sources.ts';
import { countSteps, type Step } from './scene.ts';
import { describeStep, type Hit, isFull, mustEqual, type Point, sweep } from './sweep.ts';
import { useScene } from './use-scene.ts';

const lanes = 2;
const { scene, proxy: proxyOf } = useScene(lanes);

const errorOf = (
  state: string,
  message: string,
  severity: InjectedError['severity'] = 'ERROR',
): InjectedError => ({ state, message, severity });

/** They may pass by themselves: the whole transaction is tried again in the same run. */
const passing: readonly InjectedError[] = [
  errorOf('40P01', 'deadlock detected'),
  errorOf('40001', 'could not serialize access due to concurrent update'),
  errorOf('55P03', 'canceling statement due to lock timeout'),
  errorOf('53100', 'could not extend file "base/5/16384": No space left on device'),
  errorOf('53200', 'out of memory'),
  errorOf('25006', 'cannot execute COPY FROM in a read-only transaction'),
  errorOf('08006', 'connection failure'),
  errorOf('57P01', 'terminating connection due to administrator command', 'FATAL'),
  errorOf('57P02', 'terminating connection because of crash of another server process', 'FATAL'),
  errorOf('25P03', 'terminating connection due to idle-in-transaction timeout', 'FATAL'),
];

/** They end the source's run at once: trying again at once would only do the same again. The next run does. */
const lasting: readonly InjectedError[] = [
  errorOf('57014', 'canceling statement due to statement timeout'),
  errorOf('42501', 'permission denied for table batch'),
  errorOf('58030', 'could not read block 3 in file "base/5/16384": Input/output error'),
];

/** Of a server that is not ready, or has no room: said before there is a session. */
const atConnect: readonly InjectedError[] = [
  errorOf('57P03', 'the database system is starting up', 'FATAL'),
  errorOf('53300', 'sorry, too many clients already', 'FATAL'),
  errorOf('57P01', 'terminating connection due to administrator command', 'FATAL'),
];

const loadPhases = ['identify', 'claim', 'staging', 'merge', 'record', 'commit'] as const;

interface Injection {
  readonly error: InjectedError;
  readonly phase: Phase;
}

const across = (errors: readonly InjectedError[], phases: readonly Phase[]): readonly Injection[] =>
  errors.flatMap((error) => phases.map((phase) => ({ error, phase })));

/** A message of the client of this phase that Postgres can refuse: a statement, or rows of a COPY. */
function drawRefusable(phase: Phase, { day, random }: Point): Step {
  const types = phase === 'connect' ? ['startup'] : ['Q', 'P', 'd'];
  const all = scene().day(day).steps;
  // Connections that only the release needs are not the loader's.
  const last = all.findLastIndex((step) => step.phase === 'commit');
  const steps = all
    .slice(0, last + 1)
    .filter((step) => step.from === 'client' && step.phase === phase && types.includes(step.type));
  const step = steps[Math.floor(random() * steps.length)];
  if (step === undefined) throw new Error(`day ${day} has no statement of phase ${phase}`);
  return step;
}

/** Runs a day in which Postgres refuses the message, `times` times in a row. */
async function refuseAt(
  step: Step,
  { error, times = 1 }: { readonly error: InjectedError; readonly times?: number },
  { ground, lane }: Point,
): Promise<SceneResult | undefined> {
  const proxy = proxyOf(lane);
  const count = countSteps();
  let refused = 0;
  proxy.watch(({ phase, from, type, statement }): Verdict => {
    const nth = count(phase, from);
    const isHere =
      refused === 0
        ? phase === step.phase && from === step.from && nth === step.nth && type === step.type
        : from === 'client' && type === step.type && statement === step.statement;
    if (!isHere || refused >= times) return 'pass';
    refused += 1;
    return { refuse: error };
  });
  const result = await runScene(ground.at(proxy.address));
  return refused === 0 ? undefined : result;
}

const errorsOf = (result: SceneResult) => result.sources.flatMap((source) => source.errors);

test('an error that may pass is tried again, the whole transaction, and the run goes on', async () => {
  const list = [...across(passing, loadPhases), ...across(atConnect, ['connect'])];
  // Each on one day, or on all of them.
  const perDay = isFull ? 1 : days.length;
  const cycles = Math.ceil(list.length / perDay);
  const hit = await sweep({
    fault: 'SQLSTATE that may pass',
    file: 'test/faults/sqlstate.test.ts',
    scene: scene(),
    points: { short: list.length, full: list.length * days.length },
    cycles,
    lanes,
    makeFault: async (point) => {
      const cycle = Math.floor(point.index / days.length);
      const injection = list[isFull ? cycle : point.index];
      if (injection === undefined) return undefined;
      const hit = await tryPassing(injection, point);
      if (hit === undefined) throw new Error('the statement was not reached');
      return hit;
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

async function tryPassing({ error, phase }: Injection, point: Point): Promise<Hit | undefined> {
  const step = drawRefusable(phase, point);
  const where = `${error.state} at ${describeStep(step)}`;
  const result = await refuseAt(step, { error }, point);
  if (result === undefined) return undefined;
  mustEqual(where, errorsOf(result), []);
  if (!['identify', 'connect', 'claim'].includes(phase)) {
    mustEqual(where, await point.ground.attemptsToday(), 2);
  }
  return { place: error.state, where };
}

test('an error that lasts ends the run of the source at once, and the next run completes it', async () => {
  const list = across(lasting, loadPhases);
  const hit = await sweep({
    fault: 'SQLSTATE that lasts',
    file: 'test/faults/sqlstate.test.ts',
    scene: scene(),
    points: { short: list.length, full: list.length },
    cycles: Math.ceil(list.length / days.length),
    lanes,
    makeFault: async (point) => {
      const injection = list[point.index];
      if (injection === undefined) return undefined;
      const { error, phase } = injection;
      const step = drawRefusable(phase, point);
      const where = `${error.state} at ${describeStep(step)}`;
      const result = await refuseAt(step, { error }, point);
      if (result === undefined) throw new Error(`not reached: ${where}`);
      const found = errorsOf(result).map(({ code, message }) => ({ code, message }));
      mustEqual(where, found, [{ code: 'batch-failed', message: error.message }]);
      return { place: error.state, where };
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

test('an error that stays is given up after three times, said by its name, and loaded by the next run', async () => {
  const list = [
    {
      error: errorOf('53100', 'could not extend file: No space left on device'),
      code: 'disk-full',
    },
    {
      error: errorOf('25006', 'cannot execute INSERT in a read-only transaction'),
      code: 'batch-failed',
    },
    { error: errorOf('40001', 'could not serialize access'), code: 'batch-failed' },
  ] as const;
  const hit = await sweep({
    fault: 'SQLSTATE that stays',
    file: 'test/faults/sqlstate.test.ts',
    scene: scene(),
    points: { short: list.length, full: list.length },
    cycles: 1,
    lanes: 1,
    makeFault: async (point) => {
      const given = list[point.index];
      if (given === undefined) return undefined;
      const step = drawRefusable('record', point);
      const where = `${given.error.state} at ${describeStep(step)}`;
      const result = await refuseAt(step, { error: given.error, times: 3 }, point);
      if (result === undefined) throw new Error(`not reached: ${where}`);
      const codes = errorsOf(result).map((error) => error.code);
      mustEqual(where, codes, [given.code]);
      const failed = `select state, attempts, error ->> 'code' as code from plumbline.batch where state = 'failed' order by id desc limit 1`;
      mustEqual(where, await point.ground.query(failed), [
        { state: 'failed', attempts: 3, code: given.code },
      ]);
      return { place: given.error.state, where };
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

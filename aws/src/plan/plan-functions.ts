import { suggest } from 'plumbline/runtime';

import type { FunctionSettings } from '../settings/define-aws.ts';
import { valueOf } from '../settings/reasoned.ts';
import type { FunctionPlan } from './plan.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';
import { loadedSources, readsOf, secretsOf, smtpSecret, variablesOf } from './source-needs.ts';

type Numbers = Pick<
  FunctionPlan,
  'memoryMb' | 'timeoutSeconds' | 'temporaryMb' | 'reservedConcurrency'
>;

/**
 * Two runs of a source at once: a function that goes on in a new invocation still runs while that
 * one starts. What loads and draws is given CPU, which comes with memory; what waits for Postgres
 * is not.
 */
const defaults: Readonly<Record<FunctionPlan['kind'], Numbers>> = {
  ingest: { memoryMb: 1024, timeoutSeconds: 900, temporaryMb: 2048, reservedConcurrency: 2 },
  release: { memoryMb: 512, timeoutSeconds: 900, temporaryMb: 512, reservedConcurrency: 1 },
  digest: { memoryMb: 1024, timeoutSeconds: 300, temporaryMb: 512, reservedConcurrency: 1 },
  migrate: { memoryMb: 512, timeoutSeconds: 900, temporaryMb: 512, reservedConcurrency: 1 },
};

/** The share of a vCPU is whole at 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const standardIngestMb = 1769;

/** One function a source, one for releases, one a digest, one for migrations. */
export function planFunctions(planning: Planning): readonly FunctionPlan[] {
  const { project } = planning;
  const numbersOf = (id: string, kind: FunctionPlan['kind']): Numbers =>
    functionNumbers(planning, id, kind);
  const none = { secrets: [], variables: {}, reads: [] };
  const functions: readonly FunctionPlan[] = [
    ...loadedSources(project).map(([name, source]): FunctionPlan => {
      const id = `ingest-${name}`;
      return {
        id,
        kind: 'ingest',
        job: name,
        ...numbersOf(id, 'ingest'),
        databaseRoles: ['loader', 'owner'],
        secrets: secretsOf(source),
        variables: variablesOf(planning, source),
        reads: readsOf(planning, source),
      };
    }),
    {
      id: 'release',
      kind: 'release',
      job: 'release',
      ...numbersOf('release', 'release'),
      databaseRoles: ['owner'],
      ...none,
    },
    ...[...project.digests.keys()].map((name): FunctionPlan => {
      const id = `digest-${name}`;
      return {
        id,
        kind: 'digest',
        job: name,
        ...numbersOf(id, 'digest'),
        databaseRoles: ['reader', 'loader'],
        ...none,
        secrets: [smtpSecret],
      };
    }),
    {
      id: 'migrate',
      kind: 'migrate',
      job: 'migrate',
      ...numbersOf('migrate', 'migrate'),
      databaseRoles: [],
      ...none,
    },
  ];
  checkNames(planning, functions);
  checkEnvironment(planning, functions);
  return functions;
}

/** What the settings say of one function goes before what they say of all. */
function functionNumbers(planning: Planning, id: string, kind: FunctionPlan['kind']): Numbers {
  const { size, functions = {} } = planning.settings;
  const layers: readonly FunctionSettings[] = [functions.only?.[id] ?? {}, functions];
  const pick = (key: 'memoryMb' | 'timeoutSeconds' | 'temporaryMb'): number | undefined =>
    layers.map((layer) => layer[key]).find((value) => value !== undefined);
  const usual = defaults[kind];
  const memoryMb = kind === 'ingest' && size === 'standard' ? standardIngestMb : usual.memoryMb;
  const reserved = layers
    .map((layer) => layer.reservedConcurrency)
    .find((value) => value !== undefined);
  const concurrency = valueOf<number, 'off'>(reserved, usual.reservedConcurrency ?? 1);
  return {
    memoryMb: pick('memoryMb') ?? memoryMb,
    timeoutSeconds: pick('timeoutSeconds') ?? usual.timeoutSeconds,
    temporaryMb: pick('temporaryMb') ?? usual.temporaryMb,
    reservedConcurrency: concurrency === 'off' ? undefined : concurrency,
  };
}

function checkNames(planning: Planning, functions: readonly FunctionPlan[]): void {
  const ids = functions.map(({ id }) => id);
  for (const name of Object.keys(planning.settings.functions?.only ?? {})) {
    if (ids.includes(name)) continue;
    const ofJob = functions.find(({ job }) => job === name)?.id;
    const meant = ofJob ?? suggest(name, ids);
    settingMistake(planning, {
      place: `functions.only.${name}`,
      message: `there is no function '${name}'`,
      value: `'${name}'`,
      expected: `one of ${ids.join(', ')}`,
      ...(meant === undefined ? {} : { suggestion: meant }),
    });
  }
}

/** Of all variables of a function together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const environmentBytesMax = 4096;
/** What the stack puts there besides: names, addresses, and the ARN of every secret. */
const ownBytes = 800;
const secretBytes = 160;

function checkEnvironment(planning: Planning, functions: readonly FunctionPlan[]): void {
  for (const { id, variables, secrets } of functions) {
    const bytes = Object.entries(variables).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
      0,
    );
    const most = environmentBytesMax - ownBytes - secretBytes * secrets.length;
    if (bytes <= most) continue;
    settingMistake(planning, {
      place: 'variables',
      message: `those of ${id} have ${bytes} bytes: a function takes ${environmentBytesMax} in all, with what the stack puts there`,
      expected: `at most ${most} bytes`,
    });
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { rowCodes } from '../../src/contract/row-codes.ts';
import { createDatabase, type TestDatabase } from '../helpers/database.ts';
import {
  type Answer,
  type ScriptedServer,
  startScriptedServer,
} from '../helpers/scripted-server.ts';
import { allInputs } from './all-inputs.ts';
import type { CorpusInput, Expected } from './corpus-input.ts';
import { type Counted, countAnswer, countCsv, countRows } from './count-records.ts';
import type { Outcome } from './loader.ts';

const isFull = process.env['CORPUS'] === 'full';
const all = allInputs();
// All take a minute and more; a third of them, another kind of fault each, is part of every run.
const inputs = all.filter((input, index) => isFull || (input.isBig !== true && index % 3 === 0));
const peakBytesMax = 300 * 1024 * 1024;

let database: TestDatabase;
let server: ScriptedServer;
let dir: string;
let answer: Answer = { status: 404 };
let loader: ChildProcess | undefined;
const done = { refused: 0, loaded: 0, rejected: 0, lost: 0, crashed: 0, peakBytes: 0 };
/** Inputs by the code they were refused or rejected with. */
const codes = new Map<string, number>();

beforeAll(async () => {
  database = await createDatabase();
  dir = await mkdtemp(join(tmpdir(), 'plumbline-corpus-'));
  server = await startScriptedServer(() => answer);
});

afterAll(async () => {
  loader?.kill();
  await server.close();
  await database.drop();
  await rm(dir, { recursive: true });
  const table = [...codes].sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(
    [
      ...table.map(([code, count]) => `${String(count).padStart(6)} × ${code}`),
      `${inputs.length} inputs: ${done.refused} refused, ${done.loaded} loaded without ${done.rejected} rejected rows, ${done.lost} records lost, ${done.crashed} crashes, peak RSS ${Math.round(done.peakBytes / 1024 / 1024)} MB`,
    ].join('\n'),
  );
});

async function startLoader(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('loader.ts', import.meta.url));
  const child = fork(script, [database.url, dir, server.origin], {
    // Node runs TypeScript itself: what compiles it would be measured too.
    execArgv: ['--expose-gc', '--max-old-space-size=256'],
  });
  await once(child, 'message');
  return child;
}

/** What a big input takes is measured without what was loaded before. */
async function endLoader(): Promise<void> {
  const ended = loader;
  loader = undefined;
  if (ended === undefined) return;
  ended.kill();
  await once(ended, 'exit');
}

/** What became of an input; undefined when the process that loaded it ended. */
async function load(input: CorpusInput, table: string, path: string): Promise<Outcome | undefined> {
  if (input.isBig === true) await endLoader();
  loader ??= await startLoader();
  const child = loader;
  const waiting = new AbortController();
  const { signal } = waiting;
  // The loader sends nothing else; what it does not survive, it sends nothing of.
  const told = once(child, 'message', { signal }).then(([outcome]) => outcome as Outcome);
  const ended = once(child, 'exit', { signal }).then(() => undefined);
  child.send({ name: input.name, table, path });
  const outcome = await Promise.race([told, ended]);
  told.catch(() => undefined);
  ended.catch(() => undefined);
  waiting.abort();
  if (outcome === undefined) loader = undefined;
  return outcome;
}

function note(outcome: Outcome): void {
  const isLoaded = outcome.state === 'loaded';
  done.peakBytes = Math.max(done.peakBytes, outcome.peakBytes);
  done[isLoaded ? 'loaded' : 'refused'] += 1;
  done.rejected += isLoaded ? outcome.rejected : 0;
  const given = [
    ...outcome.errors.map(({ code }) => code),
    ...Object.keys({ ...outcome.rejectedByCode, ...outcome.nestedByCode }),
  ];
  for (const code of given) codes.set(code, (codes.get(code) ?? 0) + 1);
}

/** Puts an input where its source finds it; gives the records that an independent program counts in it. */
async function place(input: CorpusInput, path: string): Promise<Counted | undefined> {
  if (input.kind === 'api') {
    answer = input.content();
    return 'body' in answer && !('cut' in answer) ? countAnswer(answer.body) : undefined;
  }
  const content = input.content();
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  const isWhole = typeof content === 'string' || content instanceof Uint8Array;
  await pipeline(
    Readable.from(isWhole ? [Buffer.from(content)] : content),
    createWriteStream(file),
  );
  const past = new Date('2026-01-10T04:00:00Z');
  await utimes(file, past, past);
  // What is refused has no records, and may be what keeps another program busy for ever.
  if (!isWhole || input.records !== undefined || 'refused' in input.expected) return undefined;
  return input.kind === 'csv'
    ? countCsv(content, input.options)
    : countRows(content, input.options);
}

/** An outcome in the form of what is expected. */
function asExpected({ errors, state, ...outcome }: Outcome): Expected {
  const [error] = errors;
  // The code is one of the catalogue, or the comparison fails.
  if (state !== 'loaded') return { refused: error?.code } as Expected;
  const { 'header-row': _header, 'blank-row': _blank, ...skipped } = outcome.skipped;
  return {
    loaded: outcome.held,
    ...(outcome.rejected === 0 ? {} : { rejected: outcome.rejectedByCode }),
    ...(outcome.duplicate === 0 ? {} : { duplicate: outcome.duplicate }),
    ...(outcome.flagged === 0 ? {} : { flagged: outcome.flagged }),
    ...(Object.keys(outcome.nestedByCode).length === 0 ? {} : { nested: outcome.nestedByCode }),
    ...(Object.keys(skipped).length === 0 ? {} : { skipped }),
  };
}

/** The same, with what is nought left out. */
function tidied(expected: Expected): Expected {
  if ('refused' in expected) return expected;
  const { rejected = {}, ...rest } = expected;
  return Object.keys(rejected).length === 0 ? rest : { ...rest, rejected };
}

/** Records of which nothing became: neither a row, nor a reject, nor counted as passed over. */
function lostOf(
  input: CorpusInput,
  outcome: Outcome,
  counted: Counted | undefined,
): number | undefined {
  const { 'blank-row': _blank, ...skipped } = outcome.skipped;
  const seen = Object.values(skipped).reduce((sum, count) => sum + count, outcome.read);
  if (input.records !== undefined) return input.records - seen;
  if (counted === undefined) return undefined;
  return counted.filled + (skipped['preamble-row'] === undefined ? 0 : counted.above) - seen;
}

test('each input has a name of its own', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(all.filter(({ name }) => /^(?:csv|excel|api): /u.test(name)).length).toBeGreaterThan(350);
});

describe('the corpus', () => {
  test.for(inputs.map((input, index) => [input.name, input, index] as const))(
    '%s',
    async ([, input, index]) => {
      const path = `${index}/orders.${input.kind === 'csv' ? 'csv' : 'xlsx'}`;
      const counted = await place(input, path);
      const outcome = await load(input, `case_${index}`, path);
      if (outcome === undefined) {
        done.crashed += 1;
        throw new Error('the process that loaded it ended');
      }
      note(outcome);
      expect(asExpected(outcome)).toEqual(tidied(input.expected));
      const isLoaded = outcome.state === 'loaded';
      // Nothing of what was refused is in the table.
      const lost = isLoaded ? lostOf(input, outcome, counted) : outcome.held;
      done.lost += Math.abs(lost ?? 0);
      expect(lost).toBe(0);
      const kept = outcome.held + outcome.duplicate + outcome.rejected;
      expect(isLoaded ? kept : outcome.read).toBe(outcome.read);
    },
  );
});

test('the memory of the process that loaded them all stayed within its bound', () => {
  expect(done.crashed).toBe(0);
  expect(done.lost).toBe(0);
  expect(done.peakBytes).toBeLessThan(peakBytesMax);
});

test.runIf(isFull)(
  'every code of rows, and every code a file can be refused with, is among them',
  () => {
    const ofFiles = [
      'format-error',
      'encoding-error',
      'source-error',
      'missing-label',
      'duplicate-label',
      'sheet-not-found',
      'encrypted-workbook',
      'lock-file',
      'merged-header',
      'control-total',
      'delivery-rejected',
      'source-unreachable',
      'source-denied',
      'source-not-found',
    ];
    const wanted = [...Object.keys(rowCodes), ...ofFiles];
    expect(wanted.filter((code) => !codes.has(code))).toEqual([]);
  },
);

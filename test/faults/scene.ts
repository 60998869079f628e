import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { connectClient } from '../../src/warehouse/connections.ts';
import { cloneDatabase } from '../helpers/database.ts';
import type { Phase } from '../helpers/load-phases.ts';
import { createPostgresProxy } from '../helpers/postgres-proxy.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { controlTotals, strayRows, wipe } from './control-totals.ts';
import { type Ground, landingOf, runScene, type SceneResult } from './run-scene.ts';
import { answerOfDay, type Day, days, writeDay } from './scene-sources.ts';

/** A place in a run at which a fault can be made: the nth message of a step. */
export interface Step {
  readonly phase: Phase;
  readonly from: 'client' | 'server';
  readonly type: string;
  /** Among the messages of the phase from this side, from 0. */
  readonly nth: number;
  readonly bytes: number;
  readonly statement: string;
}

/** Everything an undisturbed run of a day does and comes to. */
export interface SceneDay {
  readonly steps: readonly Step[];
  readonly expected: Readonly<Record<string, unknown>>;
}

/** A database, files and a landing on which the days are lived, one after the other. */
export interface OwnGround {
  readonly day: () => Day;
  /** Where a run loads from and to today; through a proxy when one is given. */
  readonly at: (through?: (url: string) => string) => Ground;
  /** Brings what tomorrow brings; after the last day everything is wiped and it is the first again. */
  readonly nextDay: () => Promise<void>;
  /** Runs until nothing is left to do, undisturbed: once more, and again for the API's next window. */
  readonly settle: () => Promise<readonly SceneResult[]>;
  readonly totals: () => Promise<Record<string, unknown>>;
  /** Batches that have rows in a table and are not loaded: there must be none at any moment. */
  readonly strayRows: () => Promise<readonly object[]>;
  /** How often the batch that was tried most often was tried, of those made today. */
  readonly attemptsToday: () => Promise<number>;
  readonly query: <T extends object>(sql: string, values?: unknown[]) => Promise<T[]>;
  readonly remove: () => Promise<void>;
}

/** Three days of deliveries of three sources. */
export interface Scene {
  /** What an undisturbed run does and comes to. */
  readonly day: (day: Day) => SceneDay;
  /** A ground of one's own, on the first day. */
  readonly begin: () => Promise<OwnGround>;
  readonly remove: () => Promise<void>;
}

/** Lives the days once, undisturbed. */
export async function createScene(): Promise<Scene> {
  const server = await startScriptedServer(({ path, query }) => ({
    body: answerOfDay(dayOfPath(path), query),
  }));
  const begin = (): Promise<OwnGround> => createGround(server.origin);
  const lived = new Map<Day, SceneDay>();
  const ground = await begin();
  try {
    for (const day of days) {
      const steps = await observe(ground);
      lived.set(day, { steps, expected: await ground.totals() });
      await ground.nextDay();
    }
  } finally {
    await ground.remove();
  }
  return {
    day: (day) => {
      const found = lived.get(day);
      if (found === undefined) throw new Error(`the scene has no day ${day}`);
      return found;
    },
    begin,
    remove: server.close,
  };
}

const dayOfPath = (path: string): Day => days.find((day) => path.startsWith(`/${day}/`)) ?? 1;

async function createGround(origin: string): Promise<OwnGround> {
  const database = await cloneDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-ground-'));
  const landingDir = landingOf(dir);
  let day: Day = 1;
  let lastOfYesterday = '0';
  await writeDay(dir, day);
  const at: OwnGround['at'] = (through = (url) => url) => ({
    url: through(database.url),
    dir,
    landingDir,
    origin: `${origin}/${day}`,
  });
  // One connection for what tests ask; a failover in a test is of connections through a proxy.
  const client = await connectClient({ connectionString: database.url }, 'the test server');
  return {
    day: () => day,
    at,
    nextDay: async () => {
      if (day === 3) {
        await wipe(client);
        await rm(dir, { recursive: true, force: true });
        day = 1;
      } else day = day === 1 ? 2 : 3;
      await writeDay(dir, day);
      const { rows } = await client.query<{ last: string }>(
        'select coalesce(max(id), 0) as last from plumbline.batch',
      );
      lastOfYesterday = rows[0]?.last ?? '0';
    },
    settle: async () => [
      await runScene(at(), { release: false }),
      await runScene(at(), { only: ['activity'] }),
    ],
    totals: () => controlTotals(client, landingDir),
    strayRows: () => strayRows(client),
    attemptsToday: async () => {
      const { rows } = await client.query<{ attempts: number }>(
        'select max(attempts) as attempts from plumbline.batch where id > $1',
        [lastOfYesterday],
      );
      return rows[0]?.attempts ?? 0;
    },
    // The query names its columns.
    query: async <T extends object>(sql: string, values: unknown[] = []) =>
      (await client.query(sql, values)).rows as T[],
    remove: async () => {
      await client.end();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Runs a day, noting each message and each step of landing. */
async function observe(ground: OwnGround): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const count = countSteps();
  const proxy = await createPostgresProxy(inject('postgresUrl'));
  proxy.watch(({ phase, from, type, bytes, statement }) => {
    steps.push({ phase, from, type, nth: count(phase, from), bytes: bytes.length, statement });
    return 'pass';
  });
  try {
    const result = await runScene(ground.at(proxy.address), {
      onLanding: (type) => {
        const nth = count('landing', 'client');
        steps.push({ phase: 'landing', from: 'client', type, nth, bytes: 0, statement: '' });
      },
    });
    if (!result.released || result.errors.length > 0) {
      throw new Error(`an undisturbed run fails: ${JSON.stringify(result.errors)}`);
    }
    await ground.settle();
    return steps;
  } finally {
    await proxy.close();
  }
}

/** Numbers the messages of each phase and side, from 0. */
export function countSteps(): (phase: Phase, from: 'client' | 'server') => number {
  const counts = new Map<string, number>();
  return (phase, from) => {
    const key = `${phase} ${from}`;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    return nth;
  };
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { startActivityServer } from './activity-server.ts';
import { yearOf } from './dates.ts';
import { activityPath, makeCompany, writeCompany, writeWhole } from './generate.ts';
import type { Plan } from './made.ts';

/** What is remembered from start to start: the data stay those of the first. */
interface State {
  readonly plan: Plan;
  /** False while files are being written; a start that was killed then is made good by the next. */
  readonly complete: boolean;
}

const seed = 20_260_105;

/**
 * Makes the company's data at the first start, up to that day, and starts its API. Later starts find
 * the data there.
 */
export async function startCompany(context: {
  readonly projectDir: string;
  readonly log: (message: string) => void;
}): Promise<{ env: Record<string, string>; stop: () => Promise<void> }> {
  const { projectDir, log } = context;
  const stateFile = path.join(projectDir, 'data/state.json');
  const known = await readState(stateFile);
  const plan = known?.plan ?? planUntil(new Date().toISOString().slice(0, 10));
  if (known?.complete !== true) {
    log(`Writing the example company's data, ${plan.from} to ${plan.until} …`);
    await writeState(stateFile, { plan, complete: false });
    const manifest = await writeCompany(projectDir, makeCompany(plan));
    await writeState(stateFile, { plan, complete: true });
    log(`${manifest.rows.read.toLocaleString('en-GB')} rows are under data/.`);
  }
  const server = await startActivityServer(activityPath(projectDir));
  return {
    env: { ACTIVITY_URL: server.url, ACTIVITY_TOKEN: server.token },
    stop: server.stop,
  };
}

/** About three years up to yesterday, from the first of January that is nearest to that. */
export function planUntil(today: string): Plan {
  const lateInYear = today.slice(5) >= '07-01';
  return { seed, from: `${yearOf(today) - (lateInYear ? 2 : 3)}-01-01`, until: today, scale: 1 };
}

async function writeState(file: string, state: State): Promise<void> {
  await writeWhole(file, Buffer.from(`${JSON.stringify(state, null, 2)}\n`));
}

async function readState(file: string): Promise<State | undefined> {
  try {
    // Written by this file only.
    return JSON.parse(await readFile(file, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

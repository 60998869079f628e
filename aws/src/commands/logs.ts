import { setTimeout } from 'node:timers/promises';

import { localTimeFormat, PlumblineError, suggest } from 'plumbline/runtime';
import type { Run, Terminal } from 'plumbline/runtime';

import type { Cloud, LogLine } from '../cloud/cloud.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import { readPlan } from '../plan/read-plan.ts';
import { openStack } from './open-stack.ts';
import { parseLogLine } from './parse-log-line.ts';
import type { LogEntry } from './parse-log-line.ts';
import { sinceMs } from './since.ts';
import { functionsByJob } from './stack-outputs.ts';

/** A line may reach CloudWatch this much later than it was written. */
const lateMs = 15_000;
const pollMs = 2000;

/** `plumbline logs --aws`: what the functions wrote, oldest first. */
export const run: Run = async ({ terminal, start, args, options, signal }) => {
  const { project, plan } = await readPlan(start);
  const from = sinceMs(options['since'], Date.now());
  const cloud = openCloud({ region: plan.region, variables: process.env, signal });
  const { outputs } = await openStack(cloud, plan);
  const jobs = chooseJobs(functionsByJob(outputs), args);
  const isShown = options['errors'] === true ? isTrouble : () => true;
  const print = printer(terminal, { ...project.config, follow: options['follow'] === true });
  const reader = createReader(cloud, jobs);
  const entries = (await reader.read(from, Date.now())).filter(isShown);
  for (const entry of entries) print(entry);
  if (options['follow'] !== true) {
    if (terminal.json) terminal.result(entries);
    else if (entries.length === 0) terminal.print('Nothing was written in that time.');
    return 0;
  }
  try {
    for (;;) {
      await setTimeout(pollMs, undefined, { signal });
      const now = Date.now();
      for (const entry of await reader.read(now - lateMs, now)) if (isShown(entry)) print(entry);
    }
  } catch (error) {
    // Ctrl-C is how following ends.
    if (signal.aborted) return 0;
    throw error;
  }
};

const isTrouble = ({ level }: LogEntry): boolean => level === 'warn' || level === 'error';

/** Jobs by the name of their function. Throws `usage` for a name that is none. */
function chooseJobs(
  functions: ReadonlyMap<string, string>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  for (const name of names) {
    if (functions.has(name)) continue;
    const meant = suggest(name, [...functions.keys()]);
    throw new PlumblineError('usage', {
      message: `There is no job '${name}' on AWS.`,
      remedy:
        meant === undefined
          ? `Jobs are ${[...functions.keys()].join(', ')}.`
          : `Did you mean '${meant}'?`,
    });
  }
  const chosen = [...functions].filter(([job]) => names.length === 0 || names.includes(job));
  return new Map(chosen.map(([job, functionName]) => [functionName, job]));
}

/** Reads each line once, however often its time is asked for. */
function createReader(cloud: Cloud, jobs: ReadonlyMap<string, string>) {
  const seen = new Set<string>();
  const isNew = ({ id, functionName }: LogLine): boolean => {
    const key = `${functionName} ${id}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  return {
    read: async (fromMs: number, toMs: number): Promise<readonly LogEntry[]> => {
      const lines = await cloud.logs.read({ functionNames: [...jobs.keys()], fromMs, toMs });
      return lines
        .filter(isNew)
        .flatMap((line) => parseLogLine(line, jobs.get(line.functionName) ?? line.functionName));
    },
  };
}

interface PrintOptions {
  readonly locale: string;
  readonly zone: string;
  readonly follow: boolean;
}

function printer(terminal: Terminal, { locale, zone, follow }: PrintOptions) {
  const { paint } = terminal;
  const local = localTimeFormat({ locale, zone });
  const paints = { error: paint.bad, warn: paint.notice, info: (text: string) => text };
  return (entry: LogEntry): void => {
    if (terminal.json) {
      // What goes on has no end: one value a line, as it comes.
      if (follow) terminal.result(entry);
      return;
    }
    const fields = Object.entries(entry.fields).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    terminal.print(
      `${paint.faint(local(entry.at))}  ${paint.strong(entry.job)}  ${paints[entry.level](entry.message)}${fields.length === 0 ? '' : paint.faint(`  ${fields.join(' ')}`)}`,
    );
  };
}

import { relative, resolve } from 'node:path';

import { suggest } from '../contract/suggest.ts';
import { isDay } from '../dashboard/period.ts';
import type { DigestResult } from '../digest/run-digest.ts';
import { PlumblineError } from '../errors.ts';
import { findProject } from '../project/folder.ts';
import type { Project } from '../project/project.ts';
import { readProject } from '../project/read-project.ts';
import { recordRun } from '../run/record-run.ts';
import { runDigest } from '../run/run-digest.ts';
import { nextOccurrences } from '../schedule/calendar.ts';
import { describeSchedule } from '../schedule/describe.ts';
import type { Invocation, Run } from './command.ts';
import { openProject } from './open-project.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const now = (): string => new Date().toISOString();

/** `plumbline digest [name] [--out FILE] [--date DAY]` */
export const run: Run = async (invocation) => {
  const { terminal, args, start } = invocation;
  // Before anything is started: a wrong name needs no database.
  const project = await readProject(await findProject(start));
  const name = args[0];
  if (name === undefined) {
    listDigests(project, terminal);
    return 0;
  }
  checkName(name, project);
  const result = await makeDigest(invocation, name);
  terminal.result(result);
  if (!terminal.json) printResult(result, invocation);
  // A mail server that does not take mail is no fault of the data.
  return result.ok ? 0 : result.state === 'held' ? 1 : 3;
};

async function makeDigest(invocation: Invocation, name: string): Promise<DigestResult> {
  const { terminal, options, start, signal } = invocation;
  const day = dayOption(options['date']);
  const out = options['out'];
  const open = await openProject({ start, terminal, setup: false });
  try {
    const make = (): Promise<DigestResult> =>
      runDigest({
        open,
        name,
        occurrence: now(),
        now,
        signal,
        warn: terminal.warn,
        ...(day === undefined ? {} : { day }),
        ...(typeof out === 'string' ? { out: resolve(out) } : {}),
      });
    // A look at it is no run.
    if (typeof out === 'string') return await make();
    const { warehouse } = open;
    return await recordRun({ warehouse, job: name, isOk: (result) => result.ok }, make);
  } finally {
    await open.close();
  }
}

function printResult(result: DigestResult, { terminal, options }: Invocation): void {
  const { paint } = terminal;
  const { state, file, recipients, reason = '' } = result;
  const path = file === undefined ? undefined : shortPath(file);
  if (state === 'sent') return terminal.print(`sent to ${recipients.join(', ')}`);
  if (state === 'written') {
    return terminal.print(`${options['out'] === undefined ? 'outbox' : 'written'}: ${path ?? ''}`);
  }
  const word = { held: 'held', failed: 'not sent', unknown: 'not known whether it arrived' }[state];
  const notice =
    state !== 'held' || options['out'] !== undefined
      ? []
      : [path === undefined ? `  a notice went to ${recipients.join(', ')}` : `  notice: ${path}`];
  terminal.fail([`${paint.bad(`${word}:`)} ${reason}`, ...notice]);
}

/** Under the current folder as seen from there. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

function checkName(name: string, { digests }: Project): void {
  if (digests.has(name)) return;
  const meant = suggest(name, digests.keys());
  throw new PlumblineError('usage', {
    message: `There is no digest '${name}'.`,
    remedy:
      meant === undefined
        ? `Digests are ${[...digests.keys()].join(', ') || 'none yet'}.`
        : `Did you mean '${meant}'?`,
  });
}

function dayOption(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (isDay(value)) return value;
  throw new PlumblineError('usage', {
    message: `--date is '${value}'; expected a day such as 2026-06-30.`,
  });
}

/** The project's digests, each with the next time it is due. */
function listDigests({ digests, config }: Project, terminal: Terminal): void {
  const { zone, locale } = config;
  const listed = [...digests].map(([name, { title, schedule, to }]) => ({
    digest: name,
    title,
    schedule: describeSchedule(schedule),
    next: nextOccurrences(schedule, { after: now(), zone, count: 1 })[0] ?? null,
    recipients: to,
  }));
  terminal.result(listed);
  if (listed.length === 0) return terminal.print('There are no digests yet.');
  const local = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const rows = listed.map(({ digest, next, schedule, recipients }) => [
    digest,
    next === null ? '–' : local.format(new Date(next)),
    { text: schedule, paint: terminal.paint.faint },
    recipients.join(', '),
  ]);
  const columns = [{ title: 'digest' }, { title: 'next' }, { title: '' }, { title: 'to' }];
  for (const line of formatTable(columns, rows, terminal.paint.faint)) terminal.print(line);
}

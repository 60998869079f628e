import { PlumblineError } from '../errors.ts';
import { findProject } from '../project/folder.ts';
import { readProject } from '../project/read-project.ts';
import { scheduledJobs } from '../run/scheduled-jobs.ts';
import { describeSchedule } from '../schedule/describe.ts';
import { listSchedule } from '../schedule/list.ts';
import type { Run } from './command.ts';
import { wholeNumber } from './option-values.ts';
import { formatTable } from './table.ts';

/** `plumbline schedule` */
export const run: Run = async ({ terminal, options, start }) => {
  const project = await readProject(await findProject(start));
  const { zone, locale } = project.config;
  const jobs = scheduledJobs(project);
  const from = instant(options['from']) ?? new Date().toISOString();
  const count = wholeNumber('--count', options['count'], { min: 1, max: 10_000 }) ?? 10;
  const listed = listSchedule(jobs, { from, count, zone });
  terminal.result(listed);
  if (listed.length === 0) terminal.print('Nothing has a schedule yet.');
  else {
    const local = new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      weekday: 'short',
      dateStyle: undefined,
      year: 'numeric',
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    const schedules = new Map(jobs.map((job) => [job.name, describeSchedule(job.schedule)]));
    const rows = listed.map(({ job, at }) => [
      local.format(new Date(at)),
      job,
      { text: schedules.get(job) ?? '', paint: terminal.paint.faint },
    ]);
    const columns = [{ title: zone }, { title: 'job' }, { title: '' }];
    for (const line of formatTable(columns, rows, terminal.paint.faint)) terminal.print(line);
  }
  return 0;
};

function instant(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const isInstant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/.test(
    value,
  );
  if (!isInstant || Number.isNaN(Date.parse(value))) {
    throw new PlumblineError('usage', {
      message: `--from is '${value}'; expected an instant such as 2026-03-01T00:00:00Z.`,
    });
  }
  return new Date(value).toISOString();
}

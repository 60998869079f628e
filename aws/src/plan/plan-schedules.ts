import { describeSchedule, suggest } from 'plumbline/runtime';
import type { Schedule } from 'plumbline/runtime';

import { firingsOf } from '../schedule/event-bridge.ts';
import type { SchedulePlan } from './plan.ts';
import type { Planning } from './planning.ts';
import { loadedSources } from './source-needs.ts';

/** Every schedule of the project as EventBridge is to fire it. */
export function planSchedules({ project }: Planning, zone: string): readonly SchedulePlan[] {
  const jobs: readonly { functionId: string; job: string; schedule: Schedule | undefined }[] = [
    ...loadedSources(project).map(([job, { schedule }]) => ({
      functionId: `ingest-${job}`,
      job,
      schedule,
    })),
    ...[...project.digests].map(([job, { schedule }]) => ({
      functionId: `digest-${job}`,
      job,
      schedule,
    })),
  ];
  return jobs.flatMap(({ functionId, job, schedule }) => {
    if (schedule === undefined) return [];
    return firingsOf(schedule, zone).map((firing, index) => ({
      id: `${functionId}-${index + 1}`,
      functionId,
      job,
      description: describeSchedule(schedule),
      schedule,
      zone,
      ...firing,
    }));
  });
}

/**
 * The company's zone as the IANA database spells it. Here `europe/berlin` means a zone, as Node takes
 * it; EventBridge refuses it. One that is in no database is a mistake, and stands for UTC from there on.
 */
export function planZone({ project, mistakes }: Planning): string {
  const { zone } = project.config;
  const refuse = (suggestion?: string): string => {
    mistakes.push({
      file: 'plumbline.config.ts',
      place: 'zone',
      message: `EventBridge knows no zone '${zone}'`,
      value: `'${zone}'`,
      expected: "a zone of the IANA database such as 'Europe/Berlin'",
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return 'UTC';
  };
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const spelt = known.find((each) => each.toLowerCase() === zone.toLowerCase());
  if (spelt !== undefined) return spelt;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Asia/Kolkata and its like are names of the database too, which Node's list has under another.
    if (/^(?:[A-Z][A-Za-z0-9_+-]*\/)+[A-Z][A-Za-z0-9_+-]*$/.test(zone)) return zone;
    return refuse(timeZone);
  } catch {
    return refuse(suggest(zone, known));
  }
}

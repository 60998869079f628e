import type { Project } from '../project/project.ts';
import type { ScheduledJob } from '../schedule/list.ts';

/** Sources and digests that have a schedule. */
export function scheduledJobs(project: Project): readonly ScheduledJob[] {
  const sources = [...project.sources].flatMap(([name, { schedule }]) =>
    schedule === undefined ? [] : [{ name, schedule }],
  );
  const digests = [...project.digests].map(([name, { schedule }]) => ({ name, schedule }));
  return [...sources, ...digests];
}

/**
 * What a platform that runs projects needs of Plumbline: reading a project, its calendar, its
 * warehouse, and running its jobs. Project files import from `plumbline`; `@plumbline/aws` imports
 * from here and from nowhere else.
 */
export { PlumblineError } from './errors.ts';
export type { ErrorCode, Mistake } from './errors.ts';
export { suggest } from './contract/suggest.ts';
export type { Schedule, Weekday } from './contract/schedule.ts';
export { nextOccurrences, occurrencesBetween, previousOccurrence } from './schedule/calendar.ts';
export { parseCron } from './schedule/cron.ts';
export type { CronFields } from './schedule/cron.ts';
export { describeSchedule } from './schedule/describe.ts';
export { readEnvironment } from './project/environment.ts';
export type { Environment } from './project/environment.ts';
export { findProject } from './project/folder.ts';
export { importFile, nextVersion } from './project/import-file.ts';
export { mistakesOf, mistakesOfError, showValue } from './project/mistakes.ts';
export type { MistakeInFile } from './project/mistakes.ts';
export type { Config, Project } from './project/project.ts';
export { readProject } from './project/read-project.ts';
export type { Setting } from './source/setting.ts';
export type { Place, Source } from './source/source.ts';

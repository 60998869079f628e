/**
 * What a platform that runs projects needs of Plumbline: reading a project, its calendar, its
 * warehouse, and running its jobs. Project files import from `plumbline`; `@plumbline/aws` imports
 * from here and from nowhere else. A bundler leaves out what is not used.
 */
export { PlumblineError } from './errors.ts';
export type { ErrorCode, Mistake } from './errors.ts';
export { suggest } from './contract/suggest.ts';
export type { Schedule, Weekday } from './contract/schedule.ts';
export type { Setting } from './source/setting.ts';
export type { Place, Source } from './source/source.ts';
export { parseKeyPattern } from './source/location/s3/key-pattern.ts';

// A project, from its folder or from its parts.
export { assembleProject } from './project/assemble-project.ts';
export type { ProjectParts, TextFile, ValueFile } from './project/assemble-project.ts';
export { readEnvironment } from './project/environment.ts';
export type { Environment } from './project/environment.ts';
export { findProject } from './project/folder.ts';
export { importFile, nextVersion, provideModule } from './project/import-file.ts';
export { mistakesOf, mistakesOfError, showValue } from './project/mistakes.ts';
export type { MistakeInFile } from './project/mistakes.ts';
export type { ConfigInput } from './project/config.ts';
export type { Config, Project } from './project/project.ts';
export { readProject, relationOf } from './project/read-project.ts';

// Its calendar, and runs that several machines share.
export { nextOccurrences, occurrencesBetween, previousOccurrence } from './schedule/calendar.ts';
export { clockGaps } from './schedule/clock-gaps.ts';
export type { ClockGap } from './schedule/clock-gaps.ts';
export { claimDue } from './schedule/claim-due.ts';
export type { Claimed, ClaimOptions } from './schedule/claim-due.ts';
export { systemClock } from './schedule/clock.ts';
export { parseCron } from './schedule/cron.ts';
export type { CronFields } from './schedule/cron.ts';
export { describeSchedule } from './schedule/describe.ts';
export { recordJobs } from './schedule/job-record.ts';
export type { ScheduledJob } from './schedule/list.ts';
export {
  finishRun,
  heldUntil,
  recordManualRun,
  renewLease,
  returnRun,
} from './schedule/occurrence.ts';
export type { Run as JobRun } from './schedule/occurrence.ts';
export { runClaimed } from './schedule/run-claimed.ts';
export type { DueRun, RunOutcome, WorkerEvent } from './schedule/run-claimed.ts';

// Its warehouse.
export { roles as databaseRoles, roleName } from './warehouse/role.ts';
export { openWarehouse, openWarehouseByRole, prepareWarehouse } from './warehouse/warehouse.ts';
export type { PrepareOptions, Role, RoleServer, Warehouse } from './warehouse/warehouse.ts';

// Who may read.
export type { Access, AccessUser, AllowedRange } from './access/access.ts';
export type { AccessChanges, AccessStep } from './access/access-changes.ts';
export { applyAccess } from './access/apply-access.ts';
export type { AppliedAccess } from './access/apply-access.ts';
export { newPassword } from './access/password.ts';
export { planAccess } from './access/plan-access.ts';

// Its jobs.
export type { Landed, LandingArchive } from './landing/land.ts';
export { createMissingRawTables } from './load/raw-table.ts';
export type { LoadEvent } from './load/load-options.ts';
export type { SourceResult } from './load/result.ts';
export type { ReleaseEvent, ReleaseResult } from './model/release-result.ts';
export type { DigestResult } from './digest/run-digest.ts';
export { countLateSources } from './run/count-late-sources.ts';
export { createSite } from './run/create-site.ts';
export { loadProjectSource } from './run/load-project-source.ts';
export type { ProjectAtWork } from './run/project-at-work.ts';
export { readStatus } from './run/read-status.ts';
export type { SourceStatus, Status } from './run/read-status.ts';
export { recordRun } from './run/record-run.ts';
export { releaseProject } from './run/release-project.ts';
export { runDigest } from './run/run-digest.ts';
export { scheduledJobs } from './run/scheduled-jobs.ts';
export { startServer } from './web/server.ts';
export type { RunningServer } from './web/server.ts';

// Its command line: what a command is called with, and how it prints.
export type { Command, Invocation, Run } from './cli/command.ts';
export type { AwsPackage } from './cli/load-aws-package.ts';
export { instantAfter, wholeNumber } from './cli/option-values.ts';
export { ownCommand } from './cli/own-command.ts';
export { ownVersion } from './cli/own-version.ts';
export { countFormat, shownPath } from './cli/print-run.ts';
export { printStatus } from './cli/print-status.ts';
export { interruptedExitCode } from './cli/report-error.ts';
export { formatTable } from './cli/table.ts';
export type { Cell, TableColumn } from './cli/table.ts';
export type { Terminal } from './cli/terminal.ts';
export { untilAborted } from './cli/until-aborted.ts';
export { localTimeFormat } from './run/local-time.ts';

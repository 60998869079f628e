import { localTimeFormat, nextOccurrences, PlumblineError, printStatus } from 'plumbline/runtime';
import type { Project, Run, Status, Terminal } from 'plumbline/runtime';

import type { Cloud } from '../cloud/cloud.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from '../plan/read-plan.ts';
import { openStack } from './open-stack.ts';
import type { OpenStack } from './open-stack.ts';
import { printConnections } from './print-connections.ts';

/** What `plumbline status --aws` tells. */
interface AwsStatus {
  /** The stack is at rest and whole, nothing raises an alarm or waits in a queue, and the warehouse is well. */
  readonly ok: boolean;
  readonly stack: { readonly name: string; readonly status: string; readonly changedAt: string };
  readonly alarms: readonly { readonly name: string; readonly reason: string }[];
  /** Queues of what failed, with how many wait in each. */
  readonly failed: readonly { readonly queue: string; readonly messages: number }[];
  /** Null when it could not be asked; `fault` says why. */
  readonly warehouse: Status | null;
  readonly fault?: string;
  readonly next: readonly { readonly job: string; readonly at: string }[];
}

/** Jobs that are shown with when they are due. */
const nextMax = 10;

/** `plumbline status --aws`: exit code 1 when something needs attention. */
export const run: Run = async ({ terminal, start, options, signal }) => {
  const { project, plan } = await readPlan(start);
  const cloud = openCloud({ region: plan.region, variables: process.env, signal });
  const stack = await openStack(cloud, plan);
  if (options['connect'] === true) {
    printConnections(plan, stack.outputs, terminal);
    return 0;
  }
  terminal.progress('asking the warehouse; one that is paused takes a quarter of a minute …');
  const status = await readAwsStatus(cloud, plan, stack);
  terminal.result(status);
  if (!terminal.json) print(status, project, terminal);
  return status.ok ? 0 : 1;
};

async function readAwsStatus(cloud: Cloud, plan: Plan, stack: OpenStack): Promise<AwsStatus> {
  const { state, outputs } = stack;
  const [alarms, failed, warehouse] = await Promise.all([
    cloud.watch.alarms(`${plan.name}-`),
    readFailed(cloud, plan),
    askWarehouse(cloud, outputs.MigrateFunction),
  ]);
  const after = new Date().toISOString();
  const next = plan.schedules
    .flatMap(({ job, schedule, zone }) =>
      nextOccurrences(schedule, { after, zone, count: 1 }).map((at) => ({ job, at })),
    )
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, nextMax);
  const isWhole = /^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/.test(state.status);
  return {
    ok:
      isWhole &&
      warehouse.warehouse?.ok === true &&
      alarms.length === 0 &&
      failed.every(({ messages }) => messages === 0),
    stack: { name: plan.name, status: state.status, changedAt: state.changedAt },
    alarms,
    failed,
    ...warehouse,
    next,
  };
}

/** A warehouse that does not answer is one of the things that a status tells. */
async function askWarehouse(
  cloud: Cloud,
  functionName: string,
): Promise<Pick<AwsStatus, 'warehouse' | 'fault'>> {
  try {
    const answer = await cloud.functions.invoke(functionName, { kind: 'status' });
    // The cast: what the function answers to this is a Status, of the version that was deployed.
    return { warehouse: answer as Status };
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== 'aws-function-failed') throw error;
    return { warehouse: null, fault: error.message };
  }
}

/** Queues in which failures are kept, by how the stack names them. */
async function readFailed(cloud: Cloud, plan: Plan): Promise<AwsStatus['failed']> {
  const resources = await cloud.stacks.resources(plan.name);
  const queues = resources.filter(
    ({ type, logicalId }) => type === 'AWS::SQS::Queue' && /Failed|DeadLetter/i.test(logicalId),
  );
  // The address of a queue ends with its name.
  const names = queues.map(({ physicalId }) => physicalId.split('/').at(-1) ?? '');
  const depths = await cloud.watch.queueDepths(names);
  return names.map((queue) => ({ queue, messages: depths.get(queue) ?? 0 }));
}

function print(status: AwsStatus, project: Project, terminal: Terminal): void {
  const { print: line, paint } = terminal;
  const local = localTimeFormat(project.config);
  const { name, status: state, changedAt } = status.stack;
  const paintState = /^(?:CREATE|UPDATE)_COMPLETE$/.test(state) ? paint.good : paint.bad;
  line(`Stack ${paint.strong(name)}, ${paintState(state)}, changed ${local(changedAt)}`);
  if (status.alarms.length === 0) line('No alarm is raised.');
  for (const alarm of status.alarms) line(`${paint.bad(alarm.name)}  ${alarm.reason}`);
  for (const { queue, messages } of status.failed.filter((each) => each.messages > 0)) {
    line(
      `${paint.bad(queue)}  ${messages} ${messages === 1 ? 'event' : 'events'} could not be worked off; docs/aws.md says what to do.`,
    );
  }
  line();
  if (status.warehouse !== null) printStatus(status.warehouse, { terminal, ...project.config });
  else line(paint.bad(`The warehouse does not answer. ${status.fault ?? ''}`));
  line();
  line(`Next (${project.config.zone})`);
  for (const { job, at } of status.next) line(`  ${local(at)}  ${job}`);
}

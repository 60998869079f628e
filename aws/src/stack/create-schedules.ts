import { Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';

import type { Plan, SchedulePlan } from '../plan/plan.ts';
import type { Functions } from './create-functions.ts';
import type { Queues } from './create-queues.ts';
import { logicalId, physicalName } from './logical-id.ts';
import { allow, trustOf } from './statement.ts';

/**
 * The schedules of the plan in one group, by one role that may start the functions they name and
 * nothing else. A firing that cannot be delivered is tried for an hour, then kept as failed: later
 * than that the next worker finds the missed occurrence by itself.
 */
export function createSchedules(
  stack: Stack,
  plan: Plan,
  { functions, queues }: { readonly functions: Functions; readonly queues: Queues },
): void {
  if (plan.schedules.length === 0) return;
  const groupName = physicalName(plan.name, 64);
  const group = new CfnScheduleGroup(stack, 'Schedules', { name: groupName });
  const used = new Set(plan.schedules.map(({ functionId }) => functionId));
  const role = new CfnRole(stack, 'SchedulerRole', {
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumeRolePolicyDocument: trustOf('scheduler.amazonaws.com', {
      StringEquals: {
        'aws:SourceAccount': Fn.ref('AWS::AccountId'),
        'aws:SourceArn': Fn.sub(
          `arn:\${AWS::Partition}:scheduler:\${AWS::Region}:\${AWS::AccountId}:schedule-group/${groupName}`,
        ),
      },
    }),
    policies: [
      allow('start-functions', [
        {
          actions: ['lambda:InvokeFunction'],
          resources: [...used].map((id) => functionOf(functions, id).attrArn),
        },
        { actions: ['sqs:SendMessage'], resources: [queues.failedEvents.attrArn] },
      ]),
    ],
  });
  for (const each of plan.schedules) {
    new CfnSchedule(stack, `Schedule${logicalId(each.id)}`, {
      name: physicalName(each.id, 64),
      groupName: group.ref,
      description: describe(each),
      scheduleExpression: each.expression,
      scheduleExpressionTimezone: each.zone,
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: functionOf(functions, each.functionId).attrArn,
        roleArn: role.attrArn,
        input: JSON.stringify({
          kind: 'schedule',
          job: each.job,
          scheduledTime: '<aws.scheduler.scheduled-time>',
        }),
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        deadLetterConfig: { arn: queues.failedEvents.attrArn },
      },
    });
  }
}

function functionOf(functions: Functions, id: string): CfnFunction {
  const found = functions.get(id);
  // The plan is checked before it comes here, so this is a mistake of ours.
  if (found === undefined)
    throw new Error(`a schedule names the function ${id}, which the plan has not`);
  return found;
}

function describe({ description, guard }: SchedulePlan): string {
  return (guard === undefined ? description : `${description}; ${guard}`).slice(0, 512);
}

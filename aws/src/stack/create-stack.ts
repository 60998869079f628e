import { Stack, Tags } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';

import type { BuiltCode } from '../bundle/built-code.ts';
import type { Plan } from '../plan/plan.ts';
import { createAlarms } from './create-alarms.ts';
import { createDatabase } from './create-database.ts';
import { createEgress } from './create-egress.ts';
import { createFunctions } from './create-functions.ts';
import { createLandingBucket } from './create-landing-bucket.ts';
import { createNetwork, createStorageEndpoint } from './create-network.ts';
import { createOutputs } from './create-outputs.ts';
import { createProxy } from './create-proxy.ts';
import { createQueues } from './create-queues.ts';
import { createSchedules } from './create-schedules.ts';
import { createSecrets } from './create-secrets.ts';
import { createSecurityGroups } from './create-security-groups.ts';

/**
 * One stack from a plan. Everything is a direct child of the stack, so that a logical id is the name
 * written here and nothing else: moving code between files never replaces a database.
 */
export function createStack(app: App, plan: Plan, code: BuiltCode): Stack {
  const stack = new Stack(app, plan.name, {
    description: `Plumbline for ${plan.company}`.slice(0, 1024),
    terminationProtection: true,
  });
  Tags.of(stack).add('plumbline:stack', plan.name);
  const network = createNetwork(stack, plan);
  const groups = createSecurityGroups(stack, plan, network);
  const egress = createEgress(stack, plan, { network, groups });
  const database = createDatabase(stack, plan, { network, groups });
  const secrets = createSecrets(stack, plan);
  const queues = createQueues(stack, plan);
  const landing = createLandingBucket(stack, plan, queues.notifications);
  // S3 asks whether it may send to a queue before it takes a notification.
  for (const policy of queues.policies) landing.bucket.addResourceDependency(policy);
  createStorageEndpoint(stack, network, landing.arn);
  const functions = createFunctions(stack, plan, {
    code,
    network,
    groups,
    database,
    landing,
    secrets,
    queues,
  });
  createSchedules(stack, plan, { functions, queues });
  const proxy = createProxy(stack, plan, {
    code,
    network,
    groups,
    database,
    landing,
  });
  const topic = createAlarms(stack, plan, {
    database,
    queues,
    proxyInstanceId: proxy.instanceId,
    natInstanceId: egress.instanceId,
  });
  createOutputs(stack, plan, {
    database,
    landing,
    secrets,
    proxyAddress: proxy.address,
    egressAddress: egress.address,
    alarmTopic: topic.ref,
    uploadQueues: new Map(
      plan.uploads
        .filter(({ bucket }) => bucket !== undefined)
        .flatMap(({ source, functionId }) => {
          const queue = queues.uploads.get(functionId);
          return queue === undefined ? [] : [[source, queue.attrArn] as const];
        }),
    ),
  });
  return stack;
}

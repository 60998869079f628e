import { PlumblineError } from 'plumbline/runtime';

import type { StackState } from '../cloud/cloud.ts';
import type { Target } from './deploy.ts';
import { nextSteps } from './next-steps.ts';
import type { NextStep } from './next-steps.ts';
import { readOutputs } from './stack-outputs.ts';
import type { StackOutputs } from './stack-outputs.ts';

export interface Finished {
  readonly outputs: StackOutputs;
  readonly migrated: unknown;
  readonly next: readonly NextStep[];
}

/**
 * Fills in secrets, migrates the warehouse, asks for a release where there may be one already, and
 * says where things are and what is left to do.
 */
export async function finishDeployment(target: Target, stack: StackState): Promise<Finished> {
  const { plan, cloud, steps, secrets, deployed } = target;
  const outputs = readOutputs(stack.outputs);
  if (outputs === undefined) {
    throw new PlumblineError('aws-deploy-failed', {
      message: `The stack ${plan.name} is there, but its outputs are not those of plumbline.`,
      remedy: 'Run `plumbline deploy` again.',
    });
  }
  if (secrets.toFill.length > 0) {
    await steps.run(
      'Secrets',
      async () => {
        for (const { secret, value } of secrets.toFill) {
          await cloud.secrets.fill(secret.secretName, value);
        }
      },
      () => `filled in: ${secrets.toFill.map(({ secret }) => secret.name).join(', ')}`,
    );
  }
  const migrated = await steps.run(
    'Warehouse',
    () => migrate(target, outputs),
    () => 'migrated: roles, schema, tables, schedules, users',
  );
  if (deployed !== undefined) {
    // What was changed of models and checks need not wait for the next run of a source.
    await steps.run(
      'Release',
      () => cloud.functions.start(outputs.ReleaseFunction, { kind: 'release', cause: 'deploy' }),
      () => 'asked for; what it comes to: plumbline status --aws',
    );
  }
  const next = nextSteps({ plan, outputs, missing: secrets.missing });
  printNext(target, outputs, next);
  return { outputs, migrated, next };
}

async function migrate({ cloud, plan }: Target, outputs: StackOutputs): Promise<unknown> {
  try {
    return await cloud.functions.invoke(outputs.MigrateFunction, { kind: 'migrate' });
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== 'aws-function-failed') throw error;
    throw new PlumblineError('aws-function-failed', {
      message: `The stack ${plan.name} is deployed, but its warehouse could not be migrated. ${error.message}`,
      remedy:
        'See `plumbline logs --aws migrate --errors`, then run `plumbline deploy` again: it goes on from there.',
      cause: error,
    });
  }
}

function printNext(
  { invocation, plan }: Target,
  outputs: StackOutputs,
  next: readonly NextStep[],
): void {
  const { print, paint } = invocation.terminal;
  print();
  print(
    `Dashboards  ${paint.link(`https://${plan.proxy.domain ?? outputs.ProxyAddress}`)} (${outputs.ProxyAddress})`,
  );
  print(`Landing     ${paint.link(`s3://${outputs.LandingBucket}`)}`);
  if (plan.access.users.length > 0) {
    const names = plan.access.users.map(({ name }) => name).join(', ');
    print(
      `BI tools    ${outputs.ProxyAddress}:5432, database ${outputs.DatabaseName}, as ${names}:`,
    );
    print('            `plumbline status --aws --connect` shows what to paste into each.');
  }
  print();
  print(paint.strong('Next'));
  next.forEach(({ text, command }, index) => {
    print(`  ${index + 1}. ${text}`);
    if (command !== undefined) print(`     ${paint.link(command)}`);
  });
}

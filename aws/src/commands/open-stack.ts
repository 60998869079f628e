import { PlumblineError } from 'plumbline/runtime';

import type { Cloud, StackState } from '../cloud/cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { checkAccount } from './check-account.ts';
import { notDeployed } from './not-deployed.ts';
import { readOutputs } from './stack-outputs.ts';
import type { StackOutputs } from './stack-outputs.ts';

export interface OpenStack {
  readonly state: StackState;
  readonly outputs: StackOutputs;
}

/**
 * The stack of a plan as it is, whatever is under way with it. Throws `aws-not-deployed`, and
 * `aws-stack-state` where its first deployment has not ended well yet.
 */
export async function openStack(cloud: Cloud, plan: Plan): Promise<OpenStack> {
  await checkAccount(cloud, plan);
  const state = await cloud.stacks.describe(plan.name);
  if (state === undefined) throw notDeployed(plan);
  const outputs = readOutputs(state.outputs);
  if (outputs !== undefined) return { state, outputs };
  throw new PlumblineError('aws-stack-state', {
    message: `The stack ${plan.name} is in ${state.status}, and has none of the outputs of a stack that is whole.`,
    remedy: state.status.endsWith('_IN_PROGRESS')
      ? 'Wait until it has been deployed.'
      : 'Run `plumbline deploy`: it takes up from there.',
  });
}

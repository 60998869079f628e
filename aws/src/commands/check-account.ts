import { PlumblineError } from 'plumbline/runtime';

import type { Cloud, Identity, StackState } from '../cloud/cloud.ts';
import type { Plan } from '../plan/plan.ts';

/** The account a plan goes to. Throws `aws-credentials`, `aws-region`, `aws-account`. */
export async function checkAccount(cloud: Cloud, plan: Plan): Promise<Identity> {
  const identity = await cloud.identity();
  if (plan.account !== undefined && plan.account !== identity.account) {
    throw new PlumblineError('aws-account', {
      message: `The credentials (${cloud.credentials}) are of account ${identity.account}, as ${identity.arn}; plumbline.aws.ts, account: expected '${plan.account}'.`,
      remedy: `Set AWS_PROFILE to a profile of account ${plan.account}, or correct \`account\` in plumbline.aws.ts.`,
    });
  }
  return identity;
}

/** Version 21 brought the ACLs and rights that the CDK of 2026 asks of its own stack. */
const bootstrapMin = 21;

/** What the CDK needs in an account and region before its first stack: a bucket and roles of its own. */
export async function findBootstrap(cloud: Cloud): Promise<number | undefined> {
  const toolkit = await cloud.stacks.describe('CDKToolkit');
  const version = Number(toolkit?.outputs['BootstrapVersion'] ?? Number.NaN);
  return Number.isInteger(version) && version >= bootstrapMin ? version : undefined;
}

export function notBootstrapped(cloud: Cloud, { account }: Identity): PlumblineError {
  return new PlumblineError('aws-not-bootstrapped', {
    message: `Account ${account} has not been prepared for the CDK in ${cloud.region}: there is no stack CDKToolkit of version ${bootstrapMin} or later. It holds a bucket for code and the roles that deploy.`,
  });
}

/**
 * The stack as it is; undefined before the first deployment. Throws `aws-stack-state` when it cannot be
 * changed now.
 */
export async function findStack(cloud: Cloud, plan: Plan): Promise<StackState | undefined> {
  const stack = await cloud.stacks.describe(plan.name);
  if (stack === undefined || stack.status === 'REVIEW_IN_PROGRESS') return undefined;
  const { status } = stack;
  if (status.endsWith('_IN_PROGRESS')) {
    throw new PlumblineError('aws-stack-state', {
      message: `The stack ${plan.name} in ${cloud.region} is being changed right now: ${status}.`,
      remedy: 'Wait until that has ended (`plumbline status --aws` shows it), then run it again.',
      retryable: true,
    });
  }
  if (/ROLLBACK_FAILED|DELETE_FAILED/.test(status)) {
    const reason = stack.reason === undefined ? '' : ` (${stack.reason})`;
    throw new PlumblineError('aws-stack-state', {
      message: `The stack ${plan.name} in ${cloud.region} is in ${status}${reason}: it got stuck, and has to be freed by hand.`,
      remedy: `See its events in the console of CloudFormation. After UPDATE_ROLLBACK_FAILED: \`aws cloudformation continue-update-rollback --stack-name ${plan.name}\`; after DELETE_FAILED: remove what it names, then \`plumbline destroy\` again.`,
    });
  }
  return stack;
}

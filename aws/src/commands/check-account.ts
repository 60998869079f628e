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

/** CloudFormation does nothing with such a stack but continue its rollback or delete it. */
export const isStuck = ({ status }: StackState): boolean =>
  /ROLLBACK_FAILED|DELETE_FAILED/.test(status);

/** Of these, what may only be deleted from there on. */
const isLost = ({ status }: StackState): boolean => /^(?:ROLLBACK|DELETE)_FAILED$/.test(status);

/**
 * The stack as it is; undefined before the first deployment. Throws `aws-stack-state` when it cannot be
 * changed now, or, with `toRemove`, not be removed.
 */
export async function findStack(
  cloud: Cloud,
  plan: Plan,
  { toRemove = false }: { readonly toRemove?: boolean } = {},
): Promise<StackState | undefined> {
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
  if (isStuck(stack) && !(toRemove && isLost(stack))) {
    const reason = stack.reason === undefined ? '' : ` (${stack.reason})`;
    throw new PlumblineError('aws-stack-state', {
      message: `The stack ${plan.name} in ${cloud.region} is in ${status}${reason}: it got stuck, and has to be freed by hand.`,
      remedy: isLost(stack)
        ? `See its events in the console of CloudFormation and correct what they name; a database that is protected has its deletion protection taken off in the console of RDS. Then \`plumbline destroy\`, and deploy anew.`
        : `See its events in the console of CloudFormation, then \`aws cloudformation continue-update-rollback --region ${cloud.region} --stack-name ${plan.name}\`.`,
    });
  }
  return stack;
}

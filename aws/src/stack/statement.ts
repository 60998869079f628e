import type { CfnRole } from 'aws-cdk-lib/aws-iam';

/** One permission: what may be done with what. ARNs are strings or CloudFormation references. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `Deny` takes away what another permission gives. */
  readonly effect?: 'Allow' | 'Deny';
}

/** An inline policy of a role: it lives and dies with the role, and is read in one place. */
export function allow(
  policyName: string,
  permissions: readonly Permission[],
): CfnRole.PolicyProperty {
  return {
    policyName,
    policyDocument: {
      Version: '2012-10-17',
      Statement: permissions.map(({ actions, resources, condition, effect = 'Allow' }) => ({
        Effect: effect,
        Action: actions,
        Resource: resources,
        ...(condition === undefined ? {} : { Condition: condition }),
      })),
    },
  };
}

/** Who may take on a role: one AWS service, under a condition that keeps other accounts' uses of it out. */
export function trustOf(service: string, condition?: Permission['condition']): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ],
  };
}

import type { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

import type { OptOut } from '../../plan/plan.ts';
import type { Finding } from './finding.ts';

/** A rule of cdk-nag that we do not follow, for which resources, and why. */
export interface NagException {
  readonly rule: RegExp;
  /** Logical ids. */
  readonly resource: RegExp;
  readonly reason: string;
  /** The setting that must have been opted out of, with a reason; undefined: it is always accepted. */
  readonly optOut?: string;
}

/** All there is. A finding that none of them covers fails the deploy; one that covers nothing, a test. */
export const nagExceptions: readonly NagException[] = [
  {
    rule: /^AwsSolutions-IAM5\[/,
    resource: /^(?:Role\w+|ProxyRole|NatRole)$/,
    reason: 'wildcards of roles have a stricter list of their own, acceptedWildcards',
  },
  {
    rule: /^AwsSolutions-EC28$/,
    resource: /^(?:Proxy|Nat)Instance\w*$/,
    reason: 'status checks, which the alarms use, come every minute without detailed monitoring',
  },
  {
    rule: /^AwsSolutions-EC29$/,
    resource: /^(?:Proxy|Nat)Instance\w*$/,
    reason:
      'nothing is kept on the machines, and a protected one could not be replaced by a deploy',
  },
  {
    rule: /^AwsSolutions-RDS3$/,
    resource: /^DatabaseInstance$/,
    reason: 'a standby doubles the price of the database; database.standby asks for it',
  },
  {
    rule: /^AwsSolutions-RDS10$/,
    resource: /^Database(?:Instance|Cluster)$/,
    reason: 'deletion protection was opted out of, with a reason in the settings',
    optOut: 'database.deletionProtection',
  },
  {
    rule: /^AwsSolutions-RDS11$/,
    resource: /^Database(?:Instance|Cluster)$/,
    reason:
      'BI tools expect 5432, and only two security groups reach it: another port hides nothing',
  },
  {
    rule: /^AwsSolutions-SMG4$/,
    resource: /^(?:User)?Secret\w+$/,
    reason:
      'tokens of other companies and passwords typed into BI tools change where they are used; the one that can be changed alone, the master user’s, is changed weekly by RDS',
  },
  {
    rule: /^AwsSolutions-S1$/,
    resource: /^Landing$/,
    reason: 'who reads is settled by roles; a second bucket of logs would cost more than it tells',
  },
  {
    rule: /^AwsSolutions-VPC7$/,
    resource: /^Vpc$/,
    reason: 'flow logs were opted out of, with a reason in the settings',
    optOut: 'network.flowLogs',
  },
];

/** One finding of cdk-nag, accepted or not. */
export interface NagFinding extends Finding {
  readonly exception: NagException | undefined;
}

/** AwsSolutions over a stack, with the exception that covers each finding. */
export function runNag(stack: Stack, optOuts: readonly OptOut[]): readonly NagFinding[] {
  const given = new Set(optOuts.map(({ setting }) => setting));
  const { violations } = new AwsSolutionsChecks().validateScope(stack);
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath = '' }) => {
      const resource = constructPath
        .split('/')
        .slice(1)
        .join('/')
        .replace(/\/Resource$/, '');
      const exception = nagExceptions.find(
        (each) =>
          each.rule.test(ruleName) &&
          each.resource.test(resource) &&
          (each.optOut === undefined || given.has(each.optOut)),
      );
      return { check: ruleName, resource, message: description, exception };
    }),
  );
}

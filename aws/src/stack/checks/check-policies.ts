import { resourcesOf } from '../template.ts';
import type { Check, Found } from './finding.ts';
import { statementsOf } from './policy.ts';
import type { Statement } from './policy.ts';
import { fieldsOf, listOf, renderValue } from './values.ts';

/** A permission whose resource is not one thing, and why it cannot be. */
export interface AcceptedWildcard {
  readonly actions: readonly string[];
  /** Of the resource, references as `${Landing.Arn}`. */
  readonly resource: RegExp;
  readonly reason: string;
}

/** All wildcards that a policy of ours may have. Another one fails the deploy. */
export const acceptedWildcards: readonly AcceptedWildcard[] = [
  {
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resource: /^\*$/,
    reason: 'Lambda puts the function into the network with its role; the code is refused the same',
  },
  {
    actions: [
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    resource: /^\*$/,
    reason: 'Session Manager: these actions know no resource',
  },
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resource: /^(?:\$\{Landing\.Arn\}|arn:\$\{AWS::Partition\}:s3:::[a-z0-9.-]+)\/[^*?]*\*$/,
    reason: 'the objects under the prefix that a source reads',
  },
  {
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resource: /^\$\{Landing\.Arn\}\/landing\/\*$/,
    reason: 'kept copies, each named by its SHA-256',
  },
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation'],
    resource: /^\*$/,
    reason: 'the endpoint lets reading through; whether one may read is up to the role',
  },
  {
    actions: ['route53:ListHostedZones'],
    resource: /^\*$/,
    reason: 'certbot looks for the zone by its name; the action knows no resource',
  },
  {
    actions: ['route53:GetChange'],
    resource: /^arn:\$\{AWS::Partition\}:route53:::change\/\*$/,
    reason: 'a change has an id only once it is made',
  },
  {
    actions: ['secretsmanager:GetSecretValue'],
    resource: /^arn:\$\{AWS::Partition\}:secretsmanager:[^*?]+-\?{6}$/,
    reason: 'Secrets Manager ends the ARN of every secret with six characters of its own',
  },
];

export const wildcards: Check = {
  name: 'policy-wildcards',
  promise: 'no policy allows all actions, all resources or all comers, but for a list with reasons',
  find: (template) =>
    statementsOf(template)
      .filter(({ effect }) => effect === 'Allow')
      .flatMap((statement) => [...inverted(statement), ...wide(statement), ...open(statement)]),
};

function inverted({ resource, inverted: names }: Statement): readonly Found[] {
  return names.map((name) => ({
    resource,
    message: `allows all but what ${name} lists; expected what is allowed, one by one`,
  }));
}

function wide({ resource, actions, resources }: Statement): readonly Found[] {
  const wideActions = actions.filter((action) => /[*?]/.test(action));
  const wideResources = resources.filter((each) => {
    if (!/[*?]/.test(each)) return false;
    return !acceptedWildcards.some(
      (accepted) =>
        accepted.resource.test(each) &&
        actions.every((action) => accepted.actions.includes(action)),
    );
  });
  return [
    ...wideActions.map((action) => ({
      resource,
      message: `allows the action ${action}; expected single actions`,
    })),
    ...wideResources.map((each) => ({
      resource,
      message: `allows ${actions.join(', ')} on ${each}; expected resources one by one, or an entry with a reason in acceptedWildcards`,
    })),
  ];
}

/** A policy of a resource that lets everybody in, without a condition, is a public resource. */
function open({ resource, principal, condition, actions }: Statement): readonly Found[] {
  if (principal === undefined || !principal.split(', ').includes('*')) return [];
  if (condition !== undefined && Object.keys(condition).length > 0) return [];
  // Who comes by the endpoint is inside the network; what may be read is up to their roles.
  if (resource === 'StorageEndpoint' && actions.every((action) => !action.includes(':Put')))
    return [];
  return [{ resource, message: `allows ${actions.join(', ')} to everybody; expected a condition` }];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
export const roles: Check = {
  name: 'roles',
  promise: 'every role is taken on by one AWS service, and none has a policy of AWS that may grow',
  find: (template) =>
    resourcesOf(template, 'AWS::IAM::Role').flatMap(({ id, properties }): readonly Found[] => {
      const trust = listOf(fieldsOf(properties['AssumeRolePolicyDocument'])['Statement']);
      const principals = trust.map((each) => fieldsOf(fieldsOf(each)['Principal'])['Service']);
      const isOne = principals.length === 1 && typeof principals[0] === 'string';
      // CDK's own function has AWS's policy for writing a log.
      const managed = id.startsWith('CustomVpc') ? [] : listOf(properties['ManagedPolicyArns']);
      return [
        ...(isOne
          ? []
          : [
              {
                resource: id,
                message: `may be taken on by ${renderValue(trust)}; expected one AWS service`,
              },
            ]),
        ...managed.map((arn) => ({
          resource: id,
          message: `has the policy ${renderValue(arn)}; expected inline permissions`,
        })),
      ];
    }),
};

import { resourcesOf } from '../template.ts';
import type { Template } from '../template.ts';
import { fieldsOf, listOf, renderValue } from './values.ts';
import type { Fields } from './values.ts';

/** One statement of any policy in a template. */
export interface Statement {
  /** Logical id of the role, or of the policy of a bucket, queue, topic or endpoint. */
  readonly resource: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** References are written `${Landing.Arn}`. */
  readonly resources: readonly string[];
  /** Undefined in a policy of a role. */
  readonly principal: string | undefined;
  readonly condition: Fields | undefined;
  /** `NotAction`, `NotResource` or `NotPrincipal`, which say what is left out only. */
  readonly inverted: readonly string[];
}

const documents: Readonly<Record<string, (properties: Fields) => readonly unknown[]>> = {
  'AWS::IAM::Role': ({ Policies }) =>
    listOf(Policies).map((each) => fieldsOf(each)['PolicyDocument']),
  'AWS::IAM::Policy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::IAM::ManagedPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::S3::BucketPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::SQS::QueuePolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::SNS::TopicPolicy': ({ PolicyDocument }) => [PolicyDocument],
  'AWS::SecretsManager::ResourcePolicy': ({ ResourcePolicy }) => [ResourcePolicy],
  'AWS::EC2::VPCEndpoint': ({ PolicyDocument }) => listOf(PolicyDocument),
};

/** Statements of all policies, or of one resource's. */
export function statementsOf(template: Template, resource?: string): readonly Statement[] {
  return resourcesOf(template)
    .filter(({ id }) => resource === undefined || id === resource)
    .flatMap(({ id, type, properties }) =>
      (documents[type]?.(properties) ?? []).flatMap((document) =>
        listOf(fieldsOf(document)['Statement']).map((each) => statementOf(id, fieldsOf(each))),
      ),
    );
}

function statementOf(resource: string, fields: Fields): Statement {
  const { Principal: principal, Condition: condition } = fields;
  return {
    resource,
    effect: fields['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    actions: listOf(fields['Action']).map((each) => renderValue(each)),
    resources: listOf(fields['Resource']).map((each) => renderValue(each)),
    principal: principal === undefined ? undefined : renderPrincipal(principal),
    condition: condition === undefined ? undefined : fieldsOf(condition),
    inverted: ['NotAction', 'NotResource', 'NotPrincipal'].filter((name) => name in fields),
  };
}

function renderPrincipal(principal: unknown): string {
  if (typeof principal === 'string') return principal;
  return Object.values(fieldsOf(principal))
    .map((each) => renderValue(each))
    .join(', ');
}

export function isAllowed({ effect, actions }: Statement, action: string): boolean {
  return effect === 'Allow' && actions.includes(action);
}

import type { Plan } from '../../src/plan/plan.ts';
import type { Statement } from '../../src/stack/checks/policy.ts';
import { statementsOf } from '../../src/stack/checks/policy.ts';
import { fieldsOf, listOf, renderValue } from '../../src/stack/checks/values.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import type { AcmeOnAws } from './acme-on-aws.ts';
import { callerIn } from './aws-stubs.ts';
import type { Call } from './aws-stubs.ts';

/** What functions and the proxy have asked of AWS so far, each signed as itself. */
export function callsOf({ s3, stubs, front }: AcmeOnAws): readonly Call[] {
  return [
    ...stubs.calls,
    ...s3.requests.map(({ kind, key, query, headers }): Call => ({
      caller: callerIn(headers.authorization ?? ''),
      action:
        kind === 'list'
          ? 's3:ListBucket'
          : kind === 'put'
            ? 's3:PutObject'
            : query.has('versionId')
              ? 's3:GetObjectVersion'
              : 's3:GetObject',
      resource: key,
    })),
    ...front.logins.flatMap(({ user, token }): readonly Call[] =>
      token === undefined
        ? []
        : [{ caller: callerIn(token), action: 'rds-db:connect', resource: user }],
    ),
  ];
}

/** The statements of a function's role, or of the proxy's, in a template. */
export function rightsOf(template: Template, plan: Plan, caller: string): readonly Statement[] {
  if (caller === 'proxy') return statementsOf(template, 'ProxyRole');
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(
    ({ properties }) => renderValue(properties['FunctionName']) === `${plan.name}-${caller}`,
  );
  const role = renderValue(found?.properties['Role']).replace(/^\$\{(.*)\.Arn\}$/, '$1');
  return statementsOf(template, role);
}

/** Whether statements of a role let it do what it asked for, as IAM would judge. */
export function isCovered(template: Template, rights: readonly Statement[], call: Call): boolean {
  const resource = resourceOf(template, call);
  return rights.some(
    ({ effect, actions, resources, condition }) =>
      effect === 'Allow' &&
      actions.includes(call.action) &&
      resources.some((pattern) => isLike(resource, pattern)) &&
      isMet(condition, call),
  );
}

/** The one condition there is: a listing within a prefix. */
function isMet(condition: Statement['condition'], { action, resource }: Call): boolean {
  if (condition === undefined) return true;
  const prefixes = listOf(fieldsOf(condition['StringLike'])['s3:prefix']);
  return (
    action === 's3:ListBucket' && prefixes.some((pattern) => isLike(resource, renderValue(pattern)))
  );
}

/** As the template names what the stubs know by another name. */
function resourceOf(template: Template, { action, resource }: Call): string {
  switch (action) {
    case 's3:ListBucket':
      return '${Landing.Arn}';
    case 's3:GetObject':
    case 's3:GetObjectVersion':
    case 's3:PutObject':
      return `\${Landing.Arn}/${resource}`;
    case 'lambda:InvokeFunction':
      return `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:plumbline-${resource.replace('acme-', 'acme-wholesale-')}`;
    case 'rds-db:connect':
      return `arn:\${AWS::Partition}:rds-db:\${AWS::Region}:\${AWS::AccountId}:dbuser:\${DatabaseInstance.DbiResourceId}/${resource}`;
    case 'secretsmanager:GetSecretValue':
      return secretIn(template, resource.replace(/^.*:secret:(.*)-\w{6}$/, '$1'));
    default:
      throw new Error(`no function asks for ${action}`);
  }
}

function secretIn(template: Template, name: string): string {
  if (name === 'admin') return '${DatabaseInstance.MasterUserSecret.SecretArn}';
  const secret = resourcesOf(template, 'AWS::SecretsManager::Secret').find(({ properties }) =>
    renderValue(properties['Name']).endsWith(`/${name}`),
  );
  return `\${${secret?.id ?? 'no such secret'}}`;
}

/** `*` stands for any text, as in policies. */
function isLike(text: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  if (parts.length === 0) return text === first;
  return text.startsWith(first) && parts.length === 1 && text.endsWith(parts[0] ?? '');
}

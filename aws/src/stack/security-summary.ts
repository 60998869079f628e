import type { Plan } from '../plan/plan.ts';
import { ingressRules } from './checks/check-ingress.ts';
import { statementsOf } from './checks/policy.ts';
import { fieldsOf, listOf, numberOf, renderValue, textOf } from './checks/values.ts';
import { sentencesOf } from './permission-words.ts';
import { resourcesOf } from './template.ts';
import type { Template } from './template.ts';

/** One line of what a deploy opens, allows and gives up; plain data, for people and as JSON. */
export interface SummaryLine {
  readonly topic:
    /** Who gets in from outside. */
    | 'in'
    /** Who reaches what inside, and what leaves. */
    | 'network'
    /** What a role may do. */
    | 'role'
    /** Who reads the database. */
    | 'user'
    /** A value that somebody has to fill in. */
    | 'secret'
    /** A safe default that was given up. */
    | 'opt-out';
  /** Whose line it is: `office`, `ingest-payments`, `tableau`. */
  readonly subject: string;
  /** `203.0.113.0/24 reaches the proxy on 443, 5432` */
  readonly text: string;
}

/**
 * What a template opens to whom, what its roles may do, and which safe defaults the plan gave up. Read
 * from the template wherever it can be, so that it says what is deployed and not what was meant.
 */
export function securitySummary(template: Template, plan: Plan): readonly SummaryLine[] {
  return [
    ...waysIn(template),
    ...waysInside(template),
    ...roleLines(template, plan),
    ...plan.access.users.map(({ name, schemas, connectionsMax }): SummaryLine => ({
      topic: 'user',
      subject: name,
      text: `reads ${schemas.join(', ')} through the proxy, by a password in Secrets Manager, ${connectionsMax} connections at most`,
    })),
    ...plan.secrets.map(({ name, secretName, usedBy }): SummaryLine => ({
      topic: 'secret',
      subject: name,
      text:
        usedBy.length === 0
          ? `stays as ${secretName} with its value, though nothing uses it any more; \`plumbline deploy --replace-data\` deletes it for good`
          : `is to be filled in as ${secretName}, for ${usedBy.join(', ')}`,
    })),
    ...plan.optOuts.map(({ setting, value, reason }): SummaryLine => ({
      topic: 'opt-out',
      subject: setting,
      text: `is ${value}: ${reason}`,
    })),
  ];
}

/** Rules for addresses, those of one range and note in one line. */
function waysIn(template: Template): readonly SummaryLine[] {
  const rules = ingressRules(template)
    .map(({ resource, fields }) => ({
      resource,
      range: renderValue(fields['CidrIp']),
      note: textOf(fields['Description']) ?? '',
      port: numberOf(fields['FromPort']),
    }))
    .filter(({ range, resource }) => range !== '' && resource === 'ProxySecurityGroup');
  const entries = Map.groupBy(rules, ({ range, note }) => `${note}\n${range}`);
  if (entries.size === 0) {
    const text =
      'is let in: the allow-list is empty, so neither dashboards nor BI tools are reached';
    return [{ topic: 'in', subject: 'nobody', text }];
  }
  return [...entries.values()].map(([first, ...others]): SummaryLine => {
    const { range, note } = first ?? { range: '', note: '' };
    const ports = [first, ...others].map(
      (rule) => portNames[rule?.port ?? 0] ?? `port ${rule?.port}`,
    );
    return { topic: 'in', subject: note, text: `${range} reaches ${ports.join(' and ')}` };
  });
}

const portNames: Readonly<Record<number, string>> = {
  443: 'the dashboards (443)',
  5432: 'Postgres (5432)',
};

/** Groups that name groups, and what each group may call outside. */
function waysInside(template: Template): readonly SummaryLine[] {
  const inside = ingressRules(template)
    .filter(({ fields }) => fields['SourceSecurityGroupId'] !== undefined)
    .map(({ resource, fields }): SummaryLine => {
      const to = nameOf(renderValue(fields['GroupId']) || `\${${resource}.GroupId}`);
      const from = nameOf(renderValue(fields['SourceSecurityGroupId']));
      return {
        topic: 'network',
        subject: to,
        text: `hears ${from} on ${renderValue(fields['FromPort'])}`,
      };
    });
  const out = resourcesOf(template, 'AWS::EC2::SecurityGroup').map(
    ({ id, properties }): SummaryLine => {
      const ports = listOf(properties['SecurityGroupEgress'])
        .map((rule) => fieldsOf(rule))
        .filter((rule) => textOf(rule['CidrIp']) === '0.0.0.0/0')
        .map((rule) => renderValue(rule['FromPort']));
      const text =
        ports.length === 0 ? 'may call nobody outside' : `may call outside on ${ports.join(', ')}`;
      return { topic: 'network', subject: nameOf(id), text };
    },
  );
  const databases = resourcesOf(template, 'AWS::RDS::DBInstance').map(
    ({ properties }): SummaryLine => {
      const isPublic = properties['PubliclyAccessible'] !== false;
      const text = isPublic ? 'HAS A PUBLIC ADDRESS' : 'has no public address';
      return { topic: 'network', subject: 'database', text };
    },
  );
  return [...inside, ...out, ...databases.slice(0, 1)];
}

/** `${ProxySecurityGroup.GroupId}` as people call it. */
function nameOf(group: string): string {
  return group
    .replace(/^\$\{(.*)\.GroupId\}$/, '$1')
    .replace(/SecurityGroup$/, '')
    .toLowerCase();
}

function roleLines(template: Template, plan: Plan): readonly SummaryLine[] {
  const functions = new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(({ properties }): [string, string] => {
      const role = renderValue(properties['Role']).replace(/^\$\{(.*)\.Arn\}$/, '$1');
      const name = textOf(properties['FunctionName']) ?? "CDK's function, once";
      return [role, name.startsWith(`${plan.name}-`) ? name.slice(plan.name.length + 1) : name];
    }),
  );
  const lines = resourcesOf(template, 'AWS::IAM::Role').flatMap(({ id, properties }) =>
    [
      ...sentencesOf(template, statementsOf(template, id)),
      ...listOf(properties['ManagedPolicyArns']).map(
        (arn) => `has AWS's policy ${renderValue(arn).replace(/^.*\//, '')}`,
      ),
    ].map((text) => ({ id, text })),
  );
  const ours = plan.functions.length;
  const byText = Map.groupBy(lines, ({ text }) => text);
  const common = [...byText].filter(([, those]) => {
    const of = those.filter(({ id }) => (functions.get(id) ?? '') !== '').length;
    return ours > 1 && of >= ours;
  });
  const isCommon = (id: string, text: string): boolean =>
    functions.has(id) && common.some(([each]) => each === text);
  return [
    ...common.map(([text]): SummaryLine => ({ topic: 'role', subject: 'every function', text })),
    ...lines
      .filter(({ id, text }) => !isCommon(id, text))
      .map(({ id, text }): SummaryLine => ({
        topic: 'role',
        subject: functions.get(id) ?? roleNames[id] ?? id,
        text,
      })),
  ];
}

const roleNames: Readonly<Record<string, string>> = {
  ProxyRole: 'proxy',
  NatRole: 'NAT instance',
  FlowLogRole: 'flow log',
  SchedulerRole: 'scheduler',
};

import { resourcesOf } from '../template.ts';
import type { Template } from '../template.ts';
import type { Check, Found } from './finding.ts';
import { fieldsOf, listOf, numberOf, renderValue, textOf } from './values.ts';

interface Rule {
  readonly resource: string;
  readonly fields: ReturnType<typeof fieldsOf>;
}

/** Rules that let something in, whether they stand in a group or by themselves. */
export function ingressRules(template: Template): readonly Rule[] {
  return [
    ...resourcesOf(template, 'AWS::EC2::SecurityGroup').flatMap(({ id, properties }) =>
      listOf(properties['SecurityGroupIngress']).map((rule) => ({
        resource: id,
        fields: fieldsOf(rule),
      })),
    ),
    ...resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').map(({ id, properties }) => ({
      resource: id,
      fields: properties,
    })),
  ];
}

/**
 * The shortest prefixes an entry may have: /8 is the most that was ever given to one company, and two
 * /1 are the whole internet without a `0.0.0.0/0` in sight. /19 is the most of IPv6.
 */
const prefixMin = { 4: 8, 6: 19 } as const;

export const openIngress: Check = {
  name: 'open-ingress',
  promise: 'nothing lets all addresses in',
  find: (template) =>
    ingressRules(template).flatMap(({ resource, fields }): readonly Found[] => {
      const ranges = [fields['CidrIp'], fields['CidrIpv6']].filter((range) => range !== undefined);
      return ranges.flatMap((range) => {
        const text = renderValue(range);
        const prefix = numberOf(text.split('/')[1]);
        const family = text.includes(':') ? 6 : 4;
        if (prefix !== undefined && prefix >= prefixMin[family]) return [];
        const expected = `a prefix of /${prefixMin[family]} or longer`;
        return [{ resource, message: `lets in ${text}; expected ${expected}` }];
      });
    }),
};

export const ingressPorts: Check = {
  name: 'ingress-ports',
  promise: 'every way in is one TCP port: 443, 5432, or 465 and 587 on the way out',
  find: (template) =>
    ingressRules(template).flatMap(({ resource, fields }): readonly Found[] => {
      const [from, to] = [numberOf(fields['FromPort']), numberOf(fields['ToPort'])];
      const isOne = from !== undefined && from === to && [443, 465, 587, 5432].includes(from);
      if (isOne && textOf(fields['IpProtocol']) === 'tcp') return [];
      const seen = `${renderValue(fields['IpProtocol'])} ${from ?? 'all'}–${to ?? 'all'}`;
      return [{ resource, message: `lets in ${seen}; expected tcp on one of 443, 465, 587, 5432` }];
    }),
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const rulesMax = 60;

export const ingressCount: Check = {
  name: 'ingress-count',
  promise: `no security group has more than the ${rulesMax} rules that a VPC takes`,
  find: (template) => {
    const groups = Map.groupBy(ingressRules(template), ({ resource }) => resource);
    return [...groups].flatMap(([resource, rules]): readonly Found[] =>
      rules.length <= rulesMax
        ? []
        : [
            {
              resource,
              message: `has ${rules.length} rules, two for each entry of the allow-list; expected at most ${rulesMax}: join entries into wider ranges`,
            },
          ],
    );
  },
};

/** Who may open 5432 of the database, by the group they are in. */
const databaseCallers = ['${FunctionsSecurityGroup.GroupId}', '${ProxySecurityGroup.GroupId}'];

export const databaseIngress: Check = {
  name: 'database-ingress',
  promise: 'the database hears the functions and the proxy, and nobody else',
  find: (template) => {
    const groups = databaseGroups(template);
    return ingressRules(template).flatMap(({ resource, fields }): readonly Found[] => {
      const group = renderValue(fields['GroupId'] ?? { 'Fn::GetAtt': [resource, 'GroupId'] });
      if (!groups.has(group)) return [];
      const source = renderValue(
        fields['SourceSecurityGroupId'] ?? fields['CidrIp'] ?? fields['CidrIpv6'],
      );
      if (databaseCallers.includes(source)) return [];
      const expected = 'the groups of the functions and of the proxy';
      return [{ resource, message: `lets ${source} into the database; expected ${expected}` }];
    });
  },
};

function databaseGroups(template: Template): ReadonlySet<string> {
  const servers = resourcesOf(template).filter(({ type }) =>
    /^AWS::RDS::DB(?:Cluster|Instance)$/.test(type),
  );
  return new Set(
    servers.flatMap(({ properties }) =>
      [
        ...listOf(properties['VpcSecurityGroupIds']),
        ...listOf(properties['VPCSecurityGroups']),
      ].map((group) => renderValue(group)),
    ),
  );
}

import type { Stack } from 'aws-cdk-lib';
import {
  CfnSecurityGroup,
  CfnSecurityGroupEgress,
  CfnSecurityGroupIngress,
} from 'aws-cdk-lib/aws-ec2';

import type { Plan } from '../plan/plan.ts';
import type { Network } from './create-network.ts';

export interface SecurityGroups {
  readonly functions: CfnSecurityGroup;
  readonly database: CfnSecurityGroup;
  readonly proxy: CfnSecurityGroup;
}

/**
 * Submission of mail, with TLS from the start and by STARTTLS: which of the two is in the secret SMTP_URL.
 * Port 25 is closed from AWS anyway.
 */
export const mailPorts = [465, 587] as const;
export const databasePort = 5432;

/**
 * Who may talk to whom. The database hears the functions and the proxy and nobody else; the proxy
 * hears the allow-list and nobody else; nobody hears anything from the functions but 5432, 443 and,
 * for digests, 465 and 587.
 */
export function createSecurityGroups(stack: Stack, plan: Plan, network: Network): SecurityGroups {
  const { vpcId } = network;
  const functions = new CfnSecurityGroup(stack, 'FunctionsSecurityGroup', {
    vpcId,
    groupDescription: `Functions of ${plan.name}`,
    securityGroupEgress: [
      anywhere(443, 'APIs, AWS, web storage'),
      ...(plan.functions.some(({ kind }) => kind === 'digest')
        ? mailPorts.map((port) => anywhere(port, 'Mail of digests'))
        : []),
    ],
  });
  const database = new CfnSecurityGroup(stack, 'DatabaseSecurityGroup', {
    vpcId,
    groupDescription: `Database of ${plan.name}`,
    // A group without any rule out is given one that allows everything; this one allows nothing.
    securityGroupEgress: [
      {
        ipProtocol: 'icmp',
        fromPort: 252,
        toPort: 86,
        cidrIp: '255.255.255.255/32',
        description: 'Nothing: the database calls nobody',
      },
    ],
  });
  const proxy = new CfnSecurityGroup(stack, 'ProxySecurityGroup', {
    vpcId,
    groupDescription: `Proxy of ${plan.name}`,
    securityGroupEgress: [anywhere(443, 'Packages, AWS, certificates')],
    securityGroupIngress: plan.access.allow.flatMap(({ cidr, note }) =>
      [443, databasePort].map((port) => ({
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        cidrIp: cidr,
        description: describeEntry(note),
      })),
    ),
  });
  letThrough(stack, 'Functions', functions, database);
  letThrough(stack, 'Proxy', proxy, database);
  return { functions, database, proxy };
}

/** A way out to all addresses on one port; ways in are never open to all. */
function anywhere(port: number, description: string): CfnSecurityGroup.EgressProperty {
  return { ipProtocol: 'tcp', fromPort: port, toPort: port, cidrIp: '0.0.0.0/0', description };
}

/** Both halves of the way to the database; they name each other's group, so they stand by themselves. */
function letThrough(
  stack: Stack,
  name: string,
  from: CfnSecurityGroup,
  database: CfnSecurityGroup,
): void {
  const port = { ipProtocol: 'tcp', fromPort: databasePort, toPort: databasePort };
  new CfnSecurityGroupEgress(stack, `${name}ToDatabase`, {
    ...port,
    groupId: from.attrGroupId,
    destinationSecurityGroupId: database.attrGroupId,
    description: 'Postgres',
  });
  new CfnSecurityGroupIngress(stack, `DatabaseFrom${name}`, {
    ...port,
    groupId: database.attrGroupId,
    sourceSecurityGroupId: from.attrGroupId,
    description: `Postgres from ${name.toLowerCase()}`,
  });
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html: 255 of these characters. */
function describeEntry(note: string): string {
  return note.replaceAll(/[^a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]/g, '_').slice(0, 255);
}

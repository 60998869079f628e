import { Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';

import type { BuiltCode } from '../bundle/built-code.ts';
import type { Plan } from '../plan/plan.ts';
import { createUserData } from '../proxy/create-user-data.ts';
import { digestFolder } from '../proxy/digest-folder.ts';
import type { Database } from './create-database.ts';
import { createInstance } from './create-instance.ts';
import type { LandingBucket } from './create-landing-bucket.ts';
import type { Network } from './create-network.ts';
import { bucketArn } from './create-queues.ts';
import type { SecurityGroups } from './create-security-groups.ts';
import { connectAs } from './function-permissions.ts';
import type { Permission } from './statement.ts';

export interface ProxyParts {
  readonly code: BuiltCode;
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly database: Database;
  readonly landing: LandingBucket;
}

export interface Proxy {
  readonly address: string;
  readonly instanceId: string;
}

/**
 * The one door: nginx for Postgres and for the dashboards, which run beside it. Its script runs at
 * every start, so a deploy that changes it stops and starts the machine, which keeps its certificate.
 */
export function createProxy(stack: Stack, plan: Plan, parts: ProxyParts): Proxy {
  const code = new Asset(stack, 'WebCode', { path: parts.code.web });
  const { instance, address } = createInstance(stack, {
    id: 'Proxy',
    name: `${plan.name}-proxy`,
    instanceType: plan.proxy.instanceType,
    ami: plan.proxy.ami,
    subnetId: parts.network.publicSubnets[plan.proxy.zoneIndex].ref,
    securityGroupId: parts.groups.proxy.attrGroupId,
    userData: (eip) =>
      createUserData(plan, {
        databaseHost: parts.database.host,
        region: Fn.ref('AWS::Region'),
        webCode: code.s3ObjectUrl,
        webDigest: digestFolder(parts.code.web),
        proxyAddress: eip.attrPublicIp,
        landingBucket: parts.landing.name,
      }),
    sourceDestCheck: true,
    isReplacedByScript: false,
    diskGb: 16,
    internet: parts.network.internet,
    permissions: [
      connectAs(parts.database, ['reader']),
      {
        actions: ['s3:GetObject'],
        resources: [Fn.join('/', [bucketArn(code.s3BucketName), code.s3ObjectKey])],
      },
      ...certificatePermissions(plan),
    ],
  });
  return { address: address.attrPublicIp, instanceId: instance.ref };
}

/** Only what the kind of certificate needs, and only for the one domain. */
function certificatePermissions({ proxy }: Plan): readonly Permission[] {
  const { certificate, domain } = proxy;
  switch (certificate.kind) {
    case 'self-signed':
      return [];
    case 'lets-encrypt':
      return dnsChallenge(certificate.hostedZoneId, domain);
    case 'acm':
      return [
        { actions: ['acm:ExportCertificate'], resources: [certificate.arn] },
        {
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secretArn(certificate.passphraseSecret)],
        },
      ];
  }
}

/**
 * Let's Encrypt asks for one TXT record. The instance may write that record and no other one:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
function dnsChallenge(hostedZoneId: string, domain: string | undefined): readonly Permission[] {
  return [
    {
      actions: ['route53:ChangeResourceRecordSets'],
      resources: [Fn.sub(`arn:\${AWS::Partition}:route53:::hostedzone/${hostedZoneId}`)],
      condition: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
            `_acme-challenge.${domain ?? ''}`,
          ],
          'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
          'route53:ChangeResourceRecordSetsActions': ['UPSERT', 'DELETE'],
        },
      },
    },
    // Certbot looks for the zone by itself, among names only: this action knows no resource.
    { actions: ['route53:ListHostedZones'], resources: ['*'] },
    // Whether a change has reached all servers; changes have ids of their own, known only afterwards.
    {
      actions: ['route53:GetChange'],
      resources: [Fn.sub('arn:${AWS::Partition}:route53:::change/*')],
    },
  ];
}

/** Secrets Manager adds a dash and six characters to the name; an ARN may also be given whole. */
function secretArn(secret: string): string {
  if (secret.startsWith('arn:')) return secret;
  return Fn.sub(
    `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${secret}-??????`,
  );
}

import { Fn, Stack, Tags, Validations } from 'aws-cdk-lib';
import { CfnEIP, CfnEIPAssociation, CfnInstance } from 'aws-cdk-lib/aws-ec2';
import type { CfnRoute } from 'aws-cdk-lib/aws-ec2';
import { CfnInstanceProfile, CfnRole } from 'aws-cdk-lib/aws-iam';

import { shortHash } from './logical-id.ts';
import { allow, trustOf } from './statement.ts';
import type { Permission } from './statement.ts';

export interface InstanceOptions {
  /** What its logical ids begin with: `Proxy`. */
  readonly id: string;
  /** What the console shows. */
  readonly name: string;
  readonly instanceType: string;
  /** `ami-…`, or an SSM parameter with a version. */
  readonly ami: string;
  readonly subnetId: string;
  readonly securityGroupId: string;
  /** A script of cloud-init; given the elastic address, which is there before the instance. */
  readonly userData: string | ((address: CfnEIP) => string);
  /** False for an instance that forwards what is not addressed to it. */
  readonly sourceDestCheck: boolean;
  readonly diskGb: number;
  readonly internet: CfnRoute;
  /**
   * True where the script runs at the first start only: a changed script then makes a new instance.
   * False where it runs at every start: a changed script stops and starts the same instance.
   */
  readonly isReplacedByScript: boolean;
  /** Beside what Session Manager needs. */
  readonly permissions: readonly Permission[];
}

/**
 * One instance with an address that outlives it. No key pair: people come by Session Manager. The
 * metadata service wants a token and answers the instance only, not what it forwards for.
 *
 * Where a changed script is to make a new instance the logical id carries the script's hash:
 * CloudFormation starts the new one, moves the address to it and ends the old one. Another image
 * always makes a new instance.
 */
export function createInstance(
  stack: Stack,
  options: InstanceOptions,
): { readonly instance: CfnInstance; readonly address: CfnEIP } {
  const { id, permissions } = options;
  const address = new CfnEIP(stack, `${id}ElasticIp`, { domain: 'vpc' });
  address.addResourceDependency(options.internet);
  const role = new CfnRole(stack, `${id}Role`, {
    assumeRolePolicyDocument: trustOf('ec2.amazonaws.com'),
    policies: [
      allow('session-manager', [sessionManager]),
      ...(permissions.length === 0 ? [] : [allow('work', permissions)]),
    ],
  });
  const profile = new CfnInstanceProfile(stack, `${id}InstanceProfile`, { roles: [role.ref] });
  const userData =
    typeof options.userData === 'string' ? options.userData : options.userData(address);
  const script = JSON.stringify(Stack.of(address).resolve(userData));
  const suffix = options.isReplacedByScript ? shortHash(script) : '';
  const instance = new CfnInstance(stack, `${id}Instance${suffix}`, {
    instanceType: options.instanceType,
    imageId: imageOf(options.ami),
    subnetId: options.subnetId,
    securityGroupIds: [options.securityGroupId],
    iamInstanceProfile: profile.ref,
    userData: Fn.base64(userData),
    sourceDestCheck: options.sourceDestCheck,
    metadataOptions: {
      httpTokens: 'required',
      httpEndpoint: 'enabled',
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: 'disabled',
    },
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: {
          volumeType: 'gp3',
          volumeSize: options.diskGb,
          encrypted: true,
          deleteOnTermination: true,
        },
      },
    ],
    // With `standard` a t4g starts without any credit and its first boot takes many minutes.
    creditSpecification: { cpuCredits: 'unlimited' },
    propagateTagsToVolumeOnCreation: true,
  });
  Validations.of(instance).acknowledge({
    id: 'CloudFormation-Validate::W9010',
    reason: 'an id is how an image is pinned; a region it is not of refuses it',
  });
  instance.addResourceDependency(options.internet);
  Tags.of(instance).add('Name', options.name);
  new CfnEIPAssociation(stack, `${id}ElasticIpAssociation`, {
    allocationId: address.attrAllocationId,
    instanceId: instance.ref,
  });
  return { instance, address };
}

/**
 * What Session Manager needs, and no more: AWS's own policy for it also reads every parameter of the
 * account. https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
const sessionManager: Permission = {
  actions: [
    'ssm:UpdateInstanceInformation',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ],
  resources: ['*'],
};

/** An id as it is; a parameter as the reference that CloudFormation looks up when it deploys. */
function imageOf(ami: string): string {
  return ami.startsWith('/') ? `{{resolve:ssm:${ami}}}` : ami;
}

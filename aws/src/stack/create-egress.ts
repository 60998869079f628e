import { Fn, Tags } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnNatGateway,
  CfnRoute,
  CfnSecurityGroup,
  CfnVPCEndpoint,
} from 'aws-cdk-lib/aws-ec2';

import type { Plan } from '../plan/plan.ts';
import { isArm } from './checks/check-instances.ts';
import { createInstance } from './create-instance.ts';
import type { Network } from './create-network.ts';
import { mailPorts } from './create-security-groups.ts';
import type { SecurityGroups } from './create-security-groups.ts';

export interface Egress {
  /** The address the functions are seen from, for other people's allow-lists; none without a way out. */
  readonly address: string | undefined;
  /** Of the NAT instance, whose status is watched. */
  readonly instanceId: string | undefined;
}

/** How the functions reach what is outside the VPC. */
export function createEgress(
  stack: Stack,
  plan: Plan,
  { network, groups }: { readonly network: Network; readonly groups: SecurityGroups },
): Egress {
  createInterfaceEndpoints(stack, plan, { network, groups });
  switch (plan.network.egress) {
    case 'nat-gateway':
      return createGateway(stack, plan, network);
    case 'nat-instance':
      return createNatInstance(stack, plan, { network, groups });
    case 'none':
      return { address: undefined, instanceId: undefined };
  }
}

function createGateway(stack: Stack, plan: Plan, network: Network): Egress {
  const eip = new CfnEIP(stack, 'NatGatewayElasticIp', { domain: 'vpc' });
  eip.addResourceDependency(network.internet);
  const gateway = new CfnNatGateway(stack, 'NatGateway', {
    subnetId: network.publicSubnets[0].ref,
    allocationId: eip.attrAllocationId,
  });
  gateway.addResourceDependency(network.internet);
  Tags.of(gateway).add('Name', `${plan.name}-nat`);
  new CfnRoute(stack, 'EgressRoute', {
    routeTableId: network.privateRoutes.ref,
    destinationCidrBlock: '0.0.0.0/0',
    natGatewayId: gateway.ref,
  });
  return { address: eip.attrPublicIp, instanceId: undefined };
}

function createNatInstance(
  stack: Stack,
  plan: Plan,
  { network, groups }: { readonly network: Network; readonly groups: SecurityGroups },
): Egress {
  const group = new CfnSecurityGroup(stack, 'NatSecurityGroup', {
    vpcId: network.vpcId,
    groupDescription: `NAT instance of ${plan.name}`,
    securityGroupIngress: plan.network.privateSubnets.flatMap((cidrIp, zone) =>
      [443, ...mailPorts].map((port) => ({
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        cidrIp,
        description: `Private subnet ${zone + 1}`,
      })),
    ),
    securityGroupEgress: [443, ...mailPorts].map((port) => ({
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      cidrIp: '0.0.0.0/0',
      description: 'What functions reach',
    })),
  });
  const { instance, address } = createInstance(stack, {
    id: 'Nat',
    name: `${plan.name}-nat`,
    instanceType: plan.network.natInstanceType,
    ami: imageFor(plan),
    subnetId: network.publicSubnets[0].ref,
    securityGroupId: group.attrGroupId,
    userData: natUserData(plan.network.cidr),
    sourceDestCheck: false,
    isReplacedByScript: true,
    diskGb: 8,
    internet: network.internet,
    permissions: [],
  });
  const route = new CfnRoute(stack, 'EgressRoute', {
    routeTableId: network.privateRoutes.ref,
    destinationCidrBlock: '0.0.0.0/0',
    instanceId: instance.ref,
  });
  route.addResourceDependency(groups.functions);
  return { address: address.attrPublicIp, instanceId: instance.ref };
}

/**
 * The proxy's image, for the processor that the NAT instance has. A version of a parameter belongs to
 * one processor, so for the other one it is left out.
 */
function imageFor({ proxy, network }: Plan): string {
  const wanted = isArm(network.natInstanceType) ? 'arm64' : 'x86_64';
  return proxy.ami.replace(/-(arm64|x86_64)(:\d+)?$/, (same: string, processor: string) =>
    processor === wanted ? same : `-${wanted}`,
  );
}

/**
 * Forwards and hides the addresses of the private subnets. nftables is not on Amazon Linux 2023's
 * image, and packages can be had only once the elastic address is there: hence the retries. On the
 * 512 MB of a nano dnf is killed for want of memory, each time: hence the swap
 * (https://github.com/amazonlinux/amazon-linux-2023/issues/404).
 */
function natUserData(vpcCidr: string): string {
  return `#!/bin/bash
set -u
dd if=/dev/zero of=/swapfile bs=1M count=1024 status=none
chmod 600 /swapfile
mkswap /swapfile
echo '/swapfile none swap sw 0 0' >>/etc/fstab
swapon /swapfile
until dnf install -y nftables; do sleep 5; done
cat > /etc/sysctl.d/90-nat.conf <<'EOF'
net.ipv4.ip_forward = 1
net.ipv4.conf.all.send_redirects = 0
EOF
sysctl --system
cat > /etc/sysconfig/nftables.conf <<'EOF'
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${vpcCidr} ip daddr != ${vpcCidr} masquerade
  }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr ${vpcCidr} tcp dport { 443, ${mailPorts.join(', ')} } accept
  }
}
EOF
systemctl enable --now nftables
systemctl reload-or-restart nftables
`;
}

/** AWS's services in the private subnets, where there is no other way to them; each in one zone. */
function createInterfaceEndpoints(
  stack: Stack,
  plan: Plan,
  { network, groups }: { readonly network: Network; readonly groups: SecurityGroups },
): void {
  const { interfaceEndpoints } = plan.network;
  if (interfaceEndpoints.length === 0) return;
  const group = new CfnSecurityGroup(stack, 'EndpointSecurityGroup', {
    vpcId: network.vpcId,
    groupDescription: `Endpoints of AWS services for ${plan.name}`,
    securityGroupIngress: [
      caller(443, groups.functions, 'Functions'),
      ...mailPorts.map((port) => caller(port, groups.functions, 'Functions')),
      // The endpoint takes over the service's name in the whole network, the public subnets too.
      ...(plan.proxy.certificate.kind === 'acm'
        ? [caller(443, groups.proxy, 'Proxy, for the passphrase of its certificate')]
        : []),
    ],
    securityGroupEgress: [
      {
        ipProtocol: 'icmp',
        fromPort: 252,
        toPort: 86,
        cidrIp: '255.255.255.255/32',
        description: 'Nothing: endpoints answer and do not call',
      },
    ],
  });
  for (const service of interfaceEndpoints) {
    new CfnVPCEndpoint(stack, `${endpointIds[service]}Endpoint`, {
      vpcId: network.vpcId,
      vpcEndpointType: 'Interface',
      serviceName: Fn.sub(`com.amazonaws.\${AWS::Region}.${service}`),
      subnetIds: [network.privateSubnets[0].ref],
      securityGroupIds: [group.attrGroupId],
      privateDnsEnabled: true,
    });
  }
}

function caller(
  port: number,
  group: CfnSecurityGroup,
  description: string,
): CfnSecurityGroup.IngressProperty {
  return {
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    sourceSecurityGroupId: group.attrGroupId,
    description,
  };
}

const endpointIds = {
  lambda: 'Lambda',
  secretsmanager: 'SecretsManager',
  'email-smtp': 'Mail',
} as const;

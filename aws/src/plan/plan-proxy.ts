import type { CertificateSettings } from '../settings/define-aws.ts';
import { valueOf } from '../settings/reasoned.ts';
import type { ProxyPlan } from './plan.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';

/** Kept current by AWS: https://docs.aws.amazon.com/linux/al2023/ug/ec2.html */
const newestImage = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1';

/** The one machine that the internet reaches, or rather those who are on the allow-list. */
export function planProxy(planning: Planning): ProxyPlan {
  const { proxy } = planning.settings;
  const instanceType = proxy.instanceType ?? 't4g.micro';
  const certificate = valueOf<CertificateSettings | undefined, 'self-signed'>(
    proxy.certificate,
    undefined,
  );
  checkCertificate(planning, certificate);
  const ami = valueOf<string, 'latest'>(proxy.ami, 'latest');
  checkNatImage(planning, instanceType, ami);
  const most = proxy.databaseConnectionsMax ?? 50;
  const perAddress = proxy.databaseConnectionsPerAddress ?? Math.min(20, most);
  if (perAddress > most) {
    settingMistake(planning, {
      place: 'proxy.databaseConnectionsPerAddress',
      message: `one address may have ${perAddress} connections, and all together ${most}`,
      value: String(perAddress),
      expected: `at most databaseConnectionsMax, ${most}`,
    });
  }
  return {
    instanceType,
    ami: ami === 'latest' ? `${newestImage}-${architectureOf(instanceType)}` : ami,
    zoneIndex: proxy.zoneIndex ?? 0,
    domain: proxy.domain,
    certificate:
      certificate === undefined || certificate === 'self-signed'
        ? { kind: 'self-signed' }
        : certificate,
    databaseConnectionsMax: most,
    databaseConnectionsPerAddress: perAddress,
    databaseIdleMinutes: proxy.databaseIdleMinutes ?? 30,
    requestsPerSecond: proxy.requestsPerSecond ?? 10,
  };
}

/** Graviton's families have a `g` after their generation: `t4g`, `m7gd`. */
function architectureOf(instanceType: string): 'arm64' | 'x86_64' {
  return /^(?:[a-z]+\d+g[a-z]*|a1)\./.test(instanceType) ? 'arm64' : 'x86_64';
}

/** A NAT instance has the proxy's image, and an id is of one processor. */
function checkNatImage(planning: Planning, proxyType: string, ami: string): void {
  const { network: { egress, natInstanceType = 't4g.nano' } = {}, size } = planning.settings;
  const hasNat = (egress ?? (size === 'small' ? 'nat-instance' : undefined)) === 'nat-instance';
  const wanted = architectureOf(proxyType);
  if (!hasNat || !ami.startsWith('ami-') || architectureOf(natInstanceType) === wanted) return;
  settingMistake(planning, {
    place: 'network.natInstanceType',
    message: `${natInstanceType} is of another processor than the proxy's ${proxyType}, whose image it has`,
    value: `'${natInstanceType}'`,
    expected: `a type for ${wanted}, such as '${wanted === 'arm64' ? 't4g.nano' : 't3.nano'}'`,
  });
}

function checkCertificate(
  planning: Planning,
  certificate: CertificateSettings | 'self-signed' | undefined,
): void {
  const { proxy, region, account } = planning.settings;
  if (certificate === undefined || certificate === 'self-signed') return;
  if (proxy.domain === undefined) {
    settingMistake(planning, {
      place: 'proxy.domain',
      message: `is missing: a certificate of kind '${certificate.kind}' is for a domain`,
      expected: "a host name such as 'numbers.example.com'",
    });
  }
  if (certificate.kind !== 'acm') return;
  const [, , , certificateRegion, certificateAccount] = certificate.arn.split(':');
  const place = 'proxy.certificate.arn';
  const value = `'${certificate.arn}'`;
  if (certificateRegion !== region) {
    const message = `the certificate is in ${certificateRegion}, and the stack in ${region}`;
    settingMistake(planning, { place, message, value, expected: `a certificate in ${region}` });
  }
  if (account !== undefined && certificateAccount !== account) {
    const message = `the certificate is in account ${certificateAccount}, and the stack in ${account}`;
    settingMistake(planning, { place, message, value, expected: `a certificate in ${account}` });
  }
}

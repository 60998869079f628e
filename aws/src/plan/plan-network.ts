import { showValue } from 'plumbline/runtime';

import { contains, overlaps, parseCidr, subnetOf } from '../settings/cidr.ts';
import type { Cidr } from '../settings/cidr.ts';
import { valueOf } from '../settings/reasoned.ts';
import type { NetworkPlan } from './plan.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';

const cidrDefault = '10.40.0.0/16';

/** https://datatracker.ietf.org/doc/html/rfc1918, and RFC 6598 for networks that have used these up. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

type Pair = readonly [Cidr, Cidr];
type Tier = 'publicSubnets' | 'privateSubnets' | 'databaseSubnets';

/**
 * The longest prefix each tier may have. A function takes an address for every few runs at once, and
 * holds it for a while after: /22 leaves 1,019. AWS itself keeps five of every subnet; a database
 * needs room for a failover and an upgrade at once.
 */
const prefixMax: Readonly<Record<Tier, { readonly prefix: number; readonly why: string }>> = {
  publicSubnets: { prefix: 27, why: 'for the proxy, the NAT and what replaces them' },
  privateSubnets: { prefix: 22, why: 'so that functions do not run out of addresses' },
  databaseSubnets: { prefix: 27, why: 'for a failover and an upgrade at once' },
};

/** The network: two subnets a tier, one a zone, cut out of one private range. */
export function planNetwork(planning: Planning): NetworkPlan {
  const given = planning.settings.network ?? {};
  const cidr = given.cidr ?? cidrDefault;
  const vpc = rangeOf(cidr);
  checkRange(planning, vpc);
  const { size } = planning.settings;
  // A quarter of the range for the functions of each zone, a sixteenth for each other subnet.
  const tiers: Readonly<Record<Tier, Pair>> = {
    publicSubnets: pairOf(given.publicSubnets) ?? cut(vpc, vpc.prefix + 4, 0),
    databaseSubnets: pairOf(given.databaseSubnets) ?? cut(vpc, vpc.prefix + 4, 2),
    privateSubnets: pairOf(given.privateSubnets) ?? cut(vpc, vpc.prefix + 2, 2),
  };
  checkSubnets(planning, vpc, tiers);
  const texts = (tier: Tier): readonly [string, string] => [
    tiers[tier][0].text,
    tiers[tier][1].text,
  ];
  const egress = given.egress ?? (size === 'small' ? 'nat-instance' : 'nat-gateway');
  return {
    cidr,
    publicSubnets: texts('publicSubnets'),
    privateSubnets: texts('privateSubnets'),
    databaseSubnets: texts('databaseSubnets'),
    egress,
    natInstanceType: given.natInstanceType ?? 't4g.nano',
    flowLogs: valueOf<true, false>(given.flowLogs, true),
    interfaceEndpoints: egress === 'none' ? endpointsFor(planning) : [],
  };
}

/** Functions call each other, read secrets and send mails; S3 has an endpoint without a price. */
function endpointsFor({ project }: Planning): NetworkPlan['interfaceEndpoints'] {
  const always = ['lambda', 'secretsmanager'] as const;
  return project.digests.size === 0 ? always : [...always, 'email-smtp'];
}

/** The range of a text that the schema has accepted. */
function rangeOf(text: string): Cidr {
  const parsed = parseCidr(text);
  if ('fault' in parsed) throw new TypeError(`'${text}' ${parsed.fault}`);
  return parsed;
}

function pairOf(given: readonly [string, string] | undefined): Pair | undefined {
  return given === undefined ? undefined : [rangeOf(given[0]), rangeOf(given[1])];
}

function cut(vpc: Cidr, prefix: number, index: number): Pair {
  return [subnetOf(vpc, prefix, index), subnetOf(vpc, prefix, index + 1)];
}

function checkRange(planning: Planning, vpc: Cidr): void {
  const place = 'network.cidr';
  const value = `'${vpc.text}'`;
  const isPrivate = privateRanges.some((range) => contains(rangeOf(range), vpc));
  if (!isPrivate) {
    const expected = `a range within ${privateRanges.join(', ')}`;
    settingMistake(planning, { place, message: `${vpc.text} is not private`, value, expected });
  }
  if (vpc.prefix < 16) {
    const message = `${vpc.text} is larger than a VPC may be`;
    settingMistake(planning, { place, message, value, expected: 'a prefix length of 16 to 20' });
  }
  if (vpc.prefix > 20) {
    const message = `${vpc.text} has ${vpc.last - vpc.first + 1n} addresses, too few for two /22 of functions and what is beside them`;
    settingMistake(planning, { place, message, value, expected: 'a prefix length of 16 to 20' });
  }
}

function checkSubnets(planning: Planning, vpc: Cidr, tiers: Readonly<Record<Tier, Pair>>): void {
  const given = planning.settings.network ?? {};
  const all = (['publicSubnets', 'databaseSubnets', 'privateSubnets'] as const).flatMap((tier) =>
    tiers[tier].map((range, index) => ({ tier, range, place: `network.${tier}[${index + 1}]` })),
  );
  for (const [index, { tier, range, place }] of all.entries()) {
    // Ranges that were cut out fit by themselves: what is wrong with the whole is said once.
    if (given[tier] === undefined) continue;
    const value = showValue(range.text);
    const { prefix, why } = prefixMax[tier];
    if (range.prefix > prefix) {
      const message = `${range.text} is too small`;
      settingMistake(planning, { place, message, value, expected: `/${prefix} or larger, ${why}` });
    }
    if (!contains(vpc, range)) {
      const message = `${range.text} is not within ${vpc.text}`;
      settingMistake(planning, { place, message, value, expected: 'a part of network.cidr' });
    }
    for (const [otherIndex, other] of all.entries()) {
      // Of two that were given the later one is told; one that was cut out tells nobody.
      const isFirst = given[other.tier] === undefined || otherIndex < index;
      if (otherIndex === index || !isFirst || !overlaps(range, other.range)) continue;
      const message = `${range.text} overlaps ${other.place.replace('network.', '')}, ${other.range.text}`;
      settingMistake(planning, { place, message, value, expected: 'ranges apart from each other' });
    }
  }
}

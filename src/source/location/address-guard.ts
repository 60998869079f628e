import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

/** Where sources may go: `public-only` on servers whose network holds more than their own. */
export type Network = 'open' | 'public-only';

/** A host leads to an address that requests may not go to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  constructor(host: string, address: string, reach: Exclude<Reach, 'public'>) {
    super(
      host === address
        ? `${address} is a ${reach} address, which may not be asked`
        : `${host} leads to ${address}, a ${reach} address, which may not be asked`,
    );
  }
}

/** The edit that makes a request to such an address possible. */
export const allowRemedy =
  "If this host is meant, add allowPrivate: true to the source's file; otherwise correct its address.";

/** Keeps requests away from addresses that a name, a redirect or a rebound name could lead them to. */
export interface AddressGuard {
  /**
   * The `lookup` of a request: the connection goes to the very addresses that were looked at, so a
   * name that leads elsewhere a moment later changes nothing.
   */
  readonly lookup: LookupFunction;
  /** Looks at a host that is an address itself, for which nothing is looked up. Throws AddressRefused. */
  readonly check: (url: URL) => void;
}

/**
 * Refuses link-local addresses, where clouds keep the credentials of their machines, and on
 * `public-only` networks private ones too; `allowPrivate` lets all pass. `resolve` is for tests.
 */
export function createAddressGuard(options: {
  readonly network: Network | undefined;
  readonly allowPrivate: boolean | undefined;
  readonly resolve?: LookupFunction;
}): AddressGuard {
  const { network, allowPrivate, resolve = systemLookup } = options;
  const refuse = (host: string, address: string): AddressRefused | undefined => {
    if (allowPrivate === true) return undefined;
    const reach = reachOf(address);
    const isRefused = reach === 'link-local' || (reach === 'private' && network === 'public-only');
    return isRefused ? new AddressRefused(host, address, reach) : undefined;
  };
  return {
    lookup: (host, asked, done) => {
      resolve(host, asked, (error, address, family) => {
        if (error !== null) return done(error, address, family);
        const found = typeof address === 'string' ? [{ address }] : address;
        // One bad address among good ones is how a name is rebound.
        const refused = found.map((each) => refuse(host, each.address)).find((each) => each);
        return refused === undefined ? done(null, address, family) : done(refused, address, family);
      });
    },
    check: (url) => {
      const host = url.hostname.replace(/^\[(.*)\]$/u, '$1');
      const refused = isIP(host) === 0 ? undefined : refuse(host, host);
      if (refused !== undefined) throw refused;
    },
  };
}

type Reach = 'link-local' | 'private' | 'public';

/** Link-local addresses, and those elsewhere at which clouds keep the same (Azure, Alibaba, Oracle, AWS over IPv6). */
const linkLocal = blockList([
  '169.254.0.0/16',
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  'fe80::/10',
  'fd00:ec2::254/128',
]);
/** What https://www.iana.org/assignments/iana-ipv4-special-registry and its sister call not global. */
const notPublic = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fc00::/7',
  'fec0::/10',
  'ff00::/8',
]);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** How far away an IP address is; text that is none counts as private. */
export function reachOf(address: string): Reach {
  const plain = address.replace(/%.*$/u, '');
  const inner = isIPv4(plain) ? plain : innerAddress(plain);
  if (inner !== undefined) return reachWithin(inner, 'ipv4');
  return isIP(plain) === 6 ? reachWithin(plain, 'ipv6') : 'private';
}

function reachWithin(address: string, family: 'ipv4' | 'ipv6'): Reach {
  if (linkLocal.check(address, family)) return 'link-local';
  return notPublic.check(address, family) ? 'private' : 'public';
}

/** The IPv4 address that one of IPv6 stands for: mapped, compatible, NAT64 (64:ff9b::) or 6to4 (2002::). */
function innerAddress(address: string): string | undefined {
  const groups = groupsOf(address);
  if (groups === undefined) return undefined;
  const [first = 0, second = 0, third = 0] = groups;
  const [high = 0, low = 0] = groups.slice(6);
  const zeros = (from: number, to: number): boolean =>
    groups.slice(from, to).every((group) => group === 0);
  const isMapped = zeros(0, 5) && (groups[5] === 0xff_ff || groups[5] === 0);
  const isNat64 = first === 0x64 && second === 0xff_9b && zeros(2, 6);
  // :: and ::1 are addresses of their own.
  if ((isMapped && (high !== 0 || low > 1)) || isNat64) return dotted(high, low);
  return first === 0x20_02 ? dotted(second, third) : undefined;
}

const dotted = (high: number, low: number): string =>
  [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The eight groups of an IPv6 address; undefined when it is none. */
function groupsOf(address: string): number[] | undefined {
  if (isIP(address) !== 6) return undefined;
  // A URL's host is the address in its one normal form, without dotted ends.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [front = '', back] = normal.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = numbers(front);
  if (back === undefined) return before;
  const after = numbers(back);
  return [
    ...before,
    ...Array.from({ length: 8 - before.length - after.length }, () => 0),
    ...after,
  ];
}

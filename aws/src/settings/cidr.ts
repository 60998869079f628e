import ipaddr from 'ipaddr.js';

/** A range of addresses; its ends are numbers so that ranges can be compared. */
export interface Cidr {
  readonly family: 4 | 6;
  /** As AWS writes it: the network address, IPv6 shortened. */
  readonly text: string;
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** What is wrong with a text that is no range, as a sentence without a full stop. */
export interface CidrFault {
  readonly fault: string;
  readonly expected: string;
  /** The range that was most likely meant. */
  readonly suggestion?: string;
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/**
 * Reads `203.0.113.0/24` or `2001:db8::/32`. Strict where libraries are lenient: no octal parts, no
 * missing parts, no bits set behind the prefix, since AWS refuses them or means another range.
 */
export function parseCidr(text: string): Cidr | CidrFault {
  const [address = '', prefixText, ...more] = text.split('/');
  const family = ipv4.test(address) ? 4 : ipaddr.IPv6.isValid(address) ? 6 : undefined;
  if (family === undefined || more.length > 0 || address.includes('%')) {
    return { fault: 'is no range of addresses', expected: "a range such as '203.0.113.0/24'" };
  }
  const bits = family === 4 ? 32 : 128;
  if (prefixText === undefined) {
    return {
      fault: 'has no prefix length',
      expected: `a range; one address is /${bits}`,
      suggestion: `${address}/${bits}`,
    };
  }
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(prefixText) ? Number(prefixText) : bits + 1;
  if (prefix > bits) {
    return {
      fault: `has the prefix length /${prefixText}`,
      expected: `a prefix length from 0 to ${bits}`,
    };
  }
  const value = numberOf(address);
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  const cidr = { family, prefix, first, last: first + size - 1n } as const;
  if (first !== value) {
    return {
      fault: `has bits set behind its prefix /${prefix}`,
      expected: 'the first address of the range',
      suggestion: textOf(cidr),
    };
  }
  return { ...cidr, text: textOf(cidr) };
}

/** Whether two ranges have an address in common. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Whether every address of `inner` is one of `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The n-th range with a longer prefix in a range, from 0. */
export function subnetOf(outer: Cidr, prefix: number, index: number): Cidr {
  const bits = outer.family === 4 ? 32 : 128;
  const size = 1n << BigInt(bits - prefix);
  const first = outer.first + BigInt(index) * size;
  const cidr = { family: outer.family, prefix, first, last: first + size - 1n } as const;
  return { ...cidr, text: textOf(cidr) };
}

function numberOf(address: string): bigint {
  const bytes = ipaddr.parse(address).toByteArray();
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function textOf({ family, first, prefix }: Omit<Cidr, 'text'>): string {
  const count = family === 4 ? 4 : 16;
  const bytes = Array.from({ length: count }, (_, index) =>
    Number((first >> BigInt(8 * (count - 1 - index))) & 255n),
  );
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`;
}

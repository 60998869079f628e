import { isIPv4, isIPv6 } from 'node:net';

/** A range of addresses: those whose first `bits` bits are those of `base`. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly base: bigint;
  /** 0 to 32, or to 128. */
  readonly bits: number;
}

/** What is wrong with a range as it was written. */
export interface RangeFault {
  /** As a sentence without a full stop. */
  readonly message: string;
  readonly expected: string;
  readonly suggestion?: string;
}

/**
 * No company has more: the registries give out nothing wider than a /8 of IPv4
 * (https://www.iana.org/assignments/ipv4-address-space) and a /12 of IPv6 to a whole region.
 */
const bitsMin = { 4: 8, 6: 16 } as const;

const example = "a range of addresses such as '203.0.113.0/24' or '2001:db8::/32'";

/**
 * Reads `203.0.113.0/24`. Refuses what lets anybody in, and what can be read in two ways: an address
 * without a length, and one with bits beyond its length, which may mean the host or its network.
 */
export function parseRange(text: string): AddressRange | RangeFault {
  const [address = '', length, ...rest] = text.split('/');
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) {
    return { message: `'${text}' is no range of addresses`, expected: example };
  }
  const width = family === 4 ? 32 : 128;
  if (length === undefined) {
    return {
      message: `'${text}' is one address, without the length of a range`,
      expected: example,
      suggestion: `${address}/${width}`,
    };
  }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(bits <= width)) {
    return { message: `'${text}' has no length`, expected: `0 to ${width} after the /` };
  }
  const value = family === 4 ? valueOf4(address) : valueOf6(address);
  if (family === 6 && value >> 32n === 0xffffn) {
    return { message: `'${text}' is IPv4 written as IPv6`, expected: example };
  }
  if (bits < bitsMin[family]) return tooWide(text, family, bits);
  const host = BigInt(width - bits);
  const base = (value >> host) << host;
  if (base !== value) {
    return {
      message: `'${text}' has bits beyond its length: the host or its network may be meant`,
      expected: `${writeAddress(base, family)}/${bits} for the network, or ${address}/${width} for the host`,
    };
  }
  return { family, base, bits };
}

function tooWide(text: string, family: 4 | 6, bits: number): RangeFault {
  const who = bits === 0 ? 'everybody' : 'a good part of the world';
  return {
    message: `'${text}' lets ${who} in: who may connect is then a matter of passwords alone`,
    expected: `the addresses of your offices and tools, none wider than /${bitsMin[family]}`,
  };
}

/** Whether the two have an address in common: one then holds the other. */
export function overlaps(one: AddressRange, other: AddressRange): boolean {
  if (one.family !== other.family) return false;
  const shift = BigInt((one.family === 4 ? 32 : 128) - Math.min(one.bits, other.bits));
  return one.base >> shift === other.base >> shift;
}

function familyOf(address: string): 4 | 6 | undefined {
  if (isIPv4(address)) return 4;
  // A zone (`fe80::1%eth0`) names a cable of one machine.
  return isIPv6(address) && !address.includes('%') ? 6 : undefined;
}

const valueOf4 = (address: string): bigint =>
  address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);

/** Of an address that `isIPv6` accepts: eight groups, `::` for as many zeros as are missing. */
function valueOf6(address: string): bigint {
  const dotted = /[^:]*\.[^:]*$/.exec(address)?.[0];
  const last = dotted === undefined ? 0n : valueOf4(dotted);
  const hex =
    dotted === undefined
      ? address
      : address.slice(0, -dotted.length) +
        `${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
  const [left = '', right] = hex.split('::');
  const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const before = groupsOf(left);
  const after = groupsOf(right ?? '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

/** As people write it; of IPv6 without the longest run of zeros shortened but at the end. */
function writeAddress(value: bigint, family: 4 | 6): string {
  const [size, count] = family === 4 ? [8n, 4] : [16n, 8];
  const mask = (1n << size) - 1n;
  const parts = Array.from({ length: count }, (_, index) =>
    ((value >> (size * BigInt(count - 1 - index))) & mask).toString(family === 4 ? 10 : 16),
  );
  return family === 4 ? parts.join('.') : parts.join(':').replace(/(?::0){2,}$/, '::');
}

import { expect, test } from 'vitest';

import { overlaps, parseRange } from '../../src/access/address-range.ts';
import type { AddressRange } from '../../src/access/address-range.ts';

function range(text: string): AddressRange {
  const parsed = parseRange(text);
  if ('message' in parsed) throw new Error(parsed.message);
  return parsed;
}

const fault = (text: string): string => {
  const parsed = parseRange(text);
  return 'message' in parsed ? `${parsed.message} – ${parsed.suggestion ?? parsed.expected}` : '';
};

test.each([
  ['203.0.113.0/24', 4, 0xcb007100n, 24],
  ['203.0.113.7/32', 4, 0xcb007107n, 32],
  ['10.0.0.0/8', 4, 0x0a000000n, 8],
  ['2001:db8::/32', 6, 0x20010db8n << 96n, 32],
  ['::1/128', 6, 1n, 128],
  ['2001:db8:1:2:3:4:5:6/128', 6, 0x20010db8000100020003000400050006n, 128],
  ['64:ff9b::192.0.2.1/128', 6, 0x64ff9b0000000000000000c0000201n, 128],
] as const)('%s', (text, family, base, bits) => {
  expect(parseRange(text)).toEqual({ family, base, bits });
});

test('what is no range is refused, with what may be meant', () => {
  expect(fault('203.0.113.7')).toMatch(/one address.* – 203\.0\.113\.7\/32/);
  expect(fault('203.0.113.5/24')).toMatch(
    /203\.0\.113\.0\/24 for the network, or 203\.0\.113\.5\/32/,
  );
  expect(fault('2001:db8::5/32')).toContain('2001:db8::/32 for the network');
  for (const text of ['', 'office', '203.0.113.0/24/8', '203.0.113/24', '203.0.113.256/32']) {
    expect(fault(text)).toContain('is no range of addresses');
  }
  for (const text of ['01.2.3.4/32', 'fe80::1%eth0/128', ' 203.0.113.0/24', '1::2::3/64']) {
    expect(fault(text)).toContain('is no range of addresses');
  }
  for (const text of ['203.0.113.0/33', '203.0.113.0/', '203.0.113.0/-1', '203.0.113.0/2x']) {
    expect(fault(text)).toContain('has no length');
  }
  expect(fault('::ffff:203.0.113.0/120')).toContain('IPv4 written as IPv6');
});

test('the whole internet is refused, in one piece and in large ones', () => {
  for (const text of ['0.0.0.0/0', '::/0', '10.1.2.3/0']) {
    expect(fault(text)).toContain('lets everybody in');
  }
  for (const text of ['0.0.0.0/1', '128.0.0.0/1', '8.0.0.0/7', '2000::/3']) {
    expect(fault(text)).toContain('lets a good part of the world in');
  }
});

test('ranges overlap when one holds the other', () => {
  expect(overlaps(range('10.0.0.0/8'), range('10.1.2.0/24'))).toBe(true);
  expect(overlaps(range('10.1.2.0/24'), range('10.0.0.0/8'))).toBe(true);
  expect(overlaps(range('10.1.2.0/24'), range('10.1.3.0/24'))).toBe(false);
  expect(overlaps(range('2001:db8::/32'), range('2001:db8:0:1::/64'))).toBe(true);
  expect(overlaps(range('::a00:0/128'), range('10.0.0.0/32'))).toBe(false);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRowSet } from '../../src/load/row-set.ts';

/** Few values in each word, zero among them, so that hashes share words, places and the mark of a free slot. */
const hash = fc
  .tuple(fc.constantFrom(0, 1, 2, 1024), fc.constantFrom(0, 1, 2, 1024))
  .map(([high, low]) => {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32BE(high, 0);
    bytes.writeUInt32BE(low, 4);
    return bytes;
  });

test('counts exactly the hashes that came before', () => {
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 100 }), (hashes) => {
      const set = createRowSet();
      // The first words 0 and 1 are one to the set.
      const seen = new Set<string>();
      let repeated = 0;
      for (const each of hashes) {
        set.add(each, 0);
        const text = each.toString('hex').replace(/^0{8}/, '00000001');
        if (seen.has(text)) repeated += 1;
        seen.add(text);
      }
      expect(set.repeated()).toBe(repeated);
    }),
  );
});

test('grows, and gives up where it would take too much memory', () => {
  const set = createRowSet();
  const bytes = Buffer.alloc(16);
  for (let row = 0; row < 2 ** 18; row += 1) {
    bytes.writeUInt32BE(row + 1, 0);
    bytes.writeUInt32BE(Math.imul(row, 0x9e3779b1) >>> 0, 4);
    set.add(bytes, 0);
  }
  expect(set.repeated()).toBe(0);
  set.add(bytes, 0);
  expect(set.repeated()).toBe(1);
  bytes.writeUInt32BE(7, 4);
  set.add(bytes, 0);
  expect(set.repeated()).toBeUndefined();
});

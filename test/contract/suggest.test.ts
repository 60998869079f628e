import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { suggest } from '../../src/contract/suggest.ts';

describe('suggest', () => {
  it.each([
    ['amout', ['amount', 'client', 'paid_on'], 'amount'],
    ['Amount', ['client', 'amount'], 'amount'],
    ['invoice no', ['invoice_no', 'amount'], 'invoice_no'],
    ['clinet', ['client', 'clients'], 'client'],
    ['revenu', ['region', 'revenue'], 'revenue'],
    ['Zürcih', ['Zürich', 'Bern'], 'Zürich'],
    ['ordres', ['order', 'orders'], 'orders'],
  ])('reads %s as the nearest of %j', (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected);
  });

  it.each([
    ['amount', ['client', 'region']],
    ['a', ['b']],
    ['', ['x', 'id']],
    ['anything', []],
  ])('is silent when nothing is near: %s in %j', (word, candidates) => {
    expect(suggest(word, candidates)).toBeUndefined();
  });

  it('finds any word after a swap of two neighbours', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{4,12}$/u),
        fc.nat(),
        fc.array(fc.stringMatching(/^[0-9]{4,12}$/u)),
        (word, seed, others) => {
          const i = seed % (word.length - 1);
          const swapped =
            word.slice(0, i) + word.charAt(i + 1) + word.charAt(i) + word.slice(i + 2);
          expect(suggest(swapped, [...others, word])).toBe(word);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createWordTable } from '../../src/contract/word-table.ts';

const letters = fc.constantFrom(
  'a',
  'A',
  'z',
  'Z',
  'ä',
  'Ä',
  'ß',
  'K',
  'k',
  '@',
  '[',
  '`',
  '1',
  ' ',
);
const word = fc.string({ unit: letters, maxLength: 5 });

test('finds what a map of strings finds, with and without regard to case', () => {
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 40 }),
      word,
      fc.boolean(),
      (words, text, ignoreCase) => {
        const fold = (each: string): string => (ignoreCase ? each.toLowerCase() : each);
        const find = createWordTable(words, { ignoreCase });
        for (const each of [...words, text, text.toUpperCase()]) {
          const bytes = Buffer.from(`<${each}>`);
          const index = words.findLastIndex((candidate) => fold(candidate) === fold(each));
          expect(find(bytes, 1, bytes.length - 1)).toBe(index);
        }
      },
    ),
  );
});

import path from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isLiteral, parseKeyPattern } from '../../../../src/source/location/s3/key-pattern.ts';

const matching = (pattern: string, keys: readonly string[]): string[] =>
  keys.filter((key) => parseKeyPattern(pattern).matches(key));

test.each<[string, { prefix: string; isFlat: boolean }, string[]]>([
  ['data/*.csv', { prefix: 'data/', isFlat: true }, ['data/c.csv', 'data/ü +%.csv']],
  [
    'data/**/*.csv',
    { prefix: 'data/', isFlat: false },
    ['data/1/a.csv', 'data/1//b.csv', 'data/c.csv', 'data/ü +%.csv'],
  ],
  ['data/1/**', { prefix: 'data/1/', isFlat: false }, ['data/1/a.csv', 'data/1//b.csv']],
  ['data/{1,2}/?.csv', { prefix: 'data/', isFlat: false }, ['data/1/a.csv']],
  ['data/[cd].csv', { prefix: 'data/', isFlat: true }, ['data/c.csv']],
  ['data/[!c]*.csv', { prefix: 'data/', isFlat: true }, ['data/ü +%.csv']],
  ['data/{c,ü*}.csv', { prefix: 'data/', isFlat: true }, ['data/c.csv', 'data/ü +%.csv']],
  ['data//*.csv', { prefix: 'data//', isFlat: true }, []],
  ['data/1//*.csv', { prefix: 'data/1//', isFlat: true }, ['data/1//b.csv']],
  [
    '**',
    { prefix: '', isFlat: false },
    ['data/1/a.csv', 'data/1//b.csv', 'data/c.csv', 'data/ü +%.csv'],
  ],
  ['.hidden/*.csv', { prefix: '.hidden/', isFlat: true }, ['.hidden/d.csv']],
])('%s', (pattern, { prefix, isFlat }, expected) => {
  const keys = [
    'data/',
    'data/1/',
    'data/1/a.csv',
    'data/1//b.csv',
    'data/c.csv',
    'data/ü +%.csv',
    'data/.h.csv',
    'data/.h/x.csv',
    'data/~$c.csv',
    '.hidden/d.csv',
    '.hidden/.e.csv',
  ];
  expect(parseKeyPattern(pattern)).toMatchObject({ prefix, isFlat });
  expect(matching(pattern, keys)).toEqual(expected);
});

test('numbers in braces are counted', () => {
  expect(matching('{08..11}.csv', ['7.csv', '8.csv', '08.csv', '10.csv', '011.csv'])).toEqual([
    '08.csv',
    '10.csv',
  ]);
  expect(matching('{3..1}.csv', ['1.csv', '2.csv', '3.csv', '4.csv'])).toHaveLength(3);
  expect(matching('{a..c}.csv', ['a.csv', '{a..c}.csv'])).toEqual(['{a..c}.csv']);
});

test('a name with brackets may be meant as written', () => {
  expect(matching('[2026] a.csv', ['[2026] a.csv', '2 a.csv', '3 a.csv'])).toEqual([
    '[2026] a.csv',
    '2 a.csv',
  ]);
  expect(isLiteral('a+b (1)!@.csv')).toBe(true);
});

test('letters that mean something elsewhere are letters', () => {
  const key = 'a.b+c(d)|e^f$g\\h !@#.csv';
  expect(matching(`${key.slice(0, -4)}*`, [key, key.replace('.', 'x')])).toEqual([key]);
});

test('a pattern that stars to its end takes no longer for a long key', () => {
  const { matches } = parseKeyPattern(`${'**/*a*/'.repeat(9)}*.csv`);
  expect(matches(`${'aa/'.repeat(300)}b.txt`)).toBe(false);
});

test('what a folder finds, a bucket finds', () => {
  const part = fc.stringMatching(/^[ab1]{1,3}$/u);
  const wild = fc.oneof(
    part,
    fc.constantFrom(
      '*',
      '**',
      '?',
      'a*',
      '*b',
      'a?',
      '[ab]',
      '[!a]1',
      '[a-b]*',
      '{a,b1}',
      '{a,{b,1}}*',
      'a{,b}',
    ),
  );
  const join = (parts: readonly string[]): string => parts.join('/');
  fc.assert(
    fc.property(
      fc
        .array(wild, { minLength: 1, maxLength: 4 })
        .map(join)
        .filter((pattern) => !isLiteral(pattern)),
      fc.array(part, { minLength: 1, maxLength: 4 }).map(join),
      (pattern, key) => {
        // A folder's `**` at the end also gives the folder itself, which is no file.
        fc.pre(!/(?:^|\/)\*\*$/u.test(pattern));
        expect(parseKeyPattern(pattern).matches(key)).toBe(path.posix.matchesGlob(key, pattern));
      },
    ),
    { numRuns: 5_000 },
  );
});

test('every key that matches starts with the prefix, and is found when only its folder is listed', () => {
  const letters = fc
    .stringMatching(/^[ab/*?{},[\]]{1,10}$/u)
    .filter((pattern) => !isLiteral(pattern));
  fc.assert(
    fc.property(letters, fc.stringMatching(/^[ab/]{1,8}$/u), (pattern, key) => {
      const { prefix, isFlat, matches } = parseKeyPattern(pattern);
      if (!matches(key)) return;
      expect(key.startsWith(prefix)).toBe(true);
      expect(isFlat && key.slice(prefix.length).includes('/')).toBe(false);
    }),
    { numRuns: 5_000 },
  );
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { dependenciesOf, referencesOf } from '../../src/model/dependencies.ts';

describe('dependencies', () => {
  test.each([
    ['select * from marts.a', ['marts.a']],
    [
      'select * from marts.b join clean.a using (id), lateral (select * from c.d) x',
      ['c.d', 'clean.a', 'marts.b'],
    ],
    [
      'select (select max(x) from a.s) from a.t where exists (select from a.u)',
      ['a.s', 'a.t', 'a.u'],
    ],
    ['select 1 from a.x union (select 2 from a.y except select 3 from a.z)', ['a.x', 'a.y', 'a.z']],
    ['with c as (select * from a.x) select * from c', ['a.x']],
    // A name with a schema is never that of a common table expression.
    ['with x as (select 1) select * from a.x', ['a.x']],
    ['with c as (select 1), d as (select * from c) select * from d', []],
    ['select * from generate_series(1, 3), unnest(array[1])', []],
    ["select nextval('a.s'), 'a.t'::regclass, a.f(1) from a.u", ['a.u']],
    ['select * from "A b"."c.d"', ['A b.c.d']],
    ['table a.x', ['a.x']],
    ['values ((select 1 from a.x))', ['a.x']],
    ['select * from a.x tablesample system (1)', ['a.x']],
    ['select * from a.x o for update of o', ['a.x']],
    [
      'select * from only a.x order by (select 1 from a.y) limit (select 2 from a.z)',
      ['a.x', 'a.y', 'a.z'],
    ],
    [
      'select sum(x) filter (where x in (select y from a.y)) over (order by (select 1 from a.z)) from a.x',
      ['a.x', 'a.y', 'a.z'],
    ],
    ['select * from pg_catalog.pg_class, information_schema.tables', []],
    ['select a.x.id from a.x', ['a.x']],
    ["select * from xmltable('/a' passing (select d from a.docs) columns b text)", ['a.docs']],
  ])('%s', (sql, expected) => {
    expect(dependenciesOf(sql)).toEqual(expected);
  });
});

describe('a name without a schema', () => {
  const unqualified = (sql: string) =>
    referencesOf(sql).flatMap((each) => (each.qualified ? [] : [each.name]));

  test.each([
    // The scope of a common table expression ends with its statement.
    ['select * from (with c as (select 1) select * from c) s, c', ['c']],
    ['with c as (with d as (select 1) select * from d) select * from d', ['d']],
    // Without `recursive` an expression sees those before it only, and not itself.
    ['with c as (select * from d), d as (select 1) select * from c', ['d']],
    ['with c as (select * from c) select * from c', ['c']],
    ['with recursive c as (select 1 as n union all select n + 1 from c) select * from c', []],
    ['with recursive c as (select * from d), d as (select 1) select * from c', []],
    ['with c as (select 1) select * from c union select * from (select * from c) s', []],
    ['with c as (select 1) select (select max(n) from c) where exists (select from c)', []],
    ['(with c as (select 1) select * from c) union all select * from c', ['c']],
  ])('is reported unless it is in scope: %s', (sql, expected) => {
    expect(unqualified(sql)).toEqual(expected);
  });

  test('is reported with its place, also after letters of several bytes', () => {
    const sql = "select 'ä😀' from orders";
    expect(referencesOf(sql)).toEqual([
      { name: 'orders', qualified: false, index: sql.indexOf('orders') },
    ]);
  });
});

/** A query made together with the relations it reads: the oracle of the property. */
const query = fc.letrec<{ select: readonly [string, readonly string[]] }>((tie) => {
  const relation = fc
    .stringMatching(/^[a-z][a-z0-9]{0,5}$/)
    .map((name) => [`"m"."${name}"`, [`m.${name}`]] as const);
  const nested = fc.tuple(tie('select'), tie('select'));
  return {
    select: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      relation.map(([sql, names]) => [`select 1 from ${sql} r`, names] as const),
      nested.map(([[a, x], [b, y]]) => [`(${a}) union all (${b})`, [...x, ...y]] as const),
      nested.map(([[a, x], [b, y]]) => [`select 1 from (${a}) s, (${b}) t`, [...x, ...y]] as const),
      nested.map(
        ([[a, x], [b, y]]) =>
          [`with c as (${a}) select 1 from c where exists (${b})`, [...x, ...y]] as const,
      ),
      nested.map(
        ([[a, x], [b, y]]) => [`select (${a} limit 1) where 1 in (${b})`, [...x, ...y]] as const,
      ),
    ),
  };
}).select;

test('every relation is found in a query of any shape, and nothing else', () => {
  fc.assert(
    fc.property(query, ([sql, names]) => {
      expect(dependenciesOf(sql)).toEqual([...new Set(names)].sort());
    }),
    { numRuns: 300 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { bindParameters } from '../../src/dashboard/parameters.ts';
import { parseStatements } from '../../src/model/parse-sql.ts';

const parameters = {
  period_from: { value: '2026-01-01', type: 'date' },
  period_to: { value: '2026-03-31', type: 'date' },
  region: { value: null, type: 'text' },
} as const;

describe('bindParameters', () => {
  test('replaces names by typed positions, a repeated name by the same one', () => {
    const bound = bindParameters(
      `select * from t where day between :period_from and :period_to and (:region is null or region = :region)`,
      parameters,
    );
    expect(bound).toEqual({
      text: `select * from t where day between ($1::date) and ($2::date) and (($3::text) is null or region = ($3::text))`,
      values: ['2026-01-01', '2026-03-31', null],
    });
  });

  test(`takes psql's :'name' for the same parameter, and names stuck to operators`, () => {
    const { text } = bindParameters(`select day>=:'period_from',:region||'x'`, parameters);
    expect(text).toBe(`select day>=($1::date),($2::text)||'x'`);
  });

  test.each([
    `select ':region'`,
    `select 'it''s :region'`,
    `select E'\\':region'`,
    `select e'\\\\' || ':region'`,
    `select ":region" from t`,
    `select 1 -- :region`,
    `select 1 /* :region /* :region */ :region */`,
    `select $$:region$$, $tag$ :region $$ :region $tag$`,
    `select x::text, '1'::int`,
    `select a[1:2], a[b:c], a[f(x):region]`,
    `call f(x := 1)`,
    `select foo$1 from t`,
    `select U&'\\00e4:region'`,
  ])('leaves %s as it is', (sql) => {
    expect(bindParameters(sql, parameters)).toEqual({ text: sql, values: [] });
  });

  test('a cast after a parameter stays a cast', () => {
    expect(bindParameters('select :region::varchar', parameters).text).toBe(
      'select ($1::text)::varchar',
    );
  });

  test('an array of parameters is no slice', () => {
    expect(bindParameters('select array[:region, :period_to::text]', parameters).text).toBe(
      'select array[($1::text), ($2::date)::text]',
    );
  });

  test('names the nearest parameter for a name nobody gives', () => {
    expect(() => bindParameters('select :regoin', parameters)).toThrow(
      expect.objectContaining({ code: 'unknown-parameter', remedy: 'Did you mean :region?' }),
    );
    expect(() => bindParameters('select :constructor', parameters)).toThrow(
      /which no filter gives/u,
    );
    expect(() => bindParameters('select $1', parameters)).toThrow(/written by name/u);
  });

  test('text inside any quote never becomes a parameter, and the rest always does', () => {
    const quote = fc.oneof(
      fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
      fc.string().map((text) => `"${text.replaceAll('"', '""')}x"`),
      fc.string().map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
      fc.string().map((text) => `$q$${text.replaceAll('$', '')}$q$`),
      fc.string().map((text) => `/*${text.replaceAll(/[/*]/gu, '')}*/`),
      fc.string().map((text) => `--${text.replaceAll(/[\r\n]/gu, '')}\n`),
    );
    fc.assert(
      fc.property(fc.array(quote), (quotes) => {
        const sql = quotes.flatMap((one) => [one, ' :region ']).join('');
        const expected = quotes.flatMap((one) => [one, ' ($1::text) ']).join('');
        expect(bindParameters(sql, parameters).text).toBe(expected);
      }),
    );
  });

  test('what it writes is what Postgres parses: as many parameters as were replaced', () => {
    const piece = fc.constantFrom(
      `:region`,
      `':region'`,
      `(:period_from)::text`,
      `x::text`,
      `$a$:region$a$`,
      `E'\\':region'`,
      `(array[1,2])[1:2]::text`,
      `"a:region"`,
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
        const bound = bindParameters(`select ${pieces.join(', ')} from t`, parameters);
        const tree = JSON.stringify(parseStatements(bound.text));
        const wanted = pieces.filter((one) => one === ':region' || one.startsWith('(:')).length;
        expect(tree.match(/"ParamRef"/gu)?.length ?? 0).toBe(wanted);
      }),
      { numRuns: 200 },
    );
  });
});

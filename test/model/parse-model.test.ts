import { describe, expect, test } from 'vitest';

import { PlumblineError } from '../../src/errors.ts';
import { parseCheckFile } from '../../src/model/parse-check-file.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { parseProcedure } from '../../src/model/parse-procedure.ts';

const place = { file: 'models/marts/sales_daily.sql', schema: 'marts', relation: 'sales_daily' };

function mistakesOf(run: () => unknown): readonly string[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'project-invalid') {
      return error.message.split('\n');
    }
    throw error;
  }
}
const modelMistakes = (text: string) => mistakesOf(() => parseModel(text, place));

describe('a model', () => {
  test('is its front matter and its select', () => {
    const model = parseModel(
      `/*---
materialize: materialized view
key: [day, client]
description: Revenue by day and client.
checks:
  - not_null: [day, client]
  - accepted_range: { column: revenue, min: 0, max: 1e6 }
    level: warn
  - accepted_values: { column: client, values: [O'Hara, 12, true] }
  - unique: { columns: [day, client] }
  - relationships: { column: client, to: clean.clients, field: name }
---*/
-- By day.
select o.ordered_on as day, o.client, sum(o.amount) as revenue
from clean.partner_orders o
group by 1, 2;
`,
      place,
    );
    expect(model).toMatchObject({
      name: 'marts.sales_daily',
      materialize: 'materialized view',
      key: ['day', 'client'],
      description: 'Revenue by day and client.',
      dependsOn: ['clean.partner_orders'],
      line: 13,
    });
    expect(model.sql).toMatch(/^-- By day\.\nselect [\s\S]*group by 1, 2$/);
    expect(model.checks.map(({ name, level, line, sql }) => ({ name, level, line, sql })))
      .toMatchInlineSnapshot(`
        [
          {
            "level": "error",
            "line": 6,
            "name": "marts.sales_daily: not_null(day)",
            "sql": "select * from "marts"."sales_daily" r where r."day" is null",
          },
          {
            "level": "error",
            "line": 6,
            "name": "marts.sales_daily: not_null(client)",
            "sql": "select * from "marts"."sales_daily" r where r."client" is null",
          },
          {
            "level": "warn",
            "line": 7,
            "name": "marts.sales_daily: accepted_range(revenue)",
            "sql": "select * from "marts"."sales_daily" r where r."revenue" < '0' or r."revenue" > '1000000'",
          },
          {
            "level": "error",
            "line": 9,
            "name": "marts.sales_daily: accepted_values(client)",
            "sql": "select * from "marts"."sales_daily" r where r."client" not in ('O''Hara', '12', 'true')",
          },
          {
            "level": "error",
            "line": 10,
            "name": "marts.sales_daily: unique(day, client)",
            "sql": "select r."day", r."client", count(*) as rows from "marts"."sales_daily" r group by r."day", r."client" having count(*) > 1",
          },
          {
            "level": "error",
            "line": 11,
            "name": "marts.sales_daily: relationships(client → clean.clients.name)",
            "sql": "select r.* from "marts"."sales_daily" r where r."client" is not null and not exists (select from "clean"."clients" t where t."name" = r."client")",
          },
        ]
      `);
  });

  test('needs no front matter: then it is a view', () => {
    const model = parseModel('select 1 as one', place);
    expect(model).toMatchObject({ materialize: 'view', key: [], checks: [], line: 1 });
  });

  test('that is a view has its key checked, since no index can', () => {
    const keyed = (checks: string) =>
      parseModel(`/*---\nkey: id\n${checks}---*/ select 1 as id`, place).checks;
    expect(keyed('')).toMatchObject([
      { name: 'marts.sales_daily: unique(id)', level: 'error', line: 2 },
    ]);
    expect(keyed('checks:\n - unique: id\n')).toHaveLength(1);
    expect(keyed('checks:\n - unique: id\n   level: warn\n')).toMatchObject([{ level: 'error' }]);
  });

  test('may have two checks of one kind on a column', () => {
    const yaml = `checks:
  - accepted_range: { column: n, min: 0 }
  - accepted_range: { column: n, max: 9 }
    level: warn`;
    const { checks } = parseModel(`/*---\n${yaml}\n---*/ select 1 as n`, place);
    expect(checks.map((check) => check.name)).toEqual([
      'marts.sales_daily: accepted_range(n)',
      'marts.sales_daily: accepted_range(n) (2)',
    ]);
  });

  test('reads the same with Windows line ends and a byte order mark', () => {
    const text = '\uFEFF/*---\r\nmaterialize: table\r\n---*/\r\nselect 1 as one\r\n';
    expect(parseModel(text, place)).toMatchObject({
      materialize: 'table',
      sql: 'select 1 as one',
      line: 4,
    });
  });
});

describe('a mistake in the front matter', () => {
  test.each([
    ['materialize: tabel', '2: materialize: "tabel": did you mean "table"?'],
    ['materialise: view', '2: "materialise" is not known here; did you mean "materialize"?'],
    ['key: 5', '2: key: 5: expected a column or a list of columns'],
    [
      'checks:\n  - not_nul: [a]',
      '3: checks[1]: "not_nul" is not known here; did you mean "not_null"?',
    ],
    [
      'checks:\n  - accepted_range: { column: a }',
      '3: checks[1].accepted_range: {"column":"a"}: expected min, max or both',
    ],
    [
      'checks:\n  - not_null: a\n  - relationships: { column: a, to: clients, field: b }',
      '4: checks[2].relationships.to: "clients": expected schema.relation',
    ],
    [
      'checks:\n  - not_null: a\n    level: warning',
      '4: checks[1].level: "warning": expected "error", "warn"',
    ],
    [
      'checks:\n  - not_null: a\n    unique: a',
      '3: checks[1]: {"not_null":"a","unique":"a"}: expected one rule: not_null, unique, accepted_values, accepted_range or relationships',
    ],
    [
      'key: [a',
      '3: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['key: a\nkey: b', '3: Map keys must be unique'],
    ['- a', '2: ["a"]: Invalid input: expected object, received array'],
  ])('%j', (yaml, expected) => {
    const [first] = modelMistakes(`/*---\n${yaml}\n---*/\nselect 1`);
    expect(first).toBe(`${place.file}:${expected}`);
  });

  test('all of them are listed', () => {
    expect(modelMistakes('/*---\nmaterialize: x\nkye: a\n---*/\nselect 1')).toHaveLength(2);
  });

  test('an end that is missing', () => {
    expect(modelMistakes('/*---\nkey: a\nselect 1')).toEqual([
      `${place.file}:1: the front matter is opened by /*--- and never closed by ---*/`,
    ]);
  });
});

describe('a mistake in the SQL', () => {
  test.each([
    ['select 1,\n  2 frm t where', '4:9: syntax error at or near "t"'],
    ["select 'äöü😀', x fro m t", '3:22: syntax error at or near "m"'],
    ['', '3:1: there is no select after the front matter'],
    ['select 1; select 2', '3:11: a second statement; a file holds exactly one select'],
    ['delete from a.b', '3:1: this is no select'],
    ['select 1 into a.b', '3:1: select into makes a table of its own; leave into out'],
    [
      'with d as (delete from a.b returning *) select * from d',
      '3:1: the query changes data; a model and a check only read',
    ],
    ['select $1', '3:1: there is no value for $1; parameters are for dashboards'],
    [
      'select :period_from',
      '3:8: syntax error at or near ":": parameters such as :period_from are for the SQL of dashboards',
    ],
    ['select *\nfrom orders', '4:6: write schema.relation for orders, e.g. clean.orders'],
    [
      'select * from clean.partner_orders join partner_order using (id)',
      '3:41: write schema.relation for partner_order, e.g. clean.partner_orders',
    ],
  ])('%j', (sql, expected) => {
    expect(modelMistakes(`/*---\n---*/\n${sql}`)).toEqual([`${place.file}:${expected}`]);
  });

  test('a schema that is not the project’s', () => {
    const inClean = mistakesOf(() => parseModel('select 1', { ...place, schema: 'clean' }));
    expect(inClean[0]).toContain("schema clean is not the project's to write");
  });
});

test.each([
  'accepted_values: { column: region, values: [North], level: warn }',
  'accepted_range: { column: revenue, min: 0, level: warn }',
  'relationships: { column: client, to: clean.clients, field: name, level: warn }',
  'unique: { columns: [day], level: warn }',
  'unique: day\n    level: warn',
  'not_null: [day]\n    level: warn',
])('the level of a check stands among its arguments or beside it: %s', (check) => {
  const model = parseModel(
    `/*---\nchecks:\n  - ${check}\n---*/\nselect day from clean.orders`,
    place,
  );
  expect(model.checks.map(({ level }) => level)).toEqual(['warn']);
});

test('a file of checks/ is a select with a level', () => {
  const text = '/*---\nlevel: warn\n---*/\n\nselect * from clean.orders where client is null';
  const check = parseCheckFile(text, { file: 'checks/no_client.sql', name: 'no_client' });
  expect(check).toEqual({
    name: 'no_client',
    model: undefined,
    level: 'warn',
    sql: 'select * from clean.orders where client is null',
    file: 'checks/no_client.sql',
    line: 5,
  });
});

describe('a procedure', () => {
  const procedurePlace = { file: 'procedures/close_month.sql', name: 'close_month' };
  const head = '/*---\nreads: [marts.sales_daily]\nwrites: [marts.closed_months]\n---*/\n';
  const mistakes = (sql: string) => mistakesOf(() => parseProcedure(head + sql, procedurePlace));

  test('says what it reads and writes', () => {
    const sql = 'create or replace procedure marts.close_month() language sql as $$ select 1; $$';
    expect(parseProcedure(`${head}${sql};\n`, procedurePlace)).toEqual({
      name: 'marts.close_month',
      description: undefined,
      sql,
      line: 5,
      reads: ['marts.sales_daily'],
      writes: ['marts.closed_months'],
      file: 'procedures/close_month.sql',
    });
  });

  test.each([
    ['', '5:1: there is no create procedure after the front matter'],
    ['select 1', '5:1: this is no create procedure'],
    [
      'create function marts.close_month() returns int language sql as $$ select 1 $$',
      '5:1: this is no create procedure',
    ],
    [
      'create procedure marts.close_month(day date) language sql as $$ select 1 $$',
      '5:1: the procedure has parameters; a release calls it without any',
    ],
    [
      'create procedure close_month() language sql as $$ select 1 $$',
      '5:1: write schema.procedure, e.g. marts.close_month()',
    ],
    [
      'create procedure marts.closemonth() language sql as $$ select 1 $$',
      '5:1: the procedure is called closemonth and its file close_month.sql; give both the same name',
    ],
  ])('%j', (sql, expected) => {
    expect(mistakes(sql)).toEqual([`${procedurePlace.file}:${expected}`]);
  });

  test('without what it reads is refused', () => {
    const text = 'create procedure marts.close_month() language sql as $$ select 1 $$';
    expect(mistakesOf(() => parseProcedure(text, procedurePlace))).toEqual([
      'procedures/close_month.sql:1: reads: is missing',
      'procedures/close_month.sql:1: writes: is missing',
    ]);
  });
});

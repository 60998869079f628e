import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { checkReferences } from '../../src/model/check-references.ts';
import { orderModels } from '../../src/model/order-models.ts';
import { parseCheckFile } from '../../src/model/parse-check-file.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { parseProcedure } from '../../src/model/parse-procedure.ts';

const model = (relation: string, sql: string, frontMatter = '') =>
  parseModel(`/*---\n${frontMatter}\n---*/\n${sql}`, {
    file: `models/m/${relation}.sql`,
    schema: 'm',
    relation,
  });
const procedure = (name: string, reads: string, writes: string) =>
  parseProcedure(
    `/*---\nreads: [${reads}]\nwrites: [${writes}]\n---*/create procedure m.${name}() language sql as ''`,
    { file: `procedures/${name}.sql`, name },
  );
const namesOf = (...args: Parameters<typeof orderModels>) =>
  orderModels(...args).map((step) => (step.kind === 'model' ? step.name : `${step.name}()`));

describe('the order', () => {
  test('puts each model after what it reads, and is the same each time', () => {
    const models = [
      model('wide', 'select * from m.daily join m.clients using (id)'),
      model('daily', 'select * from clean.orders'),
      model('clients', 'select * from clean.clients'),
      model('alone', 'select 1 as one'),
    ];
    const expected = ['m.alone', 'm.clients', 'm.daily', 'm.wide'];
    expect(namesOf(models)).toEqual(expected);
    expect(namesOf(models.toReversed())).toEqual(expected);
  });

  test('puts a procedure after what it reads and writes, and before those who read what it writes', () => {
    const models = [
      model('a_report', 'select * from m.closed'),
      model('daily', 'select * from clean.orders'),
      model('budget', 'select 1 as n', 'materialize: table'),
      model('after_budget', 'select * from m.budget'),
    ];
    const procedures = [
      procedure('close_month', 'm.daily, m.closed', 'm.closed'),
      procedure('adjust', 'm.budget', 'm.budget'),
    ];
    expect(namesOf(models, procedures)).toEqual([
      'm.budget',
      'm.adjust()',
      'm.after_budget',
      'm.daily',
      'm.close_month()',
      'm.a_report',
    ]);
  });

  test('of a cycle does not exist: its members are named in order', () => {
    const models = [
      model('a', 'select * from m.b'),
      model('b', 'select * from m.c'),
      model('c', 'select * from m.a'),
      model('d', 'select * from m.a'),
    ];
    expect(() => orderModels(models)).toThrow(
      'models/m/a.sql:1: a cycle: m.a reads m.b reads m.c reads m.a',
    );
    expect(() => orderModels([model('a', 'select * from m.a')])).toThrow('m.a reads m.a');
    expect(() =>
      orderModels([model('a', 'select * from m.p')], [procedure('close', 'm.a', 'm.p')]),
    ).toThrow('a cycle: m.a reads m.close() reads m.a');
  });

  test('holds for any graph without cycles', () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), (edges, stream) => {
        // Model n may read those before it; names are shuffled so that they do not give the order away.
        const keys = edges.map((_, index) => `r${Number(stream.next().value) % 1000}_${index}`);
        const models = edges.map((reads, index) => {
          const before = keys.slice(0, index);
          const from = before.length === 0 ? [] : reads.map((n) => before[n % before.length]);
          const list = from.map((name, alias) => `m.${name} t${alias}`).join(', ');
          return model(keys[index] ?? '', `select 1 as n${list === '' ? '' : ` from ${list}`}`);
        });
        const order = namesOf(models);
        expect(order).toHaveLength(models.length);
        for (const { name, dependsOn } of models) {
          for (const read of dependsOn)
            expect(order.indexOf(read)).toBeLessThan(order.indexOf(name));
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('references to what nothing makes are listed with their place and a suggestion', () => {
  const mistakes = checkReferences({
    models: [
      model('sales_daily', 'select *\nfrom clean.order'),
      model('wide', 'select * from m.sales_dayly join nowhere.x using (id)'),
      model('fine', 'select * from m.closed join plumbline.batch using (id)'),
      model('raw_reader', 'select * from raw.orders'),
      model(
        'related',
        'select 1 as id',
        'checks:\n  - relationships: { column: id, to: clean.ordes, field: id }',
      ),
    ],
    procedures: [procedure('close_month', 'm.sales_daly', 'm.closed')],
    checks: [
      parseCheckFile('select * from orders', { file: 'checks/c.sql', name: 'c' }),
      parseCheckFile('select * from raw.orders where client is null', {
        file: 'checks/d.sql',
        name: 'd',
      }),
    ],
    sourceRelations: ['orders'],
  });
  expect(mistakes).toEqual([
    'models/m/sales_daily.sql:5:6: clean.order is no model and no source; did you mean clean.orders?',
    'models/m/wide.sql:4:15: m.sales_dayly is no model and no source; did you mean m.sales_daily?',
    'models/m/wide.sql:4:34: nowhere.x is no model and no source',
    'models/m/raw_reader.sql:4:15: raw.orders also holds rows that are not released; read clean.orders',
    'checks/c.sql:1:15: write schema.relation for orders, e.g. clean.orders',
    'checks/d.sql:1:15: raw.orders also holds rows that are not released; read clean.orders',
    'models/m/related.sql:3: clean.ordes is no model and no source; did you mean clean.orders?',
    'procedures/close_month.sql:1: m.sales_daly is no model and no source; did you mean m.sales_daily?',
  ]);
});

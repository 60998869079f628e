import { afterEach, expect, test } from 'vitest';

import { PlumblineError } from '../../src/errors.ts';
import type { Mistake } from '../../src/errors.ts';
import { findProject } from '../../src/project/folder.ts';
import { suggestName } from '../../src/project/mistakes.ts';
import { readProject } from '../../src/project/read-project.ts';
import { config, createProjectFolder, csvSource } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

const folders: ProjectFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await createProjectFolder({ 'plumbline.config.ts': config, ...files });
  folders.push(folder);
  return folder.dir;
}

const read = (dir: string) => readProject(dir, {});

/** The mistakes of a project, as `file place: message`. */
async function mistakes(files: Readonly<Record<string, string>>): Promise<readonly Mistake[]> {
  const error = await read(await project(files)).catch((each: unknown) => each);
  if (error instanceof PlumblineError && error.code === 'project-invalid') return error.mistakes;
  throw error;
}

const orders = csvSource(
  'id: column.integer({ required: true }), amount: column.decimal(12, 2)',
  "key: ['id'], schedule: every.day().at('05:30')",
);

test('names are file names; defaults are filled in', async () => {
  const dir = await project({
    'sources/partner-orders.ts': orders,
    'models/marts/sales_daily.sql': 'select id from clean.partner_orders',
    'checks/orders_have_amounts.sql': 'select * from clean.partner_orders where amount is null',
    'sources/_shared.ts': 'export const notASource = 1;',
    'sources/notes.md': 'nor is this',
  });
  const { config: settings, sources, models, checks } = await read(dir);
  expect([...sources.keys()]).toEqual(['partner-orders']);
  expect(models.map((model) => [model.name, model.dependsOn])).toEqual([
    ['marts.sales_daily', ['clean.partner_orders']],
  ]);
  expect(checks.map((check) => check.name)).toEqual(['orders_have_amounts']);
  expect(settings).toEqual({
    company: 'Test & Co',
    zone: 'Europe/Berlin',
    locale: 'en-GB',
    currency: 'EUR',
    warehouse: { url: undefined },
    mail: { from: 'plumbline@localhost', smtp: undefined, dashboards: undefined },
    web: { port: 7777 },
    access: { allow: [], users: [] },
    setup: undefined,
  });
});

test('the environment goes before .env, and .env before the settings', async () => {
  const dir = await project({
    'plumbline.config.ts': `export default { company: 'T', warehouse: { url: 'postgres://file/db' } };`,
    '.env': 'DATABASE_URL=postgres://env-file/db\nSMTP_URL="smtp://mail:25"\n',
  });
  const fromFile = await readProject(dir, {});
  expect(fromFile.config.warehouse.url).toBe('postgres://env-file/db');
  expect(fromFile.config.mail.smtp).toBe('smtp://mail:25');
  const fromProcess = await readProject(dir, { DATABASE_URL: 'postgres://process/db' });
  expect(fromProcess.config.warehouse.url).toBe('postgres://process/db');
  const empty = await readProject(dir, { DATABASE_URL: '' });
  expect(empty.config.warehouse.url).toBe('postgres://env-file/db');
});

test('a project is found from a folder below it', async () => {
  const dir = await project({ 'models/marts/a.sql': 'select 1 as a' });
  expect(await findProject(`${dir}/models/marts`)).toBe(dir);
  await expect(findProject('/')).rejects.toMatchObject({ code: 'project-not-found', exitCode: 2 });
  await expect(findProject(`${dir}-not-there`)).rejects.toMatchObject({
    message: expect.stringContaining('no such folder'),
  });
});

test('all mistakes are found at once, sorted by file', async () => {
  const found = await mistakes({
    'plumbline.config.ts': `export default { company: 'T', zone: 'Europe/Berln', curency: 'EUR', web: { port: 99999 } };`,
    'sources/orders.ts': csvSource(
      "id: column.integer({ min: 3, max: 1 }), total: column.decimal(2, 4), name: column.text({ header: 'ID' })",
      "key: ['idd'], controlTotals: ['name'], freshness: '15 dys'",
    ),
    'models/marts/a.sql': 'selec 1',
  });
  expect(found.map(({ file, place }) => `${file} ${place}`)).toEqual([
    'models/marts/a.sql line 1, column 1',
    'plumbline.config.ts zone',
    'plumbline.config.ts web.port',
    'plumbline.config.ts curency',
    'sources/orders.ts columns.id.min',
    'sources/orders.ts columns.total',
    'sources/orders.ts key',
    'sources/orders.ts controlTotals',
    'sources/orders.ts freshness',
  ]);
  expect(found.map(({ suggestion }) => suggestion)).toEqual([
    undefined,
    'Europe/Berlin',
    undefined,
    'currency',
    undefined,
    undefined,
    'id',
    undefined,
    undefined,
  ]);
});

test.each<[string, Readonly<Record<string, string>>, Mistake]>([
  [
    'an unknown option of a column',
    { 'sources/a.ts': csvSource('id: { type: "integer", requird: true }') },
    {
      file: 'sources/a.ts',
      place: 'columns.id.requird',
      message: "'requird' is not known here",
      expected:
        'one of type, header, required, missing, level, description, min, max, thousandsMark, symbols',
      suggestion: 'required',
    },
  ],
  [
    'two columns with one label',
    { 'sources/a.ts': csvSource("id: column.text(), other: column.text({ header: [' ID '] })") },
    {
      file: 'sources/a.ts',
      place: 'columns.other.header',
      message: "the label 'id' is also that of column id",
      expected: 'a label of its own for each column',
    },
  ],
  [
    'a column Postgres or the metadata could not name',
    { 'sources/a.ts': csvSource('_batch_id: column.text()') },
    {
      file: 'sources/a.ts',
      place: 'columns._batch_id',
      message: "'_batch_id' cannot name a column",
      expected: 'small letters, digits and _, a letter first, 63 at most',
    },
  ],
  [
    'an export that is no source',
    { 'sources/a.ts': 'export default { columns: {} };' },
    {
      file: 'sources/a.ts',
      message: 'found an object with columns',
      expected: 'export default csv({ … }), excel({ … }) or api({ … })',
    },
  ],
  [
    'no default export',
    { 'sources/a.ts': 'export const orders = 1;' },
    {
      file: 'sources/a.ts',
      message: 'found no default export',
      expected: 'export default csv({ … }), excel({ … }) or api({ … })',
    },
  ],
  [
    'a name that cannot be one',
    { 'sources/Partner Orders.ts': orders },
    {
      file: 'sources/Partner Orders.ts',
      message: 'the file name cannot be a name',
      value: "'Partner Orders'",
      expected: 'small letters, digits, - and _, a letter first',
      suggestion: 'partner-orders.ts',
    },
  ],
  [
    'a model outside a schema',
    { 'models/sales.sql': 'select 1 as a' },
    {
      file: 'models/sales.sql',
      message: 'is in no schema: the folder of a model is its schema',
      suggestion: 'models/marts/sales.sql',
    },
  ],
  [
    'a misspelt folder',
    { 'source/orders.ts': orders },
    { file: 'source/', message: 'the folder is not read', suggestion: 'sources/' },
  ],
  [
    'a relation nothing makes',
    { 'sources/orders.ts': orders, 'models/marts/a.sql': 'select id\nfrom clean.ordrs' },
    {
      file: 'models/marts/a.sql',
      place: 'line 2, column 6',
      message: 'clean.ordrs is no model and no source',
      suggestion: 'clean.orders',
    },
  ],
  [
    'two sources with one table',
    { 'sources/a-b.ts': orders, 'sources/a_b.ts': orders },
    {
      file: 'sources/a_b.ts',
      message: 'its table clean.a_b is also that of sources/a-b.ts',
    },
  ],
])('%s', async (_, files, expected) => {
  expect(await mistakes(files)).toEqual([expected]);
});

const page = (tile: string, filters = ''): string =>
  `import { choice, dashboard, digest, every, kpi, line, period } from 'plumbline';
export default dashboard({ title: 'D', filters: { ${filters} }, rows: [[${tile}]] });`;

test.each<[string, string, Partial<Mistake>]>([
  [
    'a parameter no filter gives',
    page(`kpi({ title: 'K', sql: 'select :perod_from' })`, 'period: period()'),
    { place: "tile 'K'", suggestion: ':period_from' },
  ],
  [
    'SQL that Postgres would not parse',
    page(`kpi({ title: 'K', sql: 'select 1\\nform clean.orders x' })`),
    { place: "tile 'K', line 2 of its SQL" },
  ],
  [
    'a second statement',
    page(`kpi({ title: 'K', sql: 'select 1; drop table x' })`),
    { place: "tile 'K'", message: 'is not one select' },
  ],
  [
    'a relation that is not there',
    page(`kpi({ title: 'K', sql: 'select count(*) from clean.order' })`),
    { place: "tile 'K', line 1 of its SQL", suggestion: 'clean.orders' },
  ],
  [
    'the raw table of a source',
    page(`kpi({ title: 'K', sql: 'select count(*) from raw.orders' })`),
    { message: 'raw.orders also holds rows that are not released; read clean.orders' },
  ],
  [
    'a sparkline that is wrong',
    page(`kpi({ title: 'K', sql: 'select 1', sparkline: 'selec 1' })`),
    { place: "tile 'K', sparkline, line 1 of its SQL" },
  ],
  [
    'a choice without values',
    page(`kpi({ title: 'K', sql: 'select 1' })`, 'region: choice({})'),
    { place: 'filters.region', expected: 'either sql or values' },
  ],
  [
    'a misspelt option of a tile',
    page(`{ kind: 'kpi', title: 'K', sql: 'select 1', fromat: 'money' }`),
    { place: 'rows[1][1].fromat', suggestion: 'format' },
  ],
])('a dashboard with %s', async (_, source, expected) => {
  const files = { 'sources/orders.ts': orders, 'dashboards/sales.ts': source };
  const [found, ...others] = await mistakes(files);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ file: 'dashboards/sales.ts', ...expected });
});

test('a digest names a dashboard that is there, mail addresses, and no source', async () => {
  const digest = (name: string, to: string): string =>
    `import { digest, every, kpi } from 'plumbline';
    export default digest({ title: 'D', to: ['${to}'], schedule: every.day().at('08:00'),
      dashboard: '${name}', tiles: [kpi({ title: 'K', sql: 'select 1' })] });`;
  const tiles = page(`kpi({ title: 'K', sql: 'select 1' })`);
  const wrongAddress = { 'dashboards/sales.ts': tiles, 'digests/d.ts': digest('sales', 'nobody') };
  expect(await mistakes(wrongAddress)).toMatchObject([
    { file: 'digests/d.ts', place: 'to[1]', value: "'nobody'", expected: 'a mail address' },
  ]);
  const wrongNames = {
    'sources/orders.ts': orders,
    'dashboards/sales.ts': tiles,
    'digests/orders.ts': digest('sale', 'a@b.example'),
  };
  expect(await mistakes(wrongNames)).toMatchObject([
    { message: "'orders' is also a source; a job's name is its own" },
    { message: "there is no dashboard 'sale'", suggestion: 'sales' },
  ]);
});

test('what a file throws is said with its line', async () => {
  const found = await mistakes({ 'sources/a.ts': "\n\nthrow new Error('no such thing');\n" });
  expect(found).toMatchObject([{ file: 'sources/a.ts', message: 'no such thing' }]);
});

test('the project of the issue: a source, a model, a page', async () => {
  const dir = await project({
    'sources/orders.ts': orders,
    'models/marts/total.sql':
      '/*---\nkey: [id]\nmaterialize: materialized view\n---*/\nselect id, sum(amount) as total from clean.orders group by 1',
    'dashboards/sales.ts': page(
      `line({ title: 'L', x: 'm', y: 't', sql: 'select 1 as m, total as t from marts.total where :region is null' })`,
      `region: choice({ values: ['North'] })`,
    ),
  });
  const found = await read(dir);
  expect(found.dashboards.get('sales')?.rows.flat()).toHaveLength(1);
  expect(found.sources.get('orders')?.schedule).toMatchObject({ kind: 'daily', time: '05:30' });
});

test.each([
  ["import { column } from 'plumbline'; export default column.intger();", 'column.integer'],
  ["import { every } from 'plumbline'; export default every.dya();", 'every.day'],
])(
  'a name that plumbline does not have comes with the one that was meant: %s',
  async (file, name) => {
    expect(await mistakes({ 'sources/a.ts': file })).toMatchObject([
      { file: 'sources/a.ts', suggestion: name },
    ]);
  },
);

test('so does an import that plumbline does not export, as Node says it', () => {
  // Vite, which imports files in this test, takes such a name for undefined.
  const message = "The requested module 'plumbline' does not provide an export named 'colum'";
  expect(suggestName(new SyntaxError(message), { column: {}, csv: {} })).toEqual({
    suggestion: 'column',
  });
});

test.each([
  ["{ rejected: { max: '5' } }", 'rejected.max', "a number of rows, or a share such as '1%'"],
  ["{ schedule: 'daily' }", 'schedule', expect.stringContaining("every.day().at('06:00')")],
  ['{ columns: undefined }', 'columns', 'one at least'],
  [
    "{ columns: { a: column.decimal(9, 2, { min: 'x' }) } }",
    'columns.a.min',
    expect.stringContaining('a number'),
  ],
])('what was expected is what would be right: %s', async (options, place, expected) => {
  const file = `import { column, csv, folder } from 'plumbline';
    export default csv({ from: folder('*.csv'), columns: { a: column.text() }, ...${options} });`;
  expect(await mistakes({ 'sources/a.ts': file })).toMatchObject([{ place, expected }]);
});

test('a source with functions is read another way when its file changes, another is not', async () => {
  const file = (more: string, note: string) =>
    `${csvSource('id: column.integer()', more)}\n// ${note}\n`;
  const readings = async (note: string) => {
    const dir = await project({
      'sources/plain.ts': file('', note),
      'sources/with-rules.ts': file("rules: [{ name: 'any', test: () => true }]", note),
      'sources/with-transform.ts': file('transform: (row) => row', note),
    });
    const { sources } = await read(dir);
    return [...sources].map(([name, source]) => ({ name, reading: source.reading }));
  };
  const before = await readings('one');
  const after = await readings('two');
  const changed = before.filter(({ reading }, index) => reading !== after[index]?.reading);
  expect(changed.map(({ name }) => name)).toEqual(['with-rules', 'with-transform']);
});

const withAccess = (access: string) => ({
  'plumbline.config.ts': `export default { company: 'T', access: ${access} };`,
  'models/marts/a.sql': 'select 1 as a',
  'models/finance/b.sql': 'select 1 as a',
});

test('access names ranges and users; nobody else is let in', async () => {
  const { config: settings } = await read(
    await project(
      withAccess(`{
        allow: [{ cidr: '203.0.113.0/24', note: 'office' }],
        users: { zed: { schemas: ['clean'] }, tableau: { schemas: ['marts', 'finance'], connections: 9 } },
      }`),
    ),
  );
  expect(settings.access).toEqual({
    allow: [{ cidr: '203.0.113.0/24', note: 'office' }],
    users: [
      { name: 'tableau', schemas: ['marts', 'finance'], connections: 9 },
      { name: 'zed', schemas: ['clean'], connections: 5 },
    ],
  });
});

test.each([
  [`{ allow: [{ cidr: '0.0.0.0/0', note: 'all' }] }`, 'access.allow[1].cidr', 'lets everybody in'],
  [`{ allow: [{ cidr: '10.0.0.0/8' }] }`, 'access.allow[1].note', 'is missing'],
  [
    `{ allow: [{ cidr: '10.0.0.0/8', note: 'a' }, { cidr: '10.2.0.0/16', note: 'b' }] }`,
    'access.allow[2].cidr',
    "'10.2.0.0/16' has addresses that '10.0.0.0/8' has too",
  ],
  [
    `{ users: { plumbline_owner: { schemas: ['marts'] } } }`,
    'access.users.plumbline_owner',
    "Plumbline's own",
  ],
  [
    `{ users: { pg_monitor: { schemas: ['marts'] } } }`,
    'access.users.pg_monitor',
    'Postgres itself',
  ],
  [`{ users: { rdsadmin: { schemas: ['marts'] } } }`, 'access.users.rdsadmin', 'Amazon RDS'],
  [`{ users: { public: { schemas: ['marts'] } } }`, 'access.users.public', 'Postgres itself'],
  [
    `{ users: { 'x"; drop': { schemas: ['marts'] } } }`,
    `access.users.x"; drop`,
    'cannot be the name',
  ],
  [`{ users: { Größe: { schemas: ['marts'] } } }`, 'access.users.Größe', 'cannot be the name'],
  [`{ users: { bi: { schemas: [] } } }`, 'access.users.bi.schemas', 'is []'],
  [`{ users: { bi: { schemas: ['marts', 'marts'] } } }`, 'access.users.bi.schemas', 'twice'],
  [
    `{ users: { bi: { schemas: ['raw'] } } }`,
    'access.users.bi.schemas[1]',
    'closed to users: it holds rows that are not released',
  ],
  [
    `{ users: { bi: { schemas: ['plumbline'] } } }`,
    'access.users.bi.schemas[1]',
    'closed to users',
  ],
  [
    `{ users: { bi: { schemas: ['public'] } } }`,
    'access.users.bi.schemas[1]',
    "no schema of the project's models",
  ],
  [
    `{ users: { bi: { schemas: ['marts'], connections: 0 } } }`,
    'access.users.bi.connections',
    'is 0',
  ],
])('a mistake in access: %s', async (access, place, message) => {
  expect(await mistakes(withAccess(access))).toEqual([
    expect.objectContaining({
      file: 'plumbline.config.ts',
      place,
      message: expect.stringContaining(message),
    }),
  ]);
});

test('a mistake elsewhere in the settings hides none in access', async () => {
  const open = "{ allow: [{ cidr: '0.0.0.0/0', note: 'all' }] }";
  const found = await mistakes({
    'plumbline.config.ts': `export default { company: 'T', zone: 'Europe/Kopenhagen', access: ${open} };`,
  });
  expect(found.map(({ place }) => place)).toEqual(['zone', 'access.allow[1].cidr']);
});

test('what was meant in access is suggested', async () => {
  const meant = async (access: string) =>
    (await mistakes(withAccess(access))).map((each) => each.suggestion);
  expect(await meant(`{ users: { bi: { schemas: ['martz', 'raw'] } } }`)).toEqual([
    'marts',
    'clean',
  ]);
  expect(await meant(`{ users: { bi: { schema: ['marts'], schemas: ['marts'] } } }`)).toEqual([
    'schemas',
  ]);
  expect(await meant(`{ allow: [{ cidr: '203.0.113.7', note: 'home' }] }`)).toEqual([
    '203.0.113.7/32',
  ]);
  expect(await meant(`{ user: {} }`)).toEqual(['users']);
});

test('a contract with more columns than a table of Postgres has is a mistake of the project', async () => {
  const columns = (count: number): string =>
    Array.from({ length: count }, (_, index) => `c${index}: column.text()`).join(', ');
  expect(await mistakes({ 'sources/wide.ts': csvSource(columns(1591)) })).toEqual([
    {
      file: 'sources/wide.ts',
      place: 'columns',
      message: expect.stringContaining('names 1591 columns, and a table of Postgres holds 1,600'),
      expected: '1590 at most',
    },
  ]);
  await read(await project({ 'sources/wide.ts': csvSource(columns(1590)) }));
});

export interface TemplateNames {
  /** As it is shown. */
  readonly company: string;
  /** For `package.json`. */
  readonly packageName: string;
}

/** Files of a new project by path. */
export function templateFiles({
  company,
  packageName,
}: TemplateNames): Readonly<Record<string, string>> {
  return {
    'plumbline.config.ts': config(company),
    'sources/orders.ts': source,
    'models/marts/sales_daily.sql': model,
    'checks/orders_are_not_in_the_future.sql': check,
    'dashboards/sales.ts': dashboard,
    'digests/morning-sales.ts': digest,
    'README.md': readme(company),
    '.gitignore': '.plumbline/\n.env\nnode_modules/\n',
    'package.json': packageJson(packageName),
    'tsconfig.json': tsconfig,
  };
}

const config = (company: string): string => `import { defineConfig } from 'plumbline';

export default defineConfig({
  company: ${JSON.stringify(company)},
  zone: 'Europe/Berlin',
  locale: 'en-GB',
  currency: 'EUR',
});
`;

const source = `import { column, csv, every, folder } from 'plumbline';

// One file a source: where its data comes from, what a row must be, when it is read.
export default csv({
  from: folder('data/orders*.csv'),
  delimiter: ';',
  columns: {
    order_no: column.text({ header: 'Order', required: true }),
    ordered_on: column.date({ header: 'Date', format: 'dd.MM.yyyy', required: true }),
    client: column.text({ required: true }),
    region: column.oneOf(['North', 'East', 'South', 'West']),
    product: column.text({ required: true }),
    quantity: column.integer({ required: true, min: 1 }),
    unit_price: column.decimal(10, 2, { header: 'Unit price', decimalMark: ',', min: 0 }),
  },
  key: ['order_no'],
  controlTotals: ['quantity', 'unit_price'],
  freshness: '8 days',
  schedule: every.day().at('06:00'),
});
`;

const model = `/*---
description: Revenue by day, client and region.
materialize: materialized view
key: [day, client, region]
checks:
  - not_null: [day, client, revenue]
  - accepted_range: { column: revenue, min: 0 }
---*/
select
  ordered_on as day,
  client,
  region,
  sum(quantity * unit_price) as revenue,
  count(*) as orders
from clean.orders
group by 1, 2, 3
`;

const check = `/*---
description: The rows this query returns are wrong; with level error they hold the release back.
level: warn
---*/
select order_no, ordered_on
from clean.orders
where ordered_on > current_date + 1
`;

const dashboard = `import { bar, choice, dashboard, kpi, line, period, top } from 'plumbline';

export default dashboard({
  title: 'Sales',
  filters: {
    period: period({ default: 'last 12 months' }),
    region: choice({ sql: 'select distinct region from marts.sales_daily order by 1' }),
  },
  rows: [
    [
      kpi({
        title: 'Revenue',
        format: 'money',
        compare: 'previous period',
        sql: \`select sum(revenue) as revenue
              from marts.sales_daily
              where day between :period_from and :period_to
                and (:region is null or region = :region)\`,
      }),
      kpi({
        title: 'Orders',
        format: 'integer',
        compare: 'previous period',
        sql: \`select sum(orders) as orders
              from marts.sales_daily
              where day between :period_from and :period_to
                and (:region is null or region = :region)\`,
      }),
    ],
    [
      line({
        title: 'Revenue by month',
        x: 'month',
        y: 'revenue',
        format: 'money',
        sql: \`select date_trunc('month', day)::date as month, sum(revenue) as revenue
              from marts.sales_daily
              where day between :period_from and :period_to
                and (:region is null or region = :region)
              group by 1 order by 1\`,
      }),
    ],
    [
      top({
        title: 'Top clients',
        n: 5,
        label: 'client',
        value: 'revenue',
        format: 'money',
        sql: \`select client, sum(revenue) as revenue
              from marts.sales_daily
              where day between :period_from and :period_to
                and (:region is null or region = :region)
              group by 1\`,
      }),
      bar({
        title: 'Revenue by region',
        x: 'region',
        y: 'revenue',
        format: 'money',
        sql: \`select coalesce(region, 'unknown') as region, sum(revenue) as revenue
              from marts.sales_daily
              where day between :period_from and :period_to
              group by 1 order by 2 desc\`,
      }),
    ],
  ],
});
`;

const digest = `import { digest, every, kpi, period, top } from 'plumbline';

// The mail of the morning. Without mail.smtp it is written to .plumbline/outbox.
export default digest({
  title: 'Sales of the last 30 days',
  to: ['sales@example.com'],
  schedule: every.day().at('08:00'),
  dashboard: 'sales',
  filters: { period: period({ default: 'last 30 days' }) },
  tiles: [
    kpi({
      title: 'Revenue',
      format: 'money',
      compare: 'previous period',
      sql: \`select sum(revenue) as revenue
            from marts.sales_daily
            where day between :period_from and :period_to\`,
    }),
    top({
      title: 'Top clients',
      n: 5,
      label: 'client',
      value: 'revenue',
      format: 'money',
      sql: \`select client, sum(revenue) as revenue
            from marts.sales_daily
            where day between :period_from and :period_to
            group by 1\`,
    }),
  ],
});
`;

const readme = (company: string): string => `# Numbers of ${company}

    npx plumbline dev            load, build, serve the dashboards, follow changes
    npx plumbline run            load and build once
    npx plumbline check          find mistakes without running anything
    npx plumbline rejects        rows that were kept out, and why (two are wrong on purpose)

| folder | what is in it |
|---|---|
| \`sources/\` | one file a source: where from, its contract, its schedule |
| \`models/\` | SQL; the folder is the schema, the file the relation |
| \`checks/\` | queries that return the rows that are wrong |
| \`dashboards/\`, \`digests/\` | pages and mails made of tiles |
| \`data/\` | the files the source reads; replace them with your own |
| \`.plumbline/\` | Postgres, the kept deliveries, the outbox; not for git |

To have types in the editor, install plumbline here: \`npm install --save-dev plumbline\`.
`;

const packageJson = (name: string): string =>
  `${JSON.stringify(
    {
      name,
      private: true,
      type: 'module',
      scripts: { start: 'plumbline dev', check: 'plumbline check' },
    },
    null,
    2,
  )}\n`;

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "skipLibCheck": true,
    "types": []
  },
  "include": ["**/*.ts"],
  "exclude": ["node_modules", ".plumbline"]
}
`;

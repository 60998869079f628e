import { bar, dashboard, kpi, line, period, table, top } from 'plumbline';

export default dashboard({
  title: 'Operations',
  description: 'What it costs to run the company.',
  filters: { period: period({ default: 'last 12 months' }) },
  rows: [
    [
      kpi({
        title: 'Operating costs',
        format: 'money',
        compare: 'previous period',
        better: 'down',
        sql: `
          select sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to`,
        sparkline: `
          select date_trunc('month', c.booked_on)::date as month, sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to
          group by 1 order by 1`,
      }),
      kpi({
        title: 'Activity expense',
        format: 'money',
        compare: 'previous period',
        better: 'down',
        sql: `
          select sum(a.expense) as expense
          from marts.activity_daily a
          where a.day between :period_from and :period_to`,
        sparkline: `
          select date_trunc('month', a.day)::date as month, sum(a.expense) as expense
          from marts.activity_daily a
          where a.day between :period_from and :period_to
          group by 1 order by 1`,
      }),
      kpi({
        title: 'Energy',
        format: 'money',
        compare: 'previous year',
        better: 'down',
        sql: `
          select sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.category = 'Energy' and c.booked_on between :period_from and :period_to`,
      }),
      kpi({
        title: 'VAT',
        format: 'money',
        compare: 'previous period',
        better: 'down',
        sql: `
          select sum(t.tax) as tax
          from clean.tax t
          where t.period_end between :period_from and :period_to`,
      }),
    ],
    [
      line({
        title: 'Costs by month',
        subtitle: 'Operating costs, net',
        x: 'month',
        y: 'net_amount',
        format: 'money',
        forecast: { months: 6 },
        sql: `
          select date_trunc('month', c.booked_on)::date as month, sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to
          group by 1 order by 1`,
      }),
    ],
    [
      bar({
        title: 'Costs by category',
        subtitle: 'Net, in the period',
        x: 'category',
        y: 'net_amount',
        format: 'money',
        sql: `
          select c.category, sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to
          group by c.category
          order by net_amount desc`,
      }),
    ],
    [
      top({
        title: 'Largest suppliers',
        subtitle: 'Net, in the period',
        n: 10,
        label: 'supplier',
        value: 'net_amount',
        format: 'money',
        sql: `
          select c.supplier, sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to
          group by c.supplier`,
      }),
      table({
        title: 'Tax by country',
        sql: `
          select t.jurisdiction, sum(t.taxable) as taxable, sum(t.tax) as tax
          from clean.tax t
          where t.period_end between :period_from and :period_to
          group by t.jurisdiction
          order by tax desc`,
        columns: {
          jurisdiction: { title: 'Country' },
          taxable: { title: 'Taxable', format: 'money' },
          tax: { title: 'Tax', format: 'money' },
        },
      }),
    ],
    [
      table({
        title: 'Largest bookings',
        limit: 12,
        sql: `
          select c.booked_on, c.voucher, c.supplier, c.category, c.net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to
          order by c.net_amount desc`,
        columns: {
          booked_on: { title: 'Booked' },
          voucher: { title: 'Voucher' },
          supplier: { title: 'Supplier' },
          category: { title: 'Category' },
          net_amount: { title: 'Net', format: 'money' },
        },
      }),
    ],
  ],
});

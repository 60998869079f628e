import { bar, dashboard, kpi, line, period, table } from 'plumbline';

export default dashboard({
  title: 'Leadership',
  description: 'How the company is doing.',
  filters: { period: period({ default: 'last 24 months' }) },
  rows: [
    [
      kpi({
        title: 'Revenue',
        format: 'money',
        compare: 'previous year',
        sql: `
          select sum(s.revenue) as revenue
          from marts.sales_daily s
          where s.day between :period_from and :period_to`,
        sparkline: `
          select s.month, sum(s.revenue) as revenue
          from marts.sales_monthly s
          where s.month between :period_from and :period_to
          group by s.month order by s.month`,
      }),
      kpi({
        title: 'Activities',
        format: 'integer',
        compare: 'previous year',
        sql: `
          select sum(a.activities) as activities
          from marts.activity_daily a
          where a.day between :period_from and :period_to`,
        sparkline: `
          select a.month, a.activities
          from marts.activity_monthly a
          where a.month between :period_from and :period_to
          order by a.month`,
      }),
      kpi({
        title: 'Operating costs',
        format: 'money',
        compare: 'previous year',
        better: 'down',
        sql: `
          select sum(c.net_amount) as net_amount
          from clean.operating_costs c
          where c.booked_on between :period_from and :period_to`,
        sparkline: `
          select c.month, sum(c.net_amount) as net_amount
          from marts.costs_monthly c
          where c.month between :period_from and :period_to
          group by c.month order by c.month`,
      }),
      kpi({
        title: 'Payments received',
        format: 'money',
        compare: 'previous year',
        sql: `
          select sum(p.amount) as amount
          from clean.payments p
          where p.paid_on between :period_from and :period_to`,
        sparkline: `
          select p.month, p.amount
          from marts.payments_monthly p
          where p.month between :period_from and :period_to
          order by p.month`,
      }),
    ],
    [
      line({
        title: 'Business activity',
        subtitle: 'Calls, visits, quotes, demos and trade fairs a month',
        x: 'month',
        y: 'activities',
        format: 'integer',
        forecast: { months: 6 },
        sql: `
          select a.month, a.activities
          from marts.activity_monthly a
          where a.month between :period_from and :period_to
          order by a.month`,
      }),
    ],
    [
      bar({
        title: 'Sales growth by year',
        subtitle: 'Against the year before; the unfinished year against the same days',
        x: 'label',
        y: 'growth',
        format: 'percent',
        sql: `
          select y.label, y.growth
          from marts.sales_by_year y
          where y.growth is not null
          order by y.year`,
      }),
      bar({
        title: 'Sales by year',
        x: 'label',
        y: 'revenue',
        format: 'money',
        sql: `
          select y.label, y.revenue
          from marts.sales_by_year y
          order by y.year`,
      }),
    ],
    [
      bar({
        title: 'Sales growth by quarter',
        subtitle: 'Against the same quarter of the year before',
        x: 'label',
        y: 'growth',
        format: 'percent',
        sql: `
          select q.label, q.growth
          from marts.sales_by_quarter q
          where q.growth is not null
          order by q.quarter`,
      }),
    ],
    [
      table({
        title: 'Months closed',
        sql: `
          select m.month, m.revenue, m.costs, m.expenses, m.tax, m.result
          from marts.month_close m
          where m.month between :period_from and :period_to
          order by m.month desc`,
        columns: {
          month: { title: 'Month' },
          revenue: { title: 'Revenue', format: 'money' },
          costs: { title: 'Operating costs', format: 'money' },
          expenses: { title: 'Activity expense', format: 'money' },
          tax: { title: 'VAT', format: 'money' },
          result: { title: 'Result before goods', format: 'money' },
        },
      }),
    ],
  ],
});

import { bar, digest, every, kpi, line, period, table } from 'plumbline';

/** What Operations reads at eight. */
export default digest({
  title: 'Morning costs',
  to: ['operations@acme.example'],
  schedule: every.day().at('08:00'),
  filters: { period: period({ default: 'last 30 days' }) },
  dashboard: 'operations',
  tiles: [
    kpi({
      title: 'Activity expense',
      format: 'money',
      compare: 'previous period',
      better: 'down',
      sql: `
        select sum(a.expense) as expense
        from marts.activity_daily a
        where a.day between :period_from and :period_to`,
    }),
    kpi({
      title: 'Operating costs',
      format: 'money',
      compare: 'previous period',
      better: 'down',
      sql: `
        select sum(c.net_amount) as net_amount
        from clean.operating_costs c
        where c.booked_on between :period_from and :period_to`,
    }),
    kpi({
      title: 'Activities',
      format: 'integer',
      compare: 'previous period',
      sql: `
        select sum(a.activities) as activities
        from marts.activity_daily a
        where a.day between :period_from and :period_to`,
    }),
    line({
      title: 'Activity expense by day',
      x: 'day',
      y: 'expense',
      format: 'money',
      sql: `
        select d.day::date as day, coalesce(sum(a.expense), 0) as expense
        from generate_series(:period_from, least(:period_to, (select max(day) from marts.activity_daily)), interval '1 day') as d (day)
        left join marts.activity_daily a on a.day = d.day::date
        group by d.day order by d.day`,
    }),
    bar({
      title: 'Activity expense by kind',
      x: 'kind',
      y: 'expense',
      format: 'money',
      sql: `
        select a.kind, sum(a.expense) as expense
        from marts.activity_daily a
        where a.day between :period_from and :period_to
        group by a.kind
        having sum(a.expense) > 0
        order by expense desc`,
    }),
    table({
      title: 'Operating costs by category',
      sql: `
        select c.category, count(*) as bookings, sum(c.net_amount) as net_amount
        from clean.operating_costs c
        where c.booked_on between :period_from and :period_to
        group by c.category
        order by net_amount desc`,
      columns: {
        category: { title: 'Category' },
        bookings: { title: 'Bookings', format: 'integer' },
        net_amount: { title: 'Net', format: 'money' },
      },
    }),
  ],
});

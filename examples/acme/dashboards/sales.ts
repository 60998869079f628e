import { choice, dashboard, kpi, line, period, table, top } from 'plumbline';

export default dashboard({
  title: 'Sales',
  description: 'What was ordered, by whom and where.',
  filters: {
    period: period({ default: 'last 12 months' }),
    region: choice({
      label: 'Region',
      sql: 'select distinct s.region from marts.sales_daily s order by 1',
    }),
  },
  rows: [
    [
      kpi({
        title: 'Revenue',
        format: 'money',
        compare: 'previous period',
        sql: `
          select sum(s.revenue) as revenue
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)`,
        sparkline: `
          select date_trunc('month', s.day)::date as month, sum(s.revenue) as revenue
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)
          group by 1 order by 1`,
      }),
      kpi({
        title: 'Orders',
        format: 'integer',
        compare: 'previous period',
        sql: `
          select count(distinct o.order_no) as orders
          from clean.partner_orders o
          where o.ordered_on between :period_from and :period_to
            and o.status <> 'cancelled'
            and (:region is null or o.region = :region)`,
        sparkline: `
          select date_trunc('month', s.day)::date as month, sum(s.orders) as orders
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)
          group by 1 order by 1`,
      }),
      kpi({
        title: 'Average order',
        format: 'money',
        compare: 'previous period',
        sql: `
          select sum(s.revenue) / nullif(sum(s.orders), 0) as average_order
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)`,
        sparkline: `
          select date_trunc('month', s.day)::date as month,
                 sum(s.revenue) / nullif(sum(s.orders), 0) as average_order
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)
          group by 1 order by 1`,
      }),
      kpi({
        title: 'Clients who ordered',
        format: 'integer',
        compare: 'previous period',
        sql: `
          select count(distinct s.client_no) as clients
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)`,
      }),
    ],
    [
      line({
        title: 'Revenue by month',
        subtitle: 'Net, without cancelled orders',
        x: 'month',
        y: 'revenue',
        format: 'money',
        forecast: { months: 6 },
        sql: `
          select date_trunc('month', s.day)::date as month, sum(s.revenue) as revenue
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)
          group by 1 order by 1`,
      }),
    ],
    [
      top({
        title: 'Top ten clients',
        subtitle: 'Revenue in the period',
        n: 10,
        label: 'client',
        value: 'revenue',
        format: 'money',
        sql: `
          select s.client, sum(s.revenue) as revenue
          from marts.sales_daily s
          where s.day between :period_from and :period_to
            and (:region is null or s.region = :region)
          group by s.client`,
      }),
      top({
        title: 'Product groups',
        subtitle: 'Revenue in the period',
        n: 8,
        label: 'category',
        value: 'revenue',
        format: 'money',
        sql: `
          select w.category, sum(w.net_amount) as revenue
          from marts.sales_wide w
          where w.ordered_on between :period_from and :period_to
            and (:region is null or w.region = :region)
          group by w.category`,
      }),
    ],
    [
      table({
        title: 'Latest orders',
        limit: 20,
        sql: `
          select w.ordered_on, w.order_no, w.client, w.region, count(*) as lines,
                 sum(w.net_amount) as revenue, max(w.status) as status
          from marts.sales_wide w
          where w.ordered_on between :period_from and :period_to
            and (:region is null or w.region = :region)
          group by w.ordered_on, w.order_no, w.client, w.region
          order by w.ordered_on desc, w.order_no desc`,
        columns: {
          ordered_on: { title: 'Ordered' },
          order_no: { title: 'Order' },
          client: { title: 'Client' },
          region: { title: 'Region' },
          lines: { title: 'Lines', format: 'integer' },
          revenue: { title: 'Net', format: 'money' },
          status: { title: 'Status' },
        },
      }),
    ],
  ],
});

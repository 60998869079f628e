/*---
description: Sales by year, and how they grew against the same days of the year before.
materialize: materialized view
key: [year]
checks:
  - not_null: [revenue]
---*/
with last_day as (
  select max(s.day) as day from marts.sales_daily s
),
years as (
  select
    extract(year from s.day)::integer as year,
    sum(s.revenue) as revenue,
    sum(s.orders) as orders,
    -- The part of a year that the unfinished one is compared with.
    sum(s.revenue) filter (
      where to_char(s.day, 'MMDD') <= (select to_char(l.day, 'MMDD') from last_day l)
    ) as revenue_to_date
  from marts.sales_daily s
  group by 1
)
select
  y.year,
  y.year || case when y.year = l.year then ' to date' else '' end as label,
  y.revenue,
  y.orders,
  y.revenue / nullif(case when y.year = l.year then before.revenue_to_date else before.revenue end, 0)
    - 1 as growth
from years y
cross join (select extract(year from day)::integer as year from last_day) l
left join years before on before.year = y.year - 1

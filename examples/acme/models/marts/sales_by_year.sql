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
  y.revenue,
  y.orders,
  case
    when y.year = (select extract(year from l.day) from last_day l)
    then y.revenue / nullif(before.revenue_to_date, 0) - 1
    else y.revenue / nullif(before.revenue, 0) - 1
  end as growth
from years y
left join years before on before.year = y.year - 1

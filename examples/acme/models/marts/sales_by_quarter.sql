/*---
description: Sales by quarter that is over, and how they grew against the same quarter of the year before.
materialize: view
key: [quarter]
---*/
with quarters as (
  select date_trunc('quarter', s.month)::date as quarter, sum(s.revenue) as revenue
  from marts.sales_monthly s
  group by 1
)
select
  q.quarter,
  to_char(q.quarter, '"Q"Q YYYY') as label,
  q.revenue,
  q.revenue / nullif(before.revenue, 0) - 1 as growth
from quarters q
left join quarters before on before.quarter = (q.quarter - interval '1 year')::date
where q.quarter < (select max(quarter) from quarters)

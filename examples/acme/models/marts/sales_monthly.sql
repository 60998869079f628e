/*---
description: Sales by month and region.
materialize: view
key: [month, region]
---*/
select
  date_trunc('month', s.day)::date as month,
  s.region,
  sum(s.revenue) as revenue,
  sum(s.orders) as orders
from marts.sales_daily s
group by 1, 2

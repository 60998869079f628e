/*---
description: Operating costs by month and category.
materialize: materialized view
key: [month, category]
checks:
  - not_null: [net_amount]
  - accepted_range: { column: net_amount, min: 0 }
---*/
select
  date_trunc('month', c.booked_on)::date as month,
  c.category,
  sum(c.net_amount) as net_amount,
  sum(c.vat_amount) as vat_amount,
  count(*) as bookings
from clean.operating_costs c
group by 1, 2

/*---
description: Payments received by month.
materialize: materialized view
key: [month]
checks:
  - accepted_range: { column: amount, min: 0 }
---*/
select
  date_trunc('month', p.paid_on)::date as month,
  sum(p.amount) as amount,
  count(*) as payments
from clean.payments p
group by 1

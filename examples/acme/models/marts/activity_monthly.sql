/*---
description: What sales people did, by month.
materialize: view
key: [month]
---*/
select
  date_trunc('month', a.day)::date as month,
  sum(a.activities) as activities,
  sum(a.minutes) as minutes,
  sum(a.expense) as expense
from marts.activity_daily a
group by 1

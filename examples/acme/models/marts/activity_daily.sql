/*---
description: What sales people did, by day, kind and region.
materialize: materialized view
key: [day, kind, region]
checks:
  - not_null: [day, kind, activities]
  - accepted_range: { column: expense, min: 0 }
---*/
select
  (a.occurred_at at time zone 'Europe/Berlin')::date as day,
  a.kind,
  a.region,
  count(*) as activities,
  coalesce(sum(a.minutes), 0) as minutes,
  coalesce(sum(a.expense), 0) as expense
from clean.activity a
group by 1, 2, 3

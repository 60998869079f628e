/*---
description: Value added tax by month and country.
materialize: materialized view
key: [month, country]
checks:
  - not_null: [tax]
  - accepted_range: { column: tax, min: 0 }
---*/
select
  date_trunc('month', t.period_end)::date as month,
  t.country,
  sum(t.taxable) as taxable,
  sum(t.tax) as tax
from clean.tax t
group by 1, 2

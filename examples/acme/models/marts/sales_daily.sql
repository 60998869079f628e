/*---
description: Sales by day, client and region.
materialize: materialized view
key: [day, client_no, client, region]
checks:
  - not_null: [day, client_no, revenue]
  - accepted_range: { column: revenue, min: 0 }
---*/
select
  o.ordered_on as day,
  o.client_no,
  o.client,
  o.region,
  sum(o.net_amount) as revenue,
  count(distinct o.order_no) as orders,
  sum(o.quantity) as units
from clean.partner_orders o
where o.status <> 'cancelled'
group by o.ordered_on, o.client_no, o.client, o.region

/*---
description: Every order line that was not cancelled, with all there is to know about it, for BI tools.
materialize: table
key: [order_no, line_no]
checks:
  - not_null: [ordered_on, client_no, region, category, net_amount]
  - accepted_range: { column: net_amount, min: 0 }
  - accepted_values: { column: status, values: [open, shipped] }
---*/
select
  o.order_no,
  o.line_no,
  o.ordered_on,
  date_trunc('month', o.ordered_on)::date as month,
  extract(year from o.ordered_on)::integer as year,
  o.shipped_on,
  o.shipped_on - o.ordered_on as days_to_ship,
  o.client_no,
  o.client,
  o.region,
  o.product_no,
  o.product,
  o.category,
  o.quantity,
  o.unit_price,
  o.discount,
  o.net_amount,
  o.status,
  p.invoice_no,
  p.paid_on,
  p.method as payment_method
from clean.partner_orders o
-- One invoice a client and month.
left join clean.payments p
  on p.invoice_no = 'R' || to_char(o.ordered_on, 'YYYYMM') || '-' || substr(o.client_no, 3)
where o.status <> 'cancelled'

/*---
description: What the marts add up to is what was ordered, to the cent.
level: error
---*/
select ordered.amount, daily.amount as sales_daily, wide.amount as sales_wide
from (select sum(net_amount) as amount from clean.partner_orders where status <> 'cancelled') ordered,
     (select sum(revenue) as amount from marts.sales_daily) daily,
     (select sum(net_amount) as amount from marts.sales_wide) wide
where ordered.amount is distinct from daily.amount
   or ordered.amount is distinct from wide.amount

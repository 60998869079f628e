/*---
description: A client number stands for one client.
level: error
---*/
select o.client_no, count(distinct o.client) as names
from clean.partner_orders o
group by o.client_no
having count(distinct o.client) > 1

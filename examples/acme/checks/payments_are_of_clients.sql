/*---
description: Whoever paid has ordered.
level: warn
---*/
select p.*
from clean.payments p
where not exists (select from clean.partner_orders o where o.client_no = p.client_no)

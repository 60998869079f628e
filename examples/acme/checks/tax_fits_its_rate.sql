/*---
description: Tax is the taxable amount times the rate, but for a cent of rounding.
level: warn
---*/
select t.*
from clean.tax t
where abs(t.tax - t.taxable * t.rate / 100) > 0.01

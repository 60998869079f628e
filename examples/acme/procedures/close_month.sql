/*---
description: Closes every month that is over, with what came in and what it cost.
reads: [marts.sales_monthly, marts.costs_monthly, marts.activity_monthly, marts.tax_monthly]
writes: [marts.month_close]
---*/
create or replace procedure marts.close_month()
language plpgsql
as $$
begin
  create table if not exists marts.month_close (
    month     date primary key,
    revenue   numeric not null,
    costs     numeric not null,
    expenses  numeric not null,
    tax       numeric not null,
    result    numeric not null
  );

  insert into marts.month_close as closed (month, revenue, costs, expenses, tax, result)
  select
    s.month,
    s.revenue,
    coalesce(c.net_amount, 0),
    coalesce(a.expense, 0),
    coalesce(t.tax, 0),
    s.revenue - coalesce(c.net_amount, 0) - coalesce(a.expense, 0)
  from (select month, sum(revenue) as revenue from marts.sales_monthly group by month) s
  left join (select month, sum(net_amount) as net_amount from marts.costs_monthly group by month) c
    using (month)
  left join marts.activity_monthly a using (month)
  left join (select month, sum(tax) as tax from marts.tax_monthly group by month) t using (month)
  -- The last month of the data is not over.
  where s.month < (select max(month) from marts.sales_monthly)
  on conflict (month) do update
    set revenue  = excluded.revenue,
        costs    = excluded.costs,
        expenses = excluded.expenses,
        tax      = excluded.tax,
        result   = excluded.result
    where (closed.revenue, closed.costs, closed.expenses, closed.tax)
       is distinct from (excluded.revenue, excluded.costs, excluded.expenses, excluded.tax);
end
$$

-- Of records nested in those of an API: for each record of the page, at which of the page's nested
-- records its own begin. `sheet` is the page.
alter table plumbline.segment add column records int[];

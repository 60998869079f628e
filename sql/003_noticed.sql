-- Records that were loaded although something about them is worth knowing, by reason: rows that are
-- hidden in the workbook, merged cells that were filled, formulas without a stored result.
alter table plumbline.batch add column noticed jsonb not null default '{}';

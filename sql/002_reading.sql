-- How the rows of a batch were read: a hash of the source's contract and format. A delivery that was
-- read by another is read again. Null: loaded before this was kept, and taken as it is.
alter table plumbline.batch add column reading text;

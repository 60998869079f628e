-- What the place a delivery came from says of it without its content being read: a file's inode, size
-- and times, an object's ETag and time. While it is the same, the delivery is not fetched again.
-- Null: the place could not say, or it was loaded before this was kept.
alter table plumbline.delivery add column fingerprint text;

-- How a delivery was read where its source leaves that to be detected: an array of
-- {"setting": "encoding", "value": "windows-1252", "confidence": 0.98}.
alter table plumbline.batch add column detected jsonb not null default '[]';

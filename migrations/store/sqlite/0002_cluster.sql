-- Which log a group has read, where the log can be exchanged behind the database's back.
ALTER TABLE consumer_offsets ADD COLUMN cluster_id TEXT;

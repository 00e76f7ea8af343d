-- I11. Order on the log: an aggregate's versions are stored in their order, which is that in which they are handed to the log, and on
-- the embedded engine the log itself. What lies on topics is read by `verify --all`. $1, where set, is the last moment that counts.
SELECT e.aggregate_id AS subject,
  'version ' || e.aggregate_version || ' (' || e.event_type || ') is stored before version ' || earlier.aggregate_version AS detail
FROM events e
JOIN events earlier
  ON earlier.aggregate_id = e.aggregate_id AND earlier.aggregate_type = e.aggregate_type
  AND earlier.aggregate_version = e.aggregate_version - 1
WHERE e.aggregate_version > 1 AND earlier.seq > e.seq AND (e.created_at <= $1 OR $1 IS NULL);

-- I9. Nothing unpublished is forgotten: every event waits in the outbox, or is noted as published. What it says of the log itself
-- is `verify topic`'s to check.
-- By numbers first, which the indexes alone tell.
WITH lost AS MATERIALIZED (
  SELECT e.seq
  FROM events e
  WHERE NOT EXISTS (SELECT 1 FROM published p WHERE p.seq = e.seq)
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = e.seq)
)
SELECT CAST(e.event_id AS TEXT) AS subject,
  e.event_type || ' of ' || e.aggregate_id || ' is neither in the outbox nor noted as published on ' || e.topic AS detail
FROM lost
JOIN events e ON e.seq = lost.seq;

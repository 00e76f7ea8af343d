-- I13 goes on here, on either engine.
SELECT s.event_id AS subject,
  s.grp || ' skipped ' || s.event_type || ' of ' || s.aggregate_id || ' at ' || s.topic || '/' || s.partition || '@' || s.log_offset AS detail
FROM skipped s
WHERE s.event_type IN (SELECT event_type FROM known)
  AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = s.grp AND d.event_id = s.event_id AND d.state <> 'resolved')
  AND NOT EXISTS (
    SELECT 1 FROM dlq d
    WHERE d.grp = s.grp AND d.event_id IS NULL AND d.topic = s.topic AND d.partition = s.partition AND d.log_offset = s.log_offset
  );

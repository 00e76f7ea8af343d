-- I10. The same id is the same bytes: the digest in an event's header is that of its value, and a parked copy is the event itself.
-- (What lies on the topics is compared by `verify --all` and `verify topic`.) sha256 and encode are PostgreSQL's own; payctl's
-- connections to SQLite bring the same two. $1, where set, is the last moment that counts.
SELECT CAST(e.event_id AS TEXT) AS subject,
  e.event_type || ' of ' || e.aggregate_id || ' has other bytes than its header says' AS detail
FROM events e
WHERE (e.created_at <= $1 OR $1 IS NULL)
  AND instr(e.headers, '"sha256":"' || encode(sha256(e.value), 'hex') || '"') = 0
UNION ALL
SELECT CAST(e.event_id AS TEXT), 'the copy of ' || e.event_type || ' that ' || d.grp || ' has parked has other bytes'
FROM dlq d
JOIN events e ON e.event_id = d.event_id
WHERE (e.created_at <= $1 OR $1 IS NULL) AND d.value <> e.value;

-- I14. Offsets and effects commit together: the event that a group says it took last lies where it says, and no group is past the
-- end of the embedded log. (On Kafka the end is the brokers' to tell; a group compares it before it reads.)
SELECT CAST(o.last_event_id AS TEXT) AS subject,
  o.grp || ' says that it took this event last, at ' || o.topic || '/' || o.partition || '@' || (o.next_offset - 1) || ', where '
  || l.event_id || ' lies' AS detail
FROM consumer_offsets o
JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition AND l.log_offset = o.next_offset - 1
WHERE o.last_event_id IS NOT NULL AND l.event_id <> o.last_event_id
UNION ALL
SELECT CAST(o.last_event_id AS TEXT), o.grp || ' says that it took this event last in ' || o.topic || '/' || o.partition
  || ', and there is no such event'
FROM consumer_offsets o
WHERE o.last_event_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = o.last_event_id)
UNION ALL
SELECT o.grp, 'is at ' || o.topic || '/' || o.partition || '@' || o.next_offset || ', behind everything there is'
FROM consumer_offsets o
WHERE o.cluster_id IS NULL AND o.next_offset > 1 + (SELECT coalesce(max(seq), 0) FROM events);

-- I13 on SQLite, where an event's number is its place, and a mark is found only by its day. (CROSS JOIN keeps it to this order.)
due AS MATERIALIZED (
  SELECT o.grp, o.topic, o.partition, o.next_offset, r.grp IS NOT NULL AS is_ordered
  FROM consumer_offsets o
  LEFT JOIN ordered r ON r.grp = o.grp
),
skipped AS (
  SELECT d.grp, e.seq AS log_offset, e.event_id, e.event_type, e.aggregate_id, e.topic, e.partition
  FROM events e
  CROSS JOIN due d
  WHERE d.topic = e.topic AND d.partition = e.partition AND e.seq < d.next_offset
    AND CASE WHEN d.is_ordered
      THEN NOT EXISTS (
        SELECT 1 FROM applied_version a
        WHERE a.aggregate_id = e.aggregate_id AND a.grp = d.grp AND a.version >= e.aggregate_version
      )
      ELSE NOT EXISTS (
        SELECT 1 FROM inbox i
        WHERE i.grp = d.grp AND i.event_day = substr(e.created_at, 1, 10) AND i.event_id = e.event_id
      )
      -- The mark lies under the day that the event names, which need not be the day on which the log took it.
      AND NOT EXISTS (
        SELECT 1 FROM inbox i
        WHERE i.grp = d.grp AND i.event_id = e.event_id
          AND i.event_day = substr(e.headers, instr(e.headers, '"timestamp":"') + 13, 10)
      )
    END
)

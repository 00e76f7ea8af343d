-- I13 on PostgreSQL, where a mark is joined by its id, which is one join, and then held to the day under which a copy would look
-- it up. (What is materialized keeps a query to one process.)
due AS NOT MATERIALIZED (
  SELECT o.grp, o.topic, o.partition, o.next_offset, r.grp IS NOT NULL AS is_ordered
  FROM consumer_offsets o
  LEFT JOIN ordered r ON r.grp = o.grp
),
skipped AS (
  SELECT d.grp, l.log_offset, e.event_id, e.event_type, e.aggregate_id, l.topic, l.partition
  FROM events e
  JOIN event_places l ON l.seq = e.seq
  JOIN due d ON d.topic = l.topic AND d.partition = l.partition AND l.log_offset < d.next_offset
  LEFT JOIN applied_version a
    ON a.grp = d.grp AND a.aggregate_id = e.aggregate_id AND a.version >= e.aggregate_version AND d.is_ordered
  LEFT JOIN inbox i ON i.grp = d.grp AND i.event_id = e.event_id AND NOT d.is_ordered
    AND i.event_day = substr(e.headers, instr(e.headers, '"timestamp":"') + 13, 10)
  WHERE a.grp IS NULL AND i.grp IS NULL
)

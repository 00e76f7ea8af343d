    -- I32 on SQLite, where what is committed lies in the log.
    NOT EXISTS (
      SELECT 1
      FROM (SELECT e.partition, max(e.seq) AS last FROM events e WHERE e.topic = 'notifications.email' GROUP BY e.partition) AS far
      LEFT JOIN consumer_offsets o
        ON o.grp = 'payctl.notification' AND o.topic = 'notifications.email' AND o.partition = far.partition
      WHERE far.last >= coalesce(o.next_offset, 0)
    )

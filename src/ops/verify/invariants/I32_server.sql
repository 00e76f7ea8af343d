    -- I32 on PostgreSQL, where what is committed waits for the relay at first.
    NOT EXISTS (SELECT 1 FROM outbox w WHERE w.topic = 'notifications.email')
    AND NOT EXISTS (
      SELECT 1
      FROM (SELECT p.partition, max(p.log_offset) AS last FROM published p WHERE p.topic = 'notifications.email' GROUP BY p.partition) AS far
      LEFT JOIN consumer_offsets o
        ON o.grp = 'payctl.notification' AND o.topic = 'notifications.email' AND o.partition = far.partition
      WHERE far.last >= coalesce(o.next_offset, 0)
    )

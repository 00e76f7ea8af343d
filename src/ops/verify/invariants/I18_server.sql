  -- I18 on PostgreSQL: what is published or waits for the relay, by the short rows alone.
  SELECT every.topic, sum(every.events)
  FROM (
    SELECT p.topic, count(*) AS events FROM published p GROUP BY p.topic
    UNION ALL
    SELECT o.topic, count(*) FROM outbox o WHERE o.kind = 'event' GROUP BY o.topic
  ) AS every
  GROUP BY every.topic

  -- I18 on SQLite, where an index tells what is on a topic.
  SELECT e.topic, count(*) FROM events e GROUP BY e.topic

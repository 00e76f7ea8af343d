-- I21. What happened stays: the triggers that keep events and transfers from being changed are there.
WITH guard (name) AS (
  VALUES ('events_are_permanent_u'), ('events_are_permanent_d'), ('transfers_are_permanent_u'), ('transfers_are_permanent_d')
)
SELECT g.name AS subject, 'the trigger that keeps rows as they are is gone' AS detail
FROM guard g
WHERE NOT EXISTS (SELECT 1 FROM sqlite_master m WHERE m.type = 'trigger' AND m.name = g.name);

-- I21. What happened stays: the triggers that keep events and transfers from being changed are there and not switched off.
WITH guard (name) AS (
  VALUES ('events_are_permanent'), ('transfers_are_permanent')
)
SELECT g.name AS subject, 'the trigger that keeps rows as they are is gone or switched off' AS detail
FROM guard g
WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE CAST(t.tgname AS TEXT) = g.name AND t.tgenabled <> 'D');

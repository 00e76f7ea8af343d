-- I33. Nothing is given up without a name: each discarded dead letter, and each that a plan has sent, has a record of who did it
-- and why. (The record in audit.logs is written by the same transaction.)
SELECT coalesce(CAST(d.event_id AS TEXT), d.grp || '/' || d.topic || '/' || d.partition || '/' || d.log_offset) AS subject,
  d.grp || ' has given it up, and nobody is named for it' AS detail
FROM dlq d
WHERE d.state = 'discarded'
  AND NOT EXISTS (SELECT 1 FROM dlq_history h WHERE h.dlq_id = d.id AND h.action = 'discarded' AND h.actor <> '' AND h.reason <> '')
UNION ALL
SELECT r.plan_id, 'has sent entry ' || r.position || ', and nobody is named for it'
FROM replay_entries r
WHERE r.sent_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM replay_plans p WHERE p.plan_id = r.plan_id AND p.actor <> '');

-- I13, as PostgreSQL does it best; I13.sql says the same for SQLite. No event is skipped: every event below a group's next offset is applied (its version is, or its mark lies in the
-- inbox), parked or held. Events of a type that this version does not know are only skipped, and are not asked for.
WITH known (event_type) AS (
  VALUES
    ('payment.created'), ('payment.processing'), ('payment.success'), ('payment.failed'), ('payment.cancelled'),
    ('payment.expired'), ('channel.payout.paid'), ('channel.payout.failed'), ('refund.created'), ('refund.processing'),
    ('refund.success'), ('refund.failed'), ('refund.reversed'), ('dispute.withdrawn'), ('dispute.reinstated'),
    ('order.created'), ('order.paid'), ('order.cancelled'), ('order.expired'), ('order.refunded'), ('order.shipped'),
    ('order.completed'), ('accounting.transaction.created'), ('accounting.balance.updated'), ('settlement.created'),
    ('settlement.approved'), ('settlement.rejected'), ('settlement.processing'), ('settlement.completed'),
    ('settlement.failed'), ('withdrawal.created'), ('withdrawal.approved'), ('withdrawal.rejected'),
    ('withdrawal.processing'), ('withdrawal.success'), ('withdrawal.failed'), ('withdrawal.cancelled'),
    ('withdrawal.returned'), ('merchant.created'), ('merchant.approved'), ('merchant.frozen'), ('merchant.unfrozen'),
    ('merchant.updated'), ('analytics.metrics.updated'), ('notification.requested'), ('saga.started'),
    ('saga.compensating'), ('audit.recorded')
),
-- Groups that keep the order of an aggregate mark its version; the others mark each event.
ordered (grp) AS (
  VALUES ('payctl.gateway'), ('payctl.order'), ('payctl.accounting')
),
skipped AS (
  SELECT o.grp, l.log_offset, e.event_id, e.event_type, e.aggregate_id, l.topic, l.partition
  FROM consumer_offsets o
  JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition AND l.log_offset < o.next_offset
  JOIN events e ON e.seq = l.seq
  WHERE o.grp IN (SELECT grp FROM ordered)
    AND NOT EXISTS (
      SELECT 1 FROM applied_version a
      WHERE a.aggregate_id = e.aggregate_id AND a.grp = o.grp AND a.version >= e.aggregate_version
    )
  UNION ALL
  SELECT o.grp, l.log_offset, e.event_id, e.event_type, e.aggregate_id, l.topic, l.partition
  FROM consumer_offsets o
  JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition AND l.log_offset < o.next_offset
  JOIN events e ON e.seq = l.seq
  WHERE o.grp NOT IN (SELECT grp FROM ordered)
    -- By the id alone, which is one join; the days of the marks are for looking one up.
    AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.grp = o.grp AND i.event_id = e.event_id)
)
SELECT s.event_id AS subject,
  s.grp || ' skipped ' || s.event_type || ' of ' || s.aggregate_id || ' at ' || s.topic || '/' || s.partition || '@' || s.log_offset AS detail
FROM skipped s
WHERE s.event_type IN (SELECT event_type FROM known)
  AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = s.grp AND d.event_id = s.event_id)
  AND NOT EXISTS (
    SELECT 1 FROM dlq d
    WHERE d.grp = s.grp AND d.event_id IS NULL AND d.topic = s.topic AND d.partition = s.partition AND d.log_offset = s.log_offset
  );

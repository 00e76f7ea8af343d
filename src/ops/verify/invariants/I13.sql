-- I13. No event is skipped: every event below a group's next offset is applied (its version is, or its mark lies in the
-- inbox), parked or held. Events of a type that this version does not know are only skipped, and are not asked for.
-- The condition that follows its end is in the words of each engine (I13_embedded.sql, I13_server.sql), the rest in I13_end.sql.
-- (CROSS JOIN keeps SQLite to this order: all events once, in the order in which they lie, and the few offsets for each.)
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
  FROM events e
  CROSS JOIN event_places l
  CROSS JOIN consumer_offsets o
  WHERE l.seq = e.seq AND o.topic = l.topic AND o.partition = l.partition AND l.log_offset < o.next_offset
    AND o.grp IN (SELECT grp FROM ordered)
    AND NOT EXISTS (
      SELECT 1 FROM applied_version a
      WHERE a.aggregate_id = e.aggregate_id AND a.grp = o.grp AND a.version >= e.aggregate_version
    )
  UNION ALL
  SELECT o.grp, l.log_offset, e.event_id, e.event_type, e.aggregate_id, l.topic, l.partition
  FROM events e
  CROSS JOIN event_places l
  CROSS JOIN consumer_offsets o
  WHERE l.seq = e.seq AND o.topic = l.topic AND o.partition = l.partition AND l.log_offset < o.next_offset
    AND o.grp NOT IN (SELECT grp FROM ordered)

-- I13. No event is skipped: every event below a group's next offset is applied (its version is, or its mark lies in the
-- inbox), parked or held. Events of a type that this version does not know are only skipped, and are not asked for.
-- The search that follows its end is in the words of each engine (I13_embedded.sql, I13_server.sql), the rest in I13_end.sql: all
-- events once, the few offsets for each, and of each pair the mark.
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

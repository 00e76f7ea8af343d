-- I5. Only legal transitions: each event of a payment, refund or order follows from the one before it by an edge of its state
-- machine, the first one creates it, and the versions of every aggregate count from 1 without a gap. $1, where set, is the last moment
-- that counts.
WITH edge (was, becomes) AS NOT MATERIALIZED (
  VALUES
    ('-', 'payment.created'),
    ('payment.created', 'payment.processing'),
    ('payment.created', 'payment.success'),
    ('payment.created', 'payment.failed'),
    ('payment.created', 'payment.cancelled'),
    ('payment.created', 'payment.expired'),
    ('payment.processing', 'payment.success'),
    ('payment.processing', 'payment.failed'),
    ('payment.processing', 'payment.cancelled'),
    -- Money that moved is never ignored: a late success.
    ('payment.failed', 'payment.success'),
    ('payment.cancelled', 'payment.success'),
    ('payment.expired', 'payment.success'),
    ('-', 'refund.created'),
    ('refund.created', 'refund.processing'),
    ('refund.created', 'refund.success'),
    ('refund.created', 'refund.failed'),
    ('refund.processing', 'refund.success'),
    ('refund.processing', 'refund.failed'),
    ('refund.success', 'refund.reversed'),
    ('-', 'dispute.withdrawn'),
    ('dispute.withdrawn', 'dispute.reinstated'),
    ('-', 'order.created'),
    ('order.created', 'order.paid'),
    ('order.created', 'order.cancelled'),
    ('order.created', 'order.expired'),
    ('order.paid', 'order.shipped'),
    ('order.shipped', 'order.completed'),
    ('order.paid', 'order.refunded'),
    ('order.shipped', 'order.refunded'),
    ('order.completed', 'order.refunded'),
    -- A partial refund leaves the order where it is.
    ('order.refunded', 'order.shipped'),
    ('order.refunded', 'order.completed'),
    ('order.refunded', 'order.refunded')
)
-- Only those that follow another are joined with it.
SELECT e.aggregate_id AS subject, 'went from - to ' || e.event_type || ' at version 1' AS detail
FROM events e
WHERE e.aggregate_version = 1 AND e.aggregate_type IN ('payment', 'refund', 'order') AND (e.created_at <= $1 OR $1 IS NULL)
  AND e.event_type NOT IN (SELECT becomes FROM edge WHERE was = '-')
UNION ALL
SELECT e.aggregate_id,
  'went from ' || coalesce(earlier.event_type, '-') || ' to ' || e.event_type || ' at version ' || e.aggregate_version
FROM events e
LEFT JOIN events earlier
  ON earlier.aggregate_id = e.aggregate_id AND earlier.aggregate_type = e.aggregate_type
  AND earlier.aggregate_version = e.aggregate_version - 1 AND earlier.aggregate_type IN ('payment', 'refund', 'order')
WHERE e.aggregate_version > 1 AND e.aggregate_type IN ('payment', 'refund', 'order') AND (e.created_at <= $1 OR $1 IS NULL)
  AND (coalesce(earlier.event_type, '-'), e.event_type) NOT IN (SELECT was, becomes FROM edge)
UNION ALL
SELECT aggregate_id, 'has ' || count(*) || ' events up to version ' || max(aggregate_version)
FROM events
WHERE (created_at <= $1 OR $1 IS NULL)
GROUP BY aggregate_id, aggregate_type
HAVING count(*) <> max(aggregate_version);

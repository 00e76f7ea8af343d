-- I7. Exactly one payment.created for each payment, and exactly one event for each version of an aggregate.
-- $1, where set, is the last moment that counts.
SELECT p.payment_no AS subject, 'has ' || count(e.seq) || ' payment.created events' AS detail
FROM payments p
LEFT JOIN events e ON e.aggregate_id = p.payment_no AND e.aggregate_type = 'payment' AND e.event_type = 'payment.created'
WHERE (p.created_at <= $1 OR $1 IS NULL)
GROUP BY p.payment_no
HAVING count(e.seq) <> 1
UNION ALL
SELECT aggregate_id, 'has ' || count(*) || ' events of version ' || aggregate_version
FROM events
WHERE (created_at <= $1 OR $1 IS NULL)
GROUP BY aggregate_id, aggregate_type, aggregate_version
HAVING count(*) > 1;

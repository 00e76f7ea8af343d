-- I1. What was acknowledged is durable: every payment has its payment.created event, and every key that was answered with
-- 201 names a payment that exists. (Whether an answer that left is in the database at all, only the client's journal tells.)
-- The event is looked for as version 1, which the index alone tells; that version 1 is a payment.created is I5.
-- $1, where set, is the last moment that counts.
SELECT p.payment_no AS subject, 'has no payment.created event' AS detail
FROM payments p
WHERE (p.created_at <= $1 OR $1 IS NULL) AND NOT EXISTS (
  SELECT 1 FROM events e
  WHERE e.aggregate_id = p.payment_no AND e.aggregate_type = 'payment' AND e.aggregate_version = 1
)
UNION ALL
SELECT coalesce(i.payment_no, i.key), 'was answered with 201 under an idempotency key, and does not exist'
FROM idempotency i
LEFT JOIN payments p ON p.payment_no = i.payment_no
WHERE i.status = 201 AND p.payment_no IS NULL AND (i.created_at <= $1 OR $1 IS NULL);

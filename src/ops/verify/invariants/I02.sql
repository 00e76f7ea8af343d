-- I2. One payment for each merchant and idempotency key within 30 days: the key of a payment answers for that payment and
-- for no other. $1 is the moment 30 days ago, from where on keys are kept; unset, every payment is looked at.
SELECT p.payment_no AS subject,
  CASE WHEN i.key IS NULL THEN 'was made under an idempotency key that has no row'
       ELSE 'was made under an idempotency key that answers for ' || coalesce(i.payment_no, 'no payment') END AS detail
FROM payments p
LEFT JOIN idempotency i ON i.merchant_id = p.merchant_id AND i.key = p.idempotency_key
WHERE p.idempotency_key IS NOT NULL AND (p.created_at >= $1 OR $1 IS NULL)
  AND (i.payment_no IS NULL OR i.payment_no <> p.payment_no)
UNION ALL
SELECT key, 'has ' || count(*) || ' rows for one merchant'
FROM idempotency
GROUP BY merchant_id, key
HAVING count(*) > 1;

-- I27. A fee is rounded once and half to even: each payment's fee is its amount times its rate. The product of the largest amount
-- and rate does not fit 64 bits, hence the division of the amount first. $1, where set, is the last moment that counts.
WITH item AS (
  SELECT payment_no, amount, fee_bps, fee_amount,
    amount / 10000 * fee_bps + amount % 10000 * fee_bps / 10000 AS whole,
    amount % 10000 * fee_bps % 10000 AS rest
  FROM payments
  WHERE (created_at <= $1 OR $1 IS NULL)
),
rounded AS (
  SELECT payment_no, amount, fee_bps, fee_amount,
    whole + CASE WHEN rest > 5000 OR (rest = 5000 AND whole % 2 = 1) THEN 1 ELSE 0 END AS fee
  FROM item
)
SELECT payment_no AS subject, 'has a fee of ' || fee_amount || ' where ' || fee_bps || ' bps of ' || amount || ' are ' || fee AS detail
FROM rounded
WHERE fee_amount <> fee;

-- I30. A channel's webhook is taken once: one row for each evt_ id with at most one effect. What was applied names a payment
-- that exists, and a payment was paid by one webhook at most. (That it has one success at most is I5: nothing follows one.)
SELECT evt_id AS subject, 'has ' || count(*) || ' rows' AS detail
FROM webhook_in
GROUP BY evt_id
HAVING count(*) > 1
UNION ALL
SELECT w.evt_id, 'was applied to ' || w.payment_no || ', which does not exist'
FROM webhook_in w
WHERE w.state = 'applied' AND w.payment_no IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.payment_no = w.payment_no)
UNION ALL
SELECT w.payment_no, 'had ' || count(*) || ' webhooks of ' || w.event_type || ' applied to it'
FROM webhook_in w
WHERE w.state = 'applied' AND w.event_type = 'payment_intent.succeeded' AND w.payment_no IS NOT NULL
GROUP BY w.payment_no, w.event_type
HAVING count(*) > 1;

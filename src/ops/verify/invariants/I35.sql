-- I35. What belongs to a merchant stays with it: an order, a booking, a mail and an answer that are about a payment belong to the
-- merchant of that payment. (Who may ask for what is shown by tests of every endpoint.)
SELECT p.payment_no AS subject, 'belongs to ' || p.merchant_id || ', and order ' || o.order_no || ' to ' || o.merchant_id AS detail
FROM orders o
JOIN payments p ON p.payment_no = o.payment_no
WHERE o.merchant_id <> p.merchant_id
UNION ALL
SELECT p.payment_no, 'belongs to ' || p.merchant_id || ', and booking ' || t.transaction_id || ' to ' || t.merchant_id
FROM transactions t
JOIN payments p ON p.payment_no = t.related_id
WHERE t.merchant_id <> p.merchant_id
UNION ALL
SELECT p.payment_no, 'belongs to ' || p.merchant_id || ', and the mail ' || n.template || ' to ' || n.merchant_id
FROM notifications n
JOIN payments p ON p.payment_no = n.payment_no
WHERE n.merchant_id <> p.merchant_id
UNION ALL
SELECT p.payment_no, 'belongs to ' || p.merchant_id || ', and the answer that names it to ' || i.merchant_id
FROM idempotency i
JOIN payments p ON p.payment_no = i.payment_no
WHERE i.merchant_id <> p.merchant_id;

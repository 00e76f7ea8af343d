-- I8, for orders: status and version of each order are those of its last event. Read by I08.rs, which does the same for payments
-- with all that their events say.
SELECT coalesce(nullif(o.payment_no, ''), CAST(o.merchant_id AS TEXT) || '/' || o.order_no) AS subject,
  'order ' || o.order_no || ' is ' || o.status || ' at version ' || o.version || '; its event of that version '
  || CASE WHEN e.event_type IS NULL THEN 'is not there'
          ELSE 'is ' || e.event_type END AS detail
FROM orders o
LEFT JOIN events e
  ON e.aggregate_id = CAST(o.merchant_id AS TEXT) || '/' || o.order_no AND e.aggregate_type = 'order' AND e.aggregate_version = o.version
WHERE e.event_type IS NULL OR e.event_type <> CASE WHEN o.status = 'pending' THEN 'order.created' ELSE 'order.' || o.status END
UNION ALL
SELECT coalesce(nullif(o.payment_no, ''), CAST(o.merchant_id AS TEXT) || '/' || o.order_no),
  'order ' || o.order_no || ' is ' || o.status || ' at version ' || o.version || ', and has an event of version '
  || later.aggregate_version
FROM orders o
JOIN events later
  ON later.aggregate_id = CAST(o.merchant_id AS TEXT) || '/' || o.order_no AND later.aggregate_type = 'order'
  AND later.aggregate_version = o.version + 1;

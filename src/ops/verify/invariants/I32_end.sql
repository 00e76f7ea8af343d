-- I32 goes on here, on either engine.
)
SELECT min(payment_no) AS subject, count(*) || ' messages have the id ' || message_id AS detail
FROM notifications
GROUP BY message_id
HAVING count(*) > 1
UNION ALL
SELECT payment_no, 'was told of ' || source_event_type || ' by ' || channel || ' ' || count(*) || ' times'
FROM notifications
WHERE source_event_type IN ('payment.created', 'payment.success')
GROUP BY payment_no, source_event_type, channel, recipient
HAVING count(*) > 1
UNION ALL
SELECT n.payment_no, n.template || ' is about an event that is not there'
FROM notifications n
WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = n.source_event_id)
UNION ALL
SELECT n.payment_no, n.template || ' is ' || n.status || CASE WHEN n.sent_at IS NULL THEN ', and was never sent' ELSE ', and was sent' END
FROM notifications n
WHERE (n.status = 'sent' AND n.sent_at IS NULL) OR (n.status <> 'sent' AND n.sent_at IS NOT NULL)
UNION ALL
SELECT CAST(e.event_id AS TEXT), e.event_type || ' of ' || e.aggregate_id || ' has no message'
FROM events e
CROSS JOIN event_places l
CROSS JOIN consumer_offsets o
WHERE EXISTS (SELECT 1 FROM quiet q WHERE q.is_quiet = 1)
  AND l.seq = e.seq AND o.topic = l.topic AND o.partition = l.partition AND l.log_offset < o.next_offset
  AND o.grp = 'payctl.notification' AND e.event_type IN (
    'payment.created', 'payment.success', 'payment.failed', 'order.created', 'order.paid', 'order.cancelled', 'order.shipped',
    'refund.success', 'refund.failed'
  )
  AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.source_event_id = e.event_id);

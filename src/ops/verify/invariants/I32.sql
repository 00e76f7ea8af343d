-- I32. Mails: one row a Message-ID, none about nothing, none told twice of what happens once, and none missing once the group has
-- taken everything. (A crash between the server's answer and our commit may send one copy more under the same Message-ID; no
-- database knows of that.)
WITH quiet (is_quiet) AS (
  -- A mail that was asked for waits for the relay or lies on its topic until the group has taken it, so nothing is missing before that.
  SELECT 1
  WHERE NOT EXISTS (
      SELECT 1 FROM events w
      LEFT JOIN event_places l ON l.seq = w.seq
      LEFT JOIN consumer_offsets o ON o.grp = 'payctl.notification' AND o.topic = l.topic AND o.partition = l.partition
      WHERE w.topic = 'notifications.email' AND (l.seq IS NULL OR l.log_offset >= coalesce(o.next_offset, 0))
    )
    AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = 'payctl.notification' AND d.state <> 'resolved')
),
mailing (event_type) AS (
  VALUES
    ('payment.created'), ('payment.success'), ('payment.failed'), ('order.created'), ('order.paid'), ('order.cancelled'),
    ('order.shipped'), ('refund.success'), ('refund.failed')
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
FROM quiet q
JOIN consumer_offsets o ON o.grp = 'payctl.notification' AND q.is_quiet = 1
JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition AND l.log_offset < o.next_offset
JOIN events e ON e.seq = l.seq
WHERE e.event_type IN (SELECT event_type FROM mailing)
  AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.source_event_id = e.event_id);

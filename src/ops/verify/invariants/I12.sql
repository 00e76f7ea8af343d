-- I12. An event has at most one effect in a group: one booking and one transfer a leg, one message a recipient, and counters
-- that equal the events that they count (those that analytics has dealt with and not parked).
SELECT CAST(source_event_id AS TEXT) AS subject, 'is booked ' || count(*) || ' times' AS detail
FROM transactions
GROUP BY source_event_id
HAVING count(*) > 1
UNION ALL
SELECT related_id, 'has ' || count(*) || ' bookings of its success'
FROM transactions
WHERE source_event_type = 'payment.success'
GROUP BY related_id
HAVING count(*) > 1
UNION ALL
SELECT CAST(source_event_id AS TEXT), 'has leg ' || leg || ' ' || count(*) || ' times'
FROM transfers
GROUP BY source_event_id, leg
HAVING count(*) > 1
UNION ALL
SELECT CAST(source_event_id AS TEXT), 'has ' || count(*) || ' messages by ' || channel || ' to one recipient'
FROM notifications
GROUP BY source_event_id, channel, recipient
HAVING count(*) > 1
UNION ALL
SELECT m.merchant_id || ' ' || m.date || ' ' || m.currency,
  'counts ' || m.total_payments || ' created, ' || m.success_payments || ' successful (' || m.success_amount || '), '
  || m.failed_payments || ' failed; its events say ' || coalesce(c.created, 0) || ', ' || coalesce(c.success, 0)
  || ' (' || coalesce(c.success_amount, 0) || '), ' || coalesce(c.failed, 0)
FROM payment_metrics m
LEFT JOIN (
  SELECT p.merchant_id, substr(p.created_at, 1, 10) AS date, p.currency,
    count(CASE WHEN e.event_type = 'payment.created' THEN 1 END) AS created,
    count(CASE WHEN e.event_type = 'payment.success' THEN 1 END) AS success,
    count(CASE WHEN e.event_type = 'payment.failed' THEN 1 END) AS failed,
    coalesce(sum(CASE WHEN e.event_type = 'payment.success' THEN p.amount END), 0) AS success_amount
  FROM events e
  JOIN payments p ON p.payment_no = e.aggregate_id
  LEFT JOIN event_places l ON l.seq = e.seq
  LEFT JOIN consumer_offsets o
    ON o.grp = 'payctl.analytics' AND o.topic = l.topic AND o.partition = l.partition AND l.log_offset < o.next_offset
  WHERE e.topic = 'payment.events' AND e.event_type IN ('payment.created', 'payment.success', 'payment.failed')
    -- What did not come by the log came past it while that was away, and has its mark.
    AND (o.grp IS NOT NULL OR EXISTS (
      SELECT 1 FROM inbox i
      WHERE i.grp = 'payctl.analytics' AND i.event_id = e.event_id
        AND i.event_day = substr(e.headers, instr(e.headers, '"timestamp":"') + 13, 10)
    ))
    AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = 'payctl.analytics' AND d.event_id = e.event_id AND d.state <> 'resolved')
  GROUP BY 1, 2, 3
) c ON c.merchant_id = m.merchant_id AND c.date = m.date AND c.currency = m.currency
WHERE m.total_payments <> coalesce(c.created, 0) OR m.success_payments <> coalesce(c.success, 0)
  OR m.failed_payments <> coalesce(c.failed, 0) OR m.success_amount <> coalesce(c.success_amount, 0);

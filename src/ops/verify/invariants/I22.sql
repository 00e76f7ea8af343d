-- I22. Each monetary event is booked once and completely: every payment.success that accounting is past and has not parked
-- has one booking with exactly the legs of the chart of accounts (gross, and the fee where there is one), and no booking
-- stands without its event. The figures are the payment's own: I8 holds them equal to the event's.
WITH due AS (
  SELECT e.event_id, p.payment_no, p.amount, p.fee_amount, p.currency,
    'channel_clearing:' || p.channel AS clearing, 'merchant_pending:' || CAST(p.merchant_id AS TEXT) AS pending
  FROM events e
  CROSS JOIN event_places l
  CROSS JOIN consumer_offsets o
  JOIN payments p ON p.payment_no = e.aggregate_id
  WHERE l.seq = e.seq AND o.topic = l.topic AND o.partition = l.partition AND l.log_offset < o.next_offset
    AND o.grp = 'payctl.accounting' AND o.topic = 'payment.events' AND e.topic = o.topic AND e.event_type = 'payment.success'
    AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = o.grp AND d.event_id = e.event_id AND d.state <> 'resolved')
),
booked AS (
  SELECT due.*, t.transaction_id, t.currency AS booked_currency, t.related_id,
    CASE WHEN due.fee_amount > 0 THEN 2 ELSE 1 END AS due_legs,
    CASE WHEN gross.transaction_id = t.transaction_id AND gross.currency = due.currency AND gross.amount = due.amount
      AND gross.debit = due.clearing AND gross.credit = due.pending THEN 1 ELSE 0 END
    + CASE WHEN fee.transaction_id = t.transaction_id AND fee.currency = due.currency AND fee.amount = due.fee_amount
      AND fee.debit = due.pending AND fee.credit = 'fee_income' THEN 1 ELSE 0 END AS right_legs
  FROM due
  LEFT JOIN transactions t ON t.source_event_id = due.event_id
  LEFT JOIN transfers gross ON gross.source_event_id = due.event_id AND gross.leg = 'payment_gross'
  LEFT JOIN transfers fee ON fee.source_event_id = due.event_id AND fee.leg = 'payment_fee'
)
SELECT b.payment_no AS subject,
  CASE
    WHEN b.transaction_id IS NULL AND b.legs = 0 THEN 'success is not booked'
    WHEN b.transaction_id IS NULL THEN 'success has ' || b.legs || ' legs and no booking'
    WHEN b.related_id <> b.payment_no THEN 'success is booked for ' || b.related_id
    WHEN b.booked_currency <> b.currency THEN 'success in ' || b.currency || ' is booked in ' || b.booked_currency
    ELSE 'booking ' || b.transaction_id || ' has ' || b.legs || ' legs, ' || b.right_legs || ' of them right, where '
      || b.due_legs || ' are due'
  END AS detail
FROM (
  SELECT w.*, (SELECT count(*) FROM transfers x WHERE x.source_event_id = w.event_id) AS legs
  FROM booked w
  WHERE w.transaction_id IS NULL OR w.related_id <> w.payment_no OR w.booked_currency <> w.currency OR w.right_legs <> w.due_legs
) AS b
UNION ALL
SELECT t.related_id, 'booking ' || t.transaction_id || ' has the leg ' || x.leg || ', and a success has no such leg'
FROM transfers x
JOIN transactions t ON t.source_event_id = x.source_event_id AND t.source_event_type = 'payment.success'
WHERE x.leg NOT IN ('payment_gross', 'payment_fee')
UNION ALL
SELECT t.related_id, 'is booked as ' || t.transaction_id || ' for an event that is not there'
FROM transactions t
WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = t.source_event_id AND e.event_type = t.source_event_type)
UNION ALL
SELECT CAST(x.source_event_id AS TEXT), 'leg ' || x.leg || ' belongs to ' || x.transaction_id || ', which is no booking of this event'
FROM transfers x
WHERE NOT EXISTS (SELECT 1 FROM transactions t WHERE t.transaction_id = x.transaction_id AND t.source_event_id = x.source_event_id);

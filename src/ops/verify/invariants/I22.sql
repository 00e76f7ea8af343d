-- I22. Each monetary event is booked once and completely: every payment.success that accounting is past and has not parked
-- has one booking with exactly the legs of the chart of accounts (gross, and the fee where there is one), and no booking
-- stands without its event. The figures are the payment's own: I8 holds them equal to the event's.
WITH due AS (
  SELECT e.event_id, p.payment_no, p.amount, p.fee_amount, p.currency,
    'channel_clearing:' || p.channel AS clearing, 'merchant_pending:' || p.merchant_id AS pending
  FROM consumer_offsets o
  JOIN event_places l ON l.topic = o.topic AND l.partition = o.partition AND l.log_offset < o.next_offset
  JOIN events e ON e.seq = l.seq
  JOIN payments p ON p.payment_no = e.aggregate_id
  WHERE o.grp = 'payctl.accounting' AND o.topic = 'payment.events' AND e.event_type = 'payment.success'
    AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = o.grp AND d.event_id = e.event_id AND d.state <> 'resolved')
),
-- Read once a success, since each column of it is asked for several times.
booked AS MATERIALIZED (
  SELECT due.*, t.transaction_id, t.currency AS booked_currency, t.related_id,
    coalesce(counted.legs, 0) AS legs,
    CASE WHEN fee_amount > 0 THEN 2 ELSE 1 END AS due_legs,
    CASE WHEN gross.amount IS NULL THEN 0 ELSE 1 END + CASE WHEN fee.amount IS NULL THEN 0 ELSE 1 END AS right_legs
  FROM due
  LEFT JOIN transactions t ON t.source_event_id = due.event_id
  LEFT JOIN (SELECT x.source_event_id, count(*) AS legs FROM transfers x GROUP BY x.source_event_id) counted
    ON counted.source_event_id = due.event_id
  LEFT JOIN transfers gross
    ON gross.source_event_id = due.event_id AND gross.leg = 'payment_gross' AND gross.transaction_id = t.transaction_id
    AND gross.currency = due.currency AND gross.amount = due.amount AND gross.debit = clearing AND gross.credit = pending
  LEFT JOIN transfers fee
    ON fee.source_event_id = due.event_id AND fee.leg = 'payment_fee' AND fee.transaction_id = t.transaction_id
    AND fee.currency = due.currency AND fee.amount = due.fee_amount AND fee.debit = pending AND fee.credit = 'fee_income'
)
SELECT payment_no AS subject,
  CASE
    WHEN transaction_id IS NULL AND legs = 0 THEN 'success is not booked'
    WHEN transaction_id IS NULL THEN 'success has ' || legs || ' legs and no booking'
    WHEN related_id <> payment_no THEN 'success is booked for ' || related_id
    WHEN booked_currency <> currency THEN 'success in ' || currency || ' is booked in ' || booked_currency
    ELSE 'booking ' || transaction_id || ' has ' || legs || ' legs, ' || right_legs || ' of them right, where ' || due_legs || ' are due'
  END AS detail
FROM booked
WHERE transaction_id IS NULL OR related_id <> payment_no OR booked_currency <> currency OR legs <> right_legs
  OR right_legs <> due_legs
UNION ALL
SELECT t.related_id, 'is booked as ' || t.transaction_id || ' for an event that is not there'
FROM transactions t
WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = t.source_event_id AND e.event_type = t.source_event_type)
UNION ALL
SELECT CAST(x.source_event_id AS TEXT), 'leg ' || x.leg || ' belongs to ' || x.transaction_id || ', which is no booking of this event'
FROM transfers x
WHERE NOT EXISTS (SELECT 1 FROM transactions t WHERE t.transaction_id = x.transaction_id AND t.source_event_id = x.source_event_id);

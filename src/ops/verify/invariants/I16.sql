-- I16. A dead letter and its effect exclude each other: what is failed, held or being replayed in a group has had no effect there.
-- A replay of such a letter closes it and changes nothing, since it meets its mark. (Ordered groups mark versions: I15.)
SELECT CAST(d.event_id AS TEXT) AS subject,
  d.grp || ' has parked ' || coalesce(d.event_type, 'it') || ' (' || d.state || ') and booked it as ' || t.transaction_id AS detail
FROM dlq d
JOIN transactions t ON t.source_event_id = d.event_id
WHERE d.grp = 'payctl.accounting' AND d.state IN ('failed', 'blocked', 'replaying')
UNION ALL
SELECT CAST(d.event_id AS TEXT), d.grp || ' has parked ' || coalesce(d.event_type, 'it') || ' (' || d.state || ') and marked it as done with'
FROM dlq d
JOIN inbox i ON i.grp = d.grp AND i.event_id = d.event_id
  AND i.event_day = substr(d.headers, instr(d.headers, '"timestamp":"') + 13, 10)
WHERE d.state IN ('failed', 'blocked', 'replaying');

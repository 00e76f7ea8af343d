-- I15. Order survives failure: while a version of an aggregate is parked or held in an ordered group, neither it nor a later
-- one is applied there.
SELECT coalesce(CAST(d.event_id AS TEXT), d.aggregate_id) AS subject,
  d.grp || ' applied version ' || a.version || ' of ' || d.aggregate_id || ' while version ' || d.version || ' is ' || d.state AS detail
FROM dlq d
JOIN applied_version a ON a.aggregate_id = d.aggregate_id AND a.grp = d.grp
WHERE d.state IN ('failed', 'blocked', 'replaying') AND a.version >= d.version;

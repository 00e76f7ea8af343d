-- I18 goes on here, on either engine.
),
marked (grp, marks) AS (
  SELECT grp, count(*) FROM inbox GROUP BY grp
),
counted (grp, marks, events) AS (
  SELECT m.grp, m.marks, coalesce(sum(w.events), 0)
  FROM marked m
  JOIN reads r ON r.grp = m.grp
  LEFT JOIN written w ON w.topic = r.topic
  GROUP BY m.grp, m.marks
)
SELECT c.grp AS subject, 'is done with ' || c.marks || ' events, and its topics have ' || c.events AS detail
FROM counted c
WHERE c.marks > c.events
UNION ALL
SELECT CAST(i.event_id AS TEXT), i.grp || ' is done with it ' || count(*) || ' times, from ' || min(i.event_day) || ' to ' || max(i.event_day)
FROM counted c
JOIN inbox i ON i.grp = c.grp
WHERE c.marks > c.events
GROUP BY i.grp, i.event_id
HAVING count(*) > 1;

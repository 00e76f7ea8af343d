    -- I13 on SQLite, which finds a mark only by its day.
    AND NOT EXISTS (
      SELECT 1 FROM inbox i
      WHERE i.grp = o.grp AND i.event_day = substr(e.created_at, 1, 10) AND i.event_id = e.event_id
    )
    -- The mark lies under the day that the event names, which need not be the day on which the log took it.
    AND NOT EXISTS (
      SELECT 1 FROM inbox i
      WHERE i.grp = o.grp AND i.event_id = e.event_id
        AND i.event_day = substr(e.headers, instr(e.headers, '"timestamp":"') + 13, 10)
    )

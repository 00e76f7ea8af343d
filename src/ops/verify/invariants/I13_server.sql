    -- I13 on PostgreSQL: by the id alone, which is one join; the days of the marks are for looking one up.
    AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.grp = o.grp AND i.event_id = e.event_id)

-- I32. Mails: one row a Message-ID, none about nothing, none told twice of what happens once, and none missing once the group has
-- taken everything. (A crash between the server's answer and our commit may send one copy more under the same Message-ID; no
-- database knows of that.)
-- The condition that follows its end is in the words of each engine (I32_embedded.sql, I32_server.sql), the rest in I32_end.sql.
WITH quiet (is_quiet) AS (
  -- A mail that was asked for waits for the relay or lies on its topic until the group has taken it, so nothing is missing before that.
  SELECT 1
  WHERE NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = 'payctl.notification' AND d.state <> 'resolved') AND

-- I18. Whichever way an event came, a group is done with it once: a group that marks events has no more marks than there are events
-- on its topics. (Fewer is what it has not come to, and I13 asks for each that it is past. That what came past the brokers is
-- published all the same is I9.)
-- The counts that follow its end are in the words of each engine (I18_embedded.sql, I18_server.sql), the rest in I18_end.sql.
WITH reads (grp, topic) AS (
  VALUES
    ('payctl.notification', 'payment.events'), ('payctl.notification', 'payment.refund.events'),
    ('payctl.notification', 'order.events'), ('payctl.notification', 'settlement.events'),
    ('payctl.notification', 'withdrawal.events'), ('payctl.notification', 'notifications.email'),
    ('payctl.notification', 'notifications.sms'), ('payctl.notification', 'notifications.webhook'),
    ('payctl.analytics', 'payment.events'), ('payctl.analytics', 'payment.refund.events'), ('payctl.analytics', 'order.events')
),
written (topic, events) AS (

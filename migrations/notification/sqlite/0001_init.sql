-- One row for each mail to one recipient, from wanted to sent.

CREATE TABLE notifications (
  notification_id TEXT PRIMARY KEY,
  source_event_id TEXT NOT NULL,
  source_event_type TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'webhook')),
  template TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  payment_no TEXT NOT NULL,
  variables TEXT NOT NULL,
  -- skipped: there was no address. failed: every try is used up.
  status TEXT NOT NULL CHECK (status IN ('pending', 'sent', 'failed', 'skipped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- Tries that the server refused or left unanswered; only they use up a mail's tries, a server that is down does not.
  refusals INTEGER NOT NULL DEFAULT 0,
  -- While leased: when the lease ends.
  next_attempt_at TEXT NOT NULL,
  lease_owner TEXT,
  lease_until TEXT,
  message_id TEXT NOT NULL,
  last_error TEXT,
  trace_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  sent_at TEXT,
  UNIQUE (source_event_id, channel, recipient)
) STRICT;
CREATE INDEX notifications_waiting ON notifications (next_attempt_at) WHERE status = 'pending';
CREATE INDEX notifications_by_payment ON notifications (payment_no);
CREATE INDEX notifications_by_merchant ON notifications (merchant_id, created_at);

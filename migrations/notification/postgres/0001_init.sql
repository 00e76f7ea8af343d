-- One row for each mail to one recipient, from wanted to sent.

CREATE TABLE notifications (
  notification_id UUID PRIMARY KEY,
  source_event_id UUID NOT NULL,
  source_event_type TEXT COLLATE "C" NOT NULL,
  channel TEXT COLLATE "C" NOT NULL CHECK (channel IN ('email', 'sms', 'webhook')),
  template TEXT COLLATE "C" NOT NULL,
  merchant_id UUID NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL,
  payment_no TEXT COLLATE "C" NOT NULL,
  variables TEXT COLLATE "C" NOT NULL,
  -- skipped: there was no address. failed: every try is used up.
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('pending', 'sent', 'failed', 'skipped')),
  attempts BIGINT NOT NULL DEFAULT 0,
  -- Tries that the server refused or left unanswered; only they use up a mail's tries, a server that is down does not.
  refusals BIGINT NOT NULL DEFAULT 0,
  -- While leased: when the lease ends.
  next_attempt_at TIMESTAMPTZ NOT NULL,
  lease_owner TEXT COLLATE "C",
  lease_until TIMESTAMPTZ,
  message_id TEXT COLLATE "C" NOT NULL,
  last_error TEXT COLLATE "C",
  trace_id TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  sent_at TIMESTAMPTZ,
  UNIQUE (source_event_id, channel, recipient)
);
CREATE INDEX notifications_waiting ON notifications (next_attempt_at) WHERE status = 'pending';
CREATE INDEX notifications_by_payment ON notifications (payment_no);
CREATE INDEX notifications_by_merchant ON notifications (merchant_id, created_at);

-- Intents at the channel, and the sandbox's own webhooks on their way to the gateway.

CREATE TABLE channel_intents (
  -- The payment's number stands in while a create has no answer.
  intent_id TEXT PRIMARY KEY,
  payment_no TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  order_no TEXT NOT NULL,
  provider TEXT NOT NULL CHECK (provider IN ('sandbox', 'stripe')),
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  -- Stripe's own words: requires_payment_method, processing, succeeded, canceled; unknown while a create has no answer.
  status TEXT NOT NULL,
  -- Why the payer was declined, in the sandbox.
  last_error TEXT,
  client_secret TEXT,
  -- What Stripe was sent, so that a create without an answer is re-sent unchanged …
  request TEXT,
  -- … until this moment: Stripe forgets its keys a day after the first use.
  resend_until TEXT,
  -- Whoever sends at present holds the row until then.
  lease_until TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
-- One payment, one intent, for ever: two tabs, two processes and a crash between meet here.
CREATE UNIQUE INDEX channel_intents_by_payment ON channel_intents (payment_no);

-- Payments whose page was closed: no intent is made for them any more.
CREATE TABLE channel_closed (
  payment_no TEXT PRIMARY KEY,
  closed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sandbox_webhooks (
  evt_id TEXT PRIMARY KEY,
  payment_no TEXT NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  delivered_at TEXT
) STRICT;
CREATE INDEX sandbox_webhooks_waiting ON sandbox_webhooks (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX sandbox_webhooks_by_payment ON sandbox_webhooks (payment_no);

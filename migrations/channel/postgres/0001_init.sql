-- Intents at the channel, and the sandbox's own webhooks on their way to the gateway.

CREATE TABLE channel_intents (
  -- The payment's number stands in while a create has no answer.
  intent_id TEXT COLLATE "C" PRIMARY KEY,
  payment_no TEXT COLLATE "C" NOT NULL,
  merchant_id UUID NOT NULL,
  order_no TEXT COLLATE "C" NOT NULL,
  provider TEXT COLLATE "C" NOT NULL CHECK (provider IN ('sandbox', 'stripe')),
  amount BIGINT NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  -- Stripe's own words: requires_payment_method, processing, succeeded, canceled; unknown while a create has no answer.
  status TEXT COLLATE "C" NOT NULL,
  -- Why the payer was declined, in the sandbox.
  last_error TEXT COLLATE "C",
  client_secret TEXT COLLATE "C",
  -- What Stripe was sent, so that a create without an answer is re-sent unchanged …
  request TEXT COLLATE "C",
  -- … until this moment: Stripe forgets its keys a day after the first use.
  resend_until TIMESTAMPTZ,
  -- Whoever sends at present holds the row until then.
  lease_until TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
-- One payment, one intent, for ever: two tabs, two processes and a crash between meet here.
CREATE UNIQUE INDEX channel_intents_by_payment ON channel_intents (payment_no);

-- Payments whose page was closed: no intent is made for them any more.
CREATE TABLE channel_closed (
  payment_no TEXT COLLATE "C" PRIMARY KEY,
  closed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE sandbox_webhooks (
  evt_id TEXT COLLATE "C" PRIMARY KEY,
  payment_no TEXT COLLATE "C" NOT NULL,
  event_type TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'delivered')),
  attempts BIGINT NOT NULL DEFAULT 0,
  next_attempt_at TIMESTAMPTZ NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  delivered_at TIMESTAMPTZ
);
CREATE INDEX sandbox_webhooks_waiting ON sandbox_webhooks (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX sandbox_webhooks_by_payment ON sandbox_webhooks (payment_no);
